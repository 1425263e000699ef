import Networks
import Settings
import Tensors

/// The adding problem (Hochreiter & Schmidhuber, 1997): two of the numbers of a sequence are marked,
/// and their mean is asked for at the end.
///
/// The input is `[length, 2]`: a mark, 0 or 1, and a number uniform in [0, 1). The first mark lies in
/// the first tenth of the sequence, the second between the first tenth and the middle, as in the
/// code of Pascanu, Mikolov & Bengio (2013). Always answering ½ has a mean squared error of 1/24.
///
/// Deviations: the length is the same for all examples (theirs is up to a tenth longer), and the
/// examples are a fixed set (theirs are drawn anew for each step).
struct AddingProblem: ExampleGenerator {
  let length: Int

  var name: String { "adding" }
  var title: String { "adding problem of length \(length)" }
  var exampleShape: [Int] { [length, 2] }
  var targets: TargetKind { .values(1) }

  /// Each example takes `length` uniform numbers, then the two marks' places.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable {
    var features = [Float](repeating: 0, count: count * length * 2)
    var sums: [Float] = []
    let tenth = length / 10
    for example in 0..<count {
      let start = example * length * 2
      for step in 0..<length { features[start + 2 * step + 1] = Float(stream.uniform()) }
      let first = start + 2 * stream.integer(below: tenth)
      let second = start + 2 * (tenth + stream.integer(below: length * 4 / 10))
      features[first] = 1
      features[second] = 1
      sums.append((features[first + 1] + features[second + 1]) / 2)
    }
    return ExampleTable(
      count: count, features: .floats(features), columns: length * 2,
      targets: .values(sums, width: 1))
  }

  static let entry = GeneratedDataset.entry(
    name: "adding", summary: "adding problem: the mean of the two marked numbers of a sequence",
    reference: "Hochreiter & Schmidhuber (1997), Pascanu et al. (2013)",
    sizes: (10_000, 1000, 1000),
    options: [
      Hyperparameter(
        "length", .integer(10...10_000), default: .integer(50), "time steps of a sequence")
    ]
  ) { AddingProblem(length: $0.integer("length")) }
}
