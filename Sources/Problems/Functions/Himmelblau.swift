/// f(x, y) = (x² + y − 11)² + (x + y² − 7)², with four minima of value 0, one of them at (3, 2)
/// (Himmelblau, 1972). The start is the origin, near the local maximum between them, where f = 170:
/// the unit.
struct Himmelblau: TestFunction {
  var summary: String { "Himmelblau's function in 2 dimensions" }
  var dimension: Int { 2 }
  var lowerBound: Double { 0 }
  var start: [Double] { [0, 0] }
  var minimum: [Double]? { [3, 2] }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    let (a, b) = (x[0], x[1])
    let first = a * a + b - 11
    let second = a + b * b - 7
    gradient[0] = 4 * a * first + 2 * second
    gradient[1] = 2 * first + 4 * b * second
    return first * first + second * second
  }

  static let entry = Functions.entry(
    name: "himmelblau", summary: "four equal minima of value 0", reference: "Himmelblau (1972)"
  ) { _ in Himmelblau() }
}
