import Settings

/// f(x) = ½ Σ x_i⁴ − 16x_i² + 5x_i: two minima in each coordinate, the lower at −2.903534 with
/// −39.166166 (Styblinski & Tang, 1990).
///
/// The start is the origin; the local maximum between the minima lies at 0.156731, so that the
/// spread of the start lets some coordinates of some seeds run to the higher minimum. The unit is the
/// depth of the lower one.
struct StyblinskiTang: TestFunction {
  let dimension: Int

  var summary: String { "Styblinski and Tang's function in \(dimension) dimensions" }
  var lowerBound: Double { -39.166_165_703_771_43 * Double(dimension) }
  var unit: Double { -lowerBound }
  var start: [Double] { Array(repeating: 0, count: dimension) }
  var minimum: [Double]? { Array(repeating: -2.903_534_027_771_178, count: dimension) }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = 0.0
    for index in 0..<dimension {
      let here = x[index]
      let square = here * here
      total += (square - 16) * square + 5 * here
      gradient[index] = 2 * here * square - 16 * here + 2.5
    }
    return total / 2
  }

  static let entry = Functions.entry(
    name: "styblinski-tang", summary: "two minima in each coordinate, the lower at −2.9035",
    reference: "Styblinski & Tang (1990)", hyperparameters: [.dimension(1...1_000_000, default: 2)]
  ) { StyblinskiTang(dimension: $0.integer("dimension")) }
}
