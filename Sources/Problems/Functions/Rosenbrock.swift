import Settings

/// f(x) = Σ_{i<d} 100(x_{i+1} − x_i²)² + (1 − x_i)², a curved narrow valley with its minimum 0 at
/// (1, …, 1) (Rosenbrock, 1960); from d = 4 on it has a second local minimum near (−1, 1, …, 1).
///
/// The standard start is (−1.2, 1, −1.2, 1, …) (Moré, Garbow & Hillstrom, 1981). The unit is 1: the
/// height of the valley floor above the minimum at x = 0 in two dimensions.
struct Rosenbrock: TestFunction {
  let dimension: Int

  var summary: String { "Rosenbrock's function in \(dimension) dimensions" }
  var lowerBound: Double { 0 }
  var unit: Double { 1 }
  var start: [Double] { (0..<dimension).map { $0.isMultiple(of: 2) ? -1.2 : 1 } }
  var minimum: [Double]? { Array(repeating: 1, count: dimension) }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = 0.0
    // What the term before contributes to the derivative by x_i.
    var carried = 0.0
    for index in 0..<dimension - 1 {
      let here = x[index]
      let bend = x[index + 1] - here * here
      let slope = 1 - here
      total += 100 * bend * bend + slope * slope
      gradient[index] = carried - 400 * here * bend - 2 * slope
      carried = 200 * bend
    }
    gradient[dimension - 1] = carried
    return total
  }

  static let entry = Functions.entry(
    name: "rosenbrock", summary: "a curved narrow valley; minimum 0 at (1, …, 1)",
    reference: "Rosenbrock (1960)", hyperparameters: [.dimension(2...1_000_000, default: 2)]
  ) { Rosenbrock(dimension: $0.integer("dimension")) }
}
