import Networks
import Settings
import Tensors

/// Interleaved spirals in the plane (Lang & Witbrock, 1988), one for each class.
///
/// A point of class k has a radius r uniform in [0, 1), the angle 2π(k/classes + turns·r) plus
/// `noise` times a standard normal number (in radians), and the coordinates r·(cos, sin).
struct Spirals: ExampleGenerator {
  let classes: Int
  let turns: Double
  let noise: Double

  var name: String { "spirals" }
  var title: String { "\(classes) spirals" }
  var exampleShape: [Int] { [2] }
  var targets: TargetKind { .classes(classes) }

  /// Classes take turns; each example takes a radius and the noise of its angle.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable {
    var features: [Float] = []
    var labels: [Int32] = []
    for example in 0..<count {
      let label = example % classes
      let radius = stream.uniform()
      let angle =
        2 * Double.pi * (Double(label) / Double(classes) + turns * radius)
        + noise * stream.normal()
      features += [Float(radius * cosine(angle)), Float(radius * sine(angle))]
      labels.append(Int32(label))
    }
    return ExampleTable(
      count: count, features: .floats(features), columns: 2, targets: .classes(labels))
  }

  static let entry = GeneratedDataset.entry(
    name: "spirals", summary: "interleaved spirals in the plane, one for each class",
    reference: "Lang & Witbrock (1988)", sizes: (2000, 500, 500),
    options: [
      Hyperparameter("classes", .integer(2...100), default: .integer(3), "spirals"),
      Hyperparameter(
        "turns", .number(.positive), default: .number(0.75), "turns of each spiral"),
      Hyperparameter(
        "noise", .number(.nonnegative), default: .number(0.2),
        "standard deviation of the angle in radians"),
    ]
  ) {
    Spirals(
      classes: $0.integer("classes"), turns: $0.number("turns"), noise: $0.number("noise"))
  }
}
