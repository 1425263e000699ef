import Settings

/// f(x, y) = Σ ½ x_i² + Σ ¼ y_i⁴ − ½ y_i²: a strict saddle at 0, from which every y_i leads down to a
/// minimum at ±1, of value −¼ each (Nesterov, 2004; Lee, Simchowitz, Jordan & Recht, 2016). The first
/// half of the variables, rounded up, is x.
///
/// The start is (1, …, 1, 0, …, 0), on the manifold that gradient descent follows into the saddle:
/// only the start spread, 0.001 by default, and noise lead out. The unit is the height of the start.
struct Saddle: TestFunction {
  let dimension: Int

  private var stable: Int { (dimension + 1) / 2 }

  var summary: String { "saddle in \(dimension) dimensions" }
  var lowerBound: Double { -0.25 * Double(dimension - stable) }
  var start: [Double] { (0..<dimension).map { $0 < stable ? 1 : 0 } }
  var minimum: [Double]? { (0..<dimension).map { $0 < stable ? 0 : 1 } }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = 0.0
    for index in 0..<stable {
      total += x[index] * x[index] / 2
      gradient[index] = x[index]
    }
    for index in stable..<dimension {
      let square = x[index] * x[index]
      total += (square / 4 - 0.5) * square
      gradient[index] = (square - 1) * x[index]
    }
    return total
  }

  static let entry = Functions.entry(
    name: "saddle", summary: "a start on the way into a saddle; minima at 0 and ±1",
    reference: "Nesterov (2004); Lee et al. (2016)",
    hyperparameters: [.dimension(2...1_000_000, default: 2)], startSpread: 0.001
  ) { Saddle(dimension: $0.integer("dimension")) }
}
