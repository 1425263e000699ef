import Settings
import Tensors

/// f(x) = mean of exp(s|x_i|), whose gradient grows as fast as its value, with the minimum 1 at 0, a
/// kink (after the task `exploding_gradient` of HeavyBall's LightBench, where s goes from 1 to 16).
///
/// The derivative by x_i is s·exp(s|x_i|)·sign(x_i)/d, 0 at the kink. The start is (1, …, 1), the
/// unit e^s − 1. From s|x_i| = 709.8 on the value is infinite.
struct ExplodingGradient: TestFunction {
  let dimension: Int
  let scale: Double

  var summary: String { "mean exp(\(numberLabel(scale))|x|) in \(dimension) dimensions" }
  var lowerBound: Double { 1 }
  var start: [Double] { Array(repeating: 1, count: dimension) }
  var minimum: [Double]? { Array(repeating: 0, count: dimension) }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    let share = 1 / Double(dimension)
    var total = 0.0
    for index in 0..<dimension {
      let height = share * exponential(scale * abs(x[index]))
      total += height
      let slope = scale * height
      gradient[index] = x[index] == 0 ? 0 : x[index] > 0 ? slope : -slope
    }
    return total
  }

  static let entry = Functions.entry(
    name: "exploding-gradient",
    summary: "mean exp(s|x|), walls that grow exponentially; minimum 1 at 0",
    reference: "Nestler (2025)",
    hyperparameters: [
      .dimension(1...1_000_000, default: 512),
      Hyperparameter(
        "scale", .number(NumberRange(lower: 0, includesLower: false, upper: 100)),
        default: .number(4), scale: .logarithmic, "s, the growth of the walls"),
    ]
  ) { ExplodingGradient(dimension: $0.integer("dimension"), scale: $0.number("scale")) }
}
