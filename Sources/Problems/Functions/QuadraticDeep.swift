import Settings
import Tensors

/// f(θ) = mean over examples x of ½ (θ − x)ᵀQ(θ − x): DeepOBS's `quadratic_deep` in 100 dimensions
/// (Schneider, Balles & Hennig, 2019), a loss with a spectrum like that of deep networks.
///
/// All is drawn from NumPy's `RandomState`, whose numbers are computed here. Of the state with seed
/// 42: 90 eigenvalues uniform in (0, 1), 10 in (30, 60), then the rotation R by the subgroup algorithm
/// (Diaconis & Shahshahani, 1987); Q = RᵀΛR, its largest eigenvalue 53.129. The examples are normal
/// with the standard deviation 0.6: the training set 1000 of a state with seed 42, the test set 896 of
/// a state with seed 43 (DeepOBS drops the last partial batch of 128). The start is (1, …, 1).
///
/// Deviations: a validation set, 1000 examples of a state with seed 44, so that the test set chooses
/// no learning rate; no start spread by default, as in DeepOBS; examples in `Double`, DeepOBS rounds
/// them to `Float`. DeepOBS replays one order of the examples in each epoch: `data_order: fixed`.
///
/// With q̄ = mean of ½ xᵀQx and ū = mean of Qx over a batch, the gradient is Qθ − ū and the value
/// ½ θᵀ(Qθ − 2ū) + q̄, so a step costs one product with Q.
struct QuadraticDeep: FunctionOfExamples {
  private let hessian: SymmetricMatrix
  private let training: ExampleMoments
  private let validation: ExampleMoments
  private let test: ExampleMoments
  let lowerBound: Double
  let minimum: [Double]?

  init() {
    var state = LegacyRandomState(seed: 42)
    let eigenvalues =
      (0..<90).map { _ in state.uniform(0, 1) } + (0..<10).map { _ in state.uniform(30, 60) }
    hessian = SymmetricMatrix(
      eigenvalues: eigenvalues, rotatedBy: Self.rotation(order: eigenvalues.count, from: &state))
    training = ExampleMoments(count: 1000, seed: 42, hessian)
    validation = ExampleMoments(count: 1000, seed: 44, hessian)
    test = ExampleMoments(count: 896, seed: 43, hessian)
    minimum = training.mean
    let product = hessian * training.mean
    lowerBound =
      training.meanEnergy - zip(training.mean, product).reduce(0) { $0 + $1.0 * $1.1 } / 2
  }

  var summary: String { "DeepOBS's quadratic_deep in \(dimension) dimensions" }
  var dimension: Int { hessian.order }
  var start: [Double] { Array(repeating: 1, count: dimension) }
  var exampleCount: Int { training.energies.count }
  var heldOut: [DataSplit] { [.validation, .test] }
  var workspaceCount: Int { 2 * dimension }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    value(at: x, training, gradient: gradient)
  }

  func value(
    at x: UnsafePointer<Double>, on split: DataSplit, workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    let examples =
      switch split {
      case .train: training
      case .validation: validation
      case .test: test
      }
    return value(at: x, examples, gradient: workspace)
  }

  func value(
    at x: UnsafePointer<Double>, over examples: UnsafeBufferPointer<Int32>,
    gradient: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    let sum = workspace
    sum.update(repeating: 0, count: dimension)
    var energy = 0.0
    training.products.withUnsafeBufferPointer { products in
      guard let products = products.baseAddress else { return }
      for example in examples {
        energy += training.energies[Int(example)]
        let row = products + Int(example) * dimension
        for index in 0..<dimension { sum[index] += row[index] }
      }
    }
    let share = 1 / Double(examples.count)
    hessian.multiply(x, into: gradient)
    var total = 0.0
    for index in 0..<dimension {
      let pull = share * sum[index]
      total += x[index] * (gradient[index] - 2 * pull)
      gradient[index] -= pull
    }
    return total / 2 + share * energy
  }

  /// The value over a whole set.
  private func value(
    at x: UnsafePointer<Double>, _ examples: ExampleMoments,
    gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    hessian.multiply(x, into: gradient)
    var total = 0.0
    for index in 0..<dimension {
      let pull = examples.meanProduct[index]
      total += x[index] * (gradient[index] - 2 * pull)
      gradient[index] -= pull
    }
    return total / 2 + examples.meanEnergy
  }

  /// A rotation by the subgroup algorithm, as DeepOBS draws it: one of the plane, then for each
  /// further dimension a reflection that takes the first axis to a random direction.
  private static func rotation(order: Int, from state: inout LegacyRandomState) -> [Double] {
    let angle = 2 * Double.pi * state.uniform()
    var rotation = [cosine(angle), sine(angle), -sine(angle), cosine(angle)]
    for size in 3...order {
      let normal = (0..<size).map { _ in state.normal() }
      let length = normal.reduce(0) { $0 + $1 * $1 }.squareRoot()
      var mirror = normal.map { -$0 / length }
      mirror[0] += 1
      let mirrorLength = mirror.reduce(0) { $0 + $1 * $1 }.squareRoot()
      mirror = mirror.map { $0 / mirrorLength }

      var larger = [Double](repeating: 0, count: size * size)
      larger[0] = 1
      for row in 1..<size {
        for column in 1..<size {
          larger[row * size + column] = rotation[(row - 1) * (size - 1) + column - 1]
        }
      }
      for column in 0..<size {
        let shadow = (0..<size).reduce(0) { $0 + mirror[$1] * larger[$1 * size + column] }
        for row in 0..<size { larger[row * size + column] -= 2 * mirror[row] * shadow }
      }
      rotation = larger
    }
    return rotation.map { -$0 }
  }

  static let entry = Functions.entry(
    name: "quadratic-deep",
    summary: "DeepOBS's noisy quadratic with a spectrum like a deep network's",
    reference: "Schneider, Balles & Hennig (2019)", startSpread: 0
  ) { _ in QuadraticDeep() }
}

/// A set of examples x, reduced to what the loss needs of each: Qx and ½ xᵀQx.
private struct ExampleMoments: Sendable {
  /// Qx, one row for each example.
  let products: [Double]
  /// ½ xᵀQx.
  let energies: [Double]
  let mean: [Double]
  let meanProduct: [Double]
  let meanEnergy: Double

  /// Normal examples with the standard deviation 0.6 from a state with the given seed.
  init(count: Int, seed: UInt32, _ hessian: SymmetricMatrix) {
    var state = LegacyRandomState(seed: seed)
    var products: [Double] = []
    var energies: [Double] = []
    var mean = [Double](repeating: 0, count: hessian.order)
    for _ in 0..<count {
      let example = mean.map { _ in 0.6 * state.normal() }
      let product = hessian * example
      products += product
      energies.append(zip(example, product).reduce(0) { $0 + $1.0 * $1.1 } / 2)
      for index in mean.indices { mean[index] += example[index] / Double(count) }
    }
    self.products = products
    self.energies = energies
    self.mean = mean
    meanProduct = hessian * mean
    meanEnergy = energies.reduce(0, +) / Double(count)
  }
}
