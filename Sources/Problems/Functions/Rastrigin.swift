import Settings
import Tensors

/// f(x) = Σ x_i² + 10(1 − cos 2πx_i): about 10^d local minima in the usual domain |x_i| ≤ 5.12, the
/// least 0 at the origin (Rastrigin, 1974; in any dimension Mühlenbein, Schomisch & Born, 1991).
///
/// The start is (−2, 3.5, −2, 3.5, …). The unit is 10, half the height of the hills between minima.
struct Rastrigin: TestFunction {
  let dimension: Int

  var summary: String { "Rastrigin's function in \(dimension) dimensions" }
  var lowerBound: Double { 0 }
  var unit: Double { 10 }
  var start: [Double] { (0..<dimension).map { $0.isMultiple(of: 2) ? -2 : 3.5 } }
  var minimum: [Double]? { Array(repeating: 0, count: dimension) }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = 0.0
    for index in 0..<dimension {
      let angle = 2 * Double.pi * x[index]
      total += x[index] * x[index] + 10 * (1 - cosine(angle))
      gradient[index] = 2 * x[index] + 20 * Double.pi * sine(angle)
    }
    return total
  }

  static let entry = Functions.entry(
    name: "rastrigin", summary: "a bowl full of local minima; minimum 0 at 0",
    reference: "Rastrigin (1974)", hyperparameters: [.dimension(1...1_000_000, default: 2)]
  ) { Rastrigin(dimension: $0.integer("dimension")) }
}
