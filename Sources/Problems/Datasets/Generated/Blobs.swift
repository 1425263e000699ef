import Networks
import Settings
import Tensors

/// Isotropic normal clouds around random centres, one for each class: scikit-learn's `make_blobs`.
///
/// Each coordinate of a centre is uniform in [−10, 10); a point is its centre plus `spread` times a
/// standard normal vector.
struct Blobs: ExampleGenerator {
  let classes: Int
  let dimension: Int
  let spread: Double

  var name: String { "blobs" }
  var title: String { "\(classes) normal clouds in \(dimension) dimensions" }
  var exampleShape: [Int] { [dimension] }
  var targets: TargetKind { .classes(classes) }

  /// Classes take turns; each example takes its coordinates.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable {
    let centres = (0..<classes * dimension).map { _ in 20 * structure.uniform() - 10 }
    var features: [Float] = []
    features.reserveCapacity(count * dimension)
    var labels: [Int32] = []
    for example in 0..<count {
      let label = example % classes
      for axis in 0..<dimension {
        features.append(Float(centres[label * dimension + axis] + spread * stream.normal()))
      }
      labels.append(Int32(label))
    }
    return ExampleTable(
      count: count, features: .floats(features), columns: dimension, targets: .classes(labels))
  }

  static let entry = GeneratedDataset.entry(
    name: "blobs", summary: "normal clouds around random centres, one for each class",
    reference: "scikit-learn's make_blobs, Pedregosa et al. (2011)", sizes: (2000, 500, 500),
    options: [
      Hyperparameter("classes", .integer(2...1000), default: .integer(5), "clouds"),
      Hyperparameter(
        "dimension", .integer(1...10_000), default: .integer(2), "coordinates of a point"),
      Hyperparameter(
        "spread", .number(.nonnegative), default: .number(1), scale: .logarithmic,
        "standard deviation of each coordinate around the centre"),
    ]
  ) {
    Blobs(
      classes: $0.integer("classes"), dimension: $0.integer("dimension"),
      spread: $0.number("spread"))
  }
}
