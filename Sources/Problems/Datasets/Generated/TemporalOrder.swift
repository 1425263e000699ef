import Networks
import Settings
import Tensors

/// The temporal order problem (Hochreiter & Schmidhuber, 1997): two or three symbols A or B stand
/// among distractors, and their order is asked for at the end.
///
/// The alphabet is A, B, c, d, e, f. As in the code of Pascanu, Mikolov & Bengio (2013): with two
/// symbols they lie in [0.1T, 0.2T) and [0.5T, 0.6T), the class is v₀ + 2v₁ of four; with three in
/// [0.1T, 0.2T), [0.3T, 0.4T) and [0.6T, 0.7T), the class is v₀ + 2v₁ + 4v₂ of eight (A is 0, B is 1).
/// Deviation: the examples are a fixed set (theirs are drawn anew for each step).
struct TemporalOrder: ExampleGenerator {
  let length: Int
  let symbols: Int
  let encoding: SymbolEncoding

  var name: String { "temporal-order" }
  var title: String { "temporal order of \(symbols) symbols, length \(length)" }
  var exampleShape: [Int] { encoding.exampleShape(length: length, symbols: Self.alphabet) }
  var targets: TargetKind { .classes(1 << symbols) }

  private static let alphabet = 6

  /// Where each symbol may begin, in tenths of the length.
  private var tenths: [Int] { symbols == 2 ? [1, 5] : [1, 3, 6] }

  /// Each example takes `length` distractors, then a place and a value for each symbol.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable {
    var codes: [Int32] = []
    codes.reserveCapacity(count * length)
    var labels: [Int32] = []
    for example in 0..<count {
      for _ in 0..<length { codes.append(Int32(2 + stream.integer(below: 4))) }
      var label = 0
      for (position, tenth) in tenths.enumerated() {
        let place = length * tenth / 10 + stream.integer(below: length / 10)
        let value = stream.integer(below: 2)
        codes[example * length + place] = Int32(value)
        label |= value << position
      }
      labels.append(Int32(label))
    }
    return ExampleTable(
      count: count, features: encoding.features(codes, symbols: Self.alphabet), columns: length,
      targets: .classes(labels))
  }

  static let entry = GeneratedDataset.entry(
    name: "temporal-order",
    summary: "temporal order: which of A and B came first, second (and third) in a sequence",
    reference: "Hochreiter & Schmidhuber (1997), Pascanu et al. (2013)",
    sizes: (10_000, 1000, 1000),
    options: [
      Hyperparameter(
        "length", .integer(10...10_000), default: .integer(50), "time steps of a sequence"),
      Hyperparameter(
        "symbols", .integer(2...3), default: .integer(2), "symbols whose order is asked for"),
      SymbolEncoding.hyperparameter(default: .oneHot),
    ]
  ) {
    TemporalOrder(
      length: $0.integer("length"), symbols: $0.integer("symbols"), encoding: SymbolEncoding($0))
  }
}
