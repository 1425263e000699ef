import Settings
import Tensors

/// f(x) = σ(s(‖x‖² − 1)) − σ(−s) with σ(z) = 1/(1 + e^(−z)): a basin around the minimum 0 at 0 in a
/// plateau that is flatter the larger s is, as in HeavyBall's benchmarks (Nestler, 2024), there with
/// s = 10.
///
/// The start is (1.5, …, 1.5), where the gradient is about 3s·e^(−s(2.25d − 1)) in each coordinate: 0.005 for
/// the defaults. The unit is the plateau's height.
struct Plateau: TestFunction {
  let dimension: Int
  let scale: Double

  private var floor: Double { 1 / (1 + exponential(scale)) }

  var summary: String { "plateau in \(dimension) dimensions, scale \(numberLabel(scale))" }
  var lowerBound: Double { 0 }
  var unit: Double { 1 - floor }
  var start: [Double] { Array(repeating: 1.5, count: dimension) }
  var minimum: [Double]? { Array(repeating: 0, count: dimension) }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    var square = 0.0
    for index in 0..<dimension { square += x[index] * x[index] }
    let decay = exponential(-scale * (square - 1))
    let height = 1 / (1 + decay)
    // σ' = σ(1 − σ), where 1 − σ would cancel far out.
    let slope = decay.isFinite ? 2 * scale * height * (decay * height) : 0
    for index in 0..<dimension { gradient[index] = slope * x[index] }
    return height - floor
  }

  static let entry = Functions.entry(
    name: "plateau", summary: "a basin in a plain with a vanishing gradient; minimum 0 at 0",
    reference: "Nestler (2024)",
    hyperparameters: [
      .dimension(1...1_000_000, default: 2),
      Hyperparameter(
        "scale", .number(NumberRange(lower: 0, includesLower: false, upper: 100)),
        default: .number(2), "s, the steepness of the basin's rim"),
    ]
  ) { Plateau(dimension: $0.integer("dimension"), scale: $0.number("scale")) }
}
