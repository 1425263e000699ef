import Networks
import Settings
import Tensors

/// Regression on the outputs of a random network (Gardner & Derrida, 1989; Saad & Solla, 1995): a
/// student of the same or another size can reach the teacher, and the noise is the least loss.
///
/// x is a standard normal vector, y = V·tanh(W·x) + `noise`·ε with W ~ N(0, 1/inputs) of `hidden`
/// rows, V ~ N(0, 1/hidden) of `outputs` rows and ε standard normal; sums in `Double`.
struct TeacherStudent: ExampleGenerator {
  let inputs: Int
  let hidden: Int
  let outputs: Int
  let noise: Double

  var name: String { "teacher-student" }
  var title: String { "teacher network \(inputs)-\(hidden)-\(outputs), tanh" }
  var exampleShape: [Int] { [inputs] }
  var targets: TargetKind { .values(outputs) }

  /// W comes before V; each example takes its inputs, then its noise.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable {
    let first = normals(hidden * inputs, deviation: 1 / Double(inputs).squareRoot(), &structure)
    let second = normals(outputs * hidden, deviation: 1 / Double(hidden).squareRoot(), &structure)
    var features: [Float] = []
    features.reserveCapacity(count * inputs)
    var values: [Float] = []
    values.reserveCapacity(count * outputs)
    for _ in 0..<count {
      let x = normals(inputs, deviation: 1, &stream).map { Double(Float($0)) }
      let units = product(first, x).map { hyperbolicTangent($0) }
      for output in product(second, units) {
        values.append(Float(output + noise * stream.normal()))
      }
      features += x.map { Float($0) }
    }
    return ExampleTable(
      count: count, features: .floats(features), columns: inputs,
      targets: .values(values, width: outputs))
  }

  private func normals(
    _ count: Int, deviation: Double, _ stream: inout RandomStream
  ) -> [Double] {
    (0..<count).map { _ in deviation * stream.normal() }
  }

  /// The product of a matrix, row-major, and a vector.
  private func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    (0..<matrix.count / vector.count).map { row in
      var sum = 0.0
      for column in 0..<vector.count { sum += matrix[row * vector.count + column] * vector[column] }
      return sum
    }
  }

  static let entry = GeneratedDataset.entry(
    name: "teacher-student", summary: "regression on the outputs of a random tanh network",
    reference: "Gardner & Derrida (1989), Saad & Solla (1995)", sizes: (5000, 1000, 1000),
    options: [
      Hyperparameter("inputs", .integer(1...10_000), default: .integer(20), "inputs"),
      Hyperparameter(
        "hidden", .integer(1...10_000), default: .integer(10), "hidden units of the teacher"),
      Hyperparameter("outputs", .integer(1...1000), default: .integer(1), "outputs"),
      Hyperparameter(
        "noise", .number(.nonnegative), default: .number(0.1),
        "standard deviation of what is added to each output"),
    ]
  ) {
    TeacherStudent(
      inputs: $0.integer("inputs"), hidden: $0.integer("hidden"), outputs: $0.integer("outputs"),
      noise: $0.number("noise"))
  }
}
