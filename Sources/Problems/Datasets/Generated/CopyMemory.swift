import Networks
import Settings
import Tensors

/// The copy memory problem (Hochreiter & Schmidhuber, 1997) as in Arjovsky, Shah & Bengio (2016):
/// ten symbols are shown, then `delay` − 1 blanks, a delimiter and ten blanks, in whose place the
/// ten symbols are to be said again.
///
/// The sequence has `delay` + 20 time steps. Symbols are 0 to 7, the blank is 8, the delimiter 9; a
/// prediction is asked for at every time step, of nine classes: the blank in the first `delay` + 10,
/// then the ten symbols. A model without memory has a cross-entropy of 10 ln 8/(delay + 20).
/// Deviation: the examples are a fixed set (theirs are drawn anew for each step).
struct CopyMemory: ExampleGenerator {
  let delay: Int
  let encoding: SymbolEncoding

  private static let shown = 10
  private static let symbols = 8
  private static let blank = Int32(symbols)
  private static let delimiter = Int32(symbols + 1)

  private var length: Int { delay + 2 * Self.shown }

  var name: String { "copy-memory" }
  var title: String { "copy memory over \(delay) time steps" }
  var exampleShape: [Int] { encoding.exampleShape(length: length, symbols: Self.symbols + 2) }
  var targets: TargetKind { .classes(Self.symbols + 1) }
  var targetsPerExample: Int { length }

  /// Each example takes its ten symbols.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable {
    var codes = [Int32](repeating: Self.blank, count: count * length)
    var labels = codes
    for example in 0..<count {
      let start = example * length
      for step in 0..<Self.shown {
        let symbol = Int32(stream.integer(below: Self.symbols))
        codes[start + step] = symbol
        labels[start + delay + Self.shown + step] = symbol
      }
      codes[start + Self.shown + delay - 1] = Self.delimiter
    }
    return ExampleTable(
      count: count, features: encoding.features(codes, symbols: Self.symbols + 2), columns: length,
      targets: .classes(labels), targetsPerExample: length)
  }

  static let entry = GeneratedDataset.entry(
    name: "copy-memory", summary: "copy memory: ten symbols to be said again after a delay",
    reference: "Hochreiter & Schmidhuber (1997), Arjovsky et al. (2016)",
    sizes: (10_000, 1000, 1000),
    options: [
      Hyperparameter(
        "delay", .integer(1...10_000), default: .integer(50),
        "time steps between the symbols and their repetition"),
      SymbolEncoding.hyperparameter(default: .oneHot),
    ]
  ) { CopyMemory(delay: $0.integer("delay"), encoding: SymbolEncoding($0)) }
}
