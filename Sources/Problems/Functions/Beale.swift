/// f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)², flat far out and steep in the
/// corners, with its minimum 0 at (3, 0.5) (Beale, 1958). The start is (1, 1) (Moré, Garbow &
/// Hillstrom, 1981), where f = 14.203125: the unit.
struct Beale: TestFunction {
  var summary: String { "Beale's function in 2 dimensions" }
  var dimension: Int { 2 }
  var lowerBound: Double { 0 }
  var start: [Double] { [1, 1] }
  var minimum: [Double]? { [3, 0.5] }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    let (a, b) = (x[0], x[1])
    let first = 1.5 - a + a * b
    let second = 2.25 - a + a * b * b
    let third = 2.625 - a + a * b * b * b
    gradient[0] = 2 * (first * (b - 1) + second * (b * b - 1) + third * (b * b * b - 1))
    gradient[1] = 2 * a * (first + 2 * second * b + 3 * third * b * b)
    return first * first + second * second + third * third
  }

  static let entry = Functions.entry(
    name: "beale", summary: "a flat valley between steep corners; minimum 0 at (3, 0.5)",
    reference: "Beale (1958)"
  ) { _ in Beale() }
}
