import Settings
import Tensors

/// f(u, b, v) = 1/(2n) Σ_i (Σ_j v_j tanh(u_j t_i + b_j) − T_k(t_i))²: the toy of the edge of stability
/// (Cohen, Kaur, Li, Kolter & Talwalkar, 2021; in the authors' code `chebyshev-4-20` with the network
/// `regression`). A tanh network with one hidden layer of h = 100 units and no bias behind it fits the
/// Chebyshev polynomial T_k of degree k = 4 at n = 20 points t_i, evenly spaced in [−1, 1].
///
/// A run starts as the authors' network does: u and v normal with the standard deviations
/// 1.9·√(2/(1 + h)) and √(2/(1 + h)) (Glorot & Bengio, 2010), from the streams
/// `initial-parameters/hidden.weight` and `…/output.weight` of its seed; b = 0; no start spread by
/// default. The standard start is that of seed 0. The lower bound is 0; whether and where it is attained
/// is not known. The unit is ½ mean T_k², the value of a network that says nothing.
struct Chebyshev: TestFunction {
  let degree: Int
  let width: Int
  private let points: [Double]
  private let targets: [Double]

  init(degree: Int, points count: Int, width: Int) {
    self.degree = degree
    self.width = width
    points = (0..<count).map { 2 * Double($0) / Double(count - 1) - 1 }
    targets = points.map { Self.polynomial(degree: degree, at: $0) }
  }

  var summary: String {
    "tanh network of width \(width) on T_\(degree) at \(points.count) points"
  }
  var dimension: Int { 3 * width }
  var layout: ParameterLayout {
    ParameterLayout([
      ("hidden.weight", [width, 1], .weight), ("hidden.bias", [width], .bias),
      ("output.weight", [1, width], .weight),
    ])
  }
  var lowerBound: Double { 0 }
  var unit: Double { targets.reduce(0) { $0 + $1 * $1 } / Double(2 * points.count) }
  var start: [Double] { start(seed: 0) }
  var minimum: [Double]? { nil }
  var workspaceCount: Int { width }

  func start(seed: UInt64) -> [Double] {
    let deviation = (2 / Double(1 + width)).squareRoot()
    var hidden = RandomStream(seed: seed, name: "initial-parameters/hidden.weight")
    var output = RandomStream(seed: seed, name: "initial-parameters/output.weight")
    return (0..<width).map { _ in 1.9 * deviation * hidden.normal() }
      + Array(repeating: 0, count: width)
      + (0..<width).map { _ in deviation * output.normal() }
  }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    let (weights, biases, outputs) = (x, x + width, x + 2 * width)
    let (weightSlopes, biasSlopes, outputSlopes) =
      (gradient, gradient + width, gradient + 2 * width)
    let activations = workspace
    gradient.update(repeating: 0, count: dimension)
    let share = 1 / Double(points.count)
    var total = 0.0
    for (point, target) in zip(points, targets) {
      var residual = -target
      for unit in 0..<width {
        activations[unit] = hyperbolicTangent(weights[unit] * point + biases[unit])
        residual += outputs[unit] * activations[unit]
      }
      total += residual * residual
      let pull = share * residual
      for unit in 0..<width {
        let activation = activations[unit]
        let slope = pull * outputs[unit] * (1 - activation * activation)
        outputSlopes[unit] += pull * activation
        biasSlopes[unit] += slope
        weightSlopes[unit] += slope * point
      }
    }
    return share * total / 2
  }

  /// T_k(t) by T_{k+1} = 2t·T_k − T_{k−1}.
  private static func polynomial(degree: Int, at point: Double) -> Double {
    var (last, next) = (1.0, point)
    for _ in 0..<degree { (last, next) = (next, 2 * point * next - last) }
    return last
  }

  static let entry = Functions.entry(
    name: "chebyshev", summary: "a small network on a polynomial: the toy of the edge of stability",
    reference: "Cohen et al. (2021)",
    hyperparameters: [
      Hyperparameter(
        "degree", .integer(0...100), default: .integer(4), "k, the polynomial's degree"),
      Hyperparameter("points", .integer(2...10_000), default: .integer(20), "n, the points fitted"),
      Hyperparameter("width", .integer(1...10_000), default: .integer(100), "h, the hidden units"),
    ], startSpread: 0
  ) { options in
    Chebyshev(
      degree: options.integer("degree"), points: options.integer("points"),
      width: options.integer("width"))
  }
}
