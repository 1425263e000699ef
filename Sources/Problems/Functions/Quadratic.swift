import LinearAlgebra
import Settings
import Tensors

/// f(x) = ½ xᵀHx with given eigenvalues λ of H, whose minimum is 0 at 0.
///
/// The eigenvalues are those listed, or run from 1/κ to 1 at equal ratios for the condition number κ.
/// H = RᵀΛR: the rows of R, the eigenvectors, are the columns of the orthogonal factor (with a
/// nonnegative diagonal of the other factor) of a matrix of standard normal numbers, row-major, from
/// the stream `quadratic/rotation` of seed 0, so that R is uniform and the same for every run. With
/// `rotation: false` R is the identity. The start is (1, …, 1), the unit ½ Σλ, which is the mean of f
/// over standard normal points.
struct Quadratic: TestFunction {
  let eigenvalues: [Double]
  /// nil where the axes are the eigenvectors.
  private let hessian: SymmetricMatrix?

  init(eigenvalues: [Double], isRotated: Bool) {
    self.eigenvalues = eigenvalues
    hessian =
      isRotated
      ? SymmetricMatrix(
        eigenvalues: eigenvalues, rotatedBy: Self.rotation(order: eigenvalues.count)) : nil
  }

  var dimension: Int { eigenvalues.count }
  var summary: String {
    let least = eigenvalues.reduce(.infinity, min)
    let greatest = eigenvalues.reduce(0, max)
    return "quadratic function in \(dimension) dimensions, eigenvalues from "
      + "\(numberLabel(least)) to \(numberLabel(greatest))"
  }
  var lowerBound: Double { 0 }
  var unit: Double { eigenvalues.reduce(0, +) / 2 }
  var start: [Double] { Array(repeating: 1, count: dimension) }
  var minimum: [Double]? { Array(repeating: 0, count: dimension) }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    if let hessian {
      hessian.multiply(x, into: gradient)
    } else {
      for index in 0..<dimension { gradient[index] = eigenvalues[index] * x[index] }
    }
    var total = 0.0
    for index in 0..<dimension { total += x[index] * gradient[index] }
    return total / 2
  }

  private static func rotation(order: Int) -> [Double] {
    var stream = RandomStream(seed: 0, name: "quadratic/rotation")
    let normal = (0..<order * order).map { _ in stream.normal() }
    return orthogonalFactor(of: normal, rows: order, columns: order)
  }

  /// Λ at equal ratios from 1/κ to 1.
  private static func spectrum(condition: Double, dimension: Int) -> [Double] {
    (0..<dimension).map {
      $0 == dimension - 1
        ? 1 : power(condition, Double($0) / Double(max(1, dimension - 1)) - 1)
    }
  }

  private static let mostRotated = 1000

  static let entry = Functions.entry(
    name: "quadratic", summary: "a bowl with given eigenvalues; minimum 0 at 0",
    reference: "Nesterov (2004)",
    hyperparameters: [
      .dimension(1...1_000_000, default: 10),
      Hyperparameter(
        "condition", .number(NumberRange(lower: 1)), default: .number(100), scale: .logarithmic,
        "largest over smallest eigenvalue; the largest is 1"),
      Hyperparameter(
        "eigenvalues", .numbers(.positive, count: nil), default: .none, optional: true,
        "the eigenvalues themselves, in place of dimension and condition"),
      Hyperparameter(
        "rotation", .boolean, default: .boolean(true),
        "whether the eigenvectors are random directions, not the axes"),
    ]
  ) { options throws(HyperparameterError) in
    var eigenvalues = spectrum(
      condition: options.number("condition"), dimension: options.integer("dimension"))
    if case .numbers(let given) = options["eigenvalues"] {
      guard !given.isEmpty else {
        throw HyperparameterError("eigenvalues", "the list is empty; give at least one")
      }
      eigenvalues = given
    }
    let isRotated = options.boolean("rotation")
    guard !isRotated || eigenvalues.count <= mostRotated else {
      throw HyperparameterError(
        "dimension",
        "\(eigenvalues.count) variables cannot be rotated; allowed: at most \(mostRotated), or "
          + "rotation: false")
    }
    return Quadratic(eigenvalues: eigenvalues, isRotated: isRotated)
  }
}
