import Settings
import Tensors

/// f(w) = mean over examples of ln(1 + exp(−y xᵀw)) + ½ λ‖w‖² with labels y = ±1 (Cox, 1958): convex,
/// with one minimum.
///
/// The data are generated from streams of seed 0, the same for every run: features x, standard
/// normal, row-major, from `logistic-regression/features`; weights v, 3/√d times standard normal, from
/// `logistic-regression/weights`; labels +1 with probability 1/(1 + exp(−xᵀv)) by a uniform number each
/// from `logistic-regression/labels`. All examples are for training.
///
/// The start is 0, where f = ln 2. The minimum, whose value is the lower bound, is found once by
/// Newton's method with conjugate gradients. The unit is the height of the start above it.
struct LogisticRegression: FunctionOfExamples {
  private let data: LabelledPoints
  let lowerBound: Double
  let minimum: [Double]?

  init(examples: Int, dimension: Int, decay: Double) {
    data = LabelledPoints(count: examples, dimension: dimension, decay: decay)
    let least = data.minimum()
    var gradient = least
    minimum = least
    lowerBound = data.value(at: least, gradient: &gradient)
  }

  var summary: String {
    "logistic regression on \(exampleCount) generated examples in \(dimension) dimensions"
  }
  var dimension: Int { data.dimension }
  var exampleCount: Int { data.count }
  var start: [Double] { Array(repeating: 0, count: dimension) }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    data.value(at: x, gradient: gradient)
  }

  func value(
    at x: UnsafePointer<Double>, over examples: UnsafeBufferPointer<Int32>,
    gradient: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    gradient.update(repeating: 0, count: dimension)
    var total = 0.0
    for example in examples { total += data.addTerm(Int(example), at: x, to: gradient) }
    return data.finish(total, over: examples.count, at: x, gradient: gradient)
  }

  static let entry = Functions.entry(
    name: "logistic-regression", summary: "convex classification of generated points",
    reference: "Cox (1958)",
    hyperparameters: [
      .dimension(1...200, default: 20),
      Hyperparameter(
        "examples", .integer(1...100_000), default: .integer(500), "number of training examples"),
      Hyperparameter(
        "decay", .number(.positive), default: .number(1e-3), scale: .logarithmic,
        "λ, the weight of ½‖w‖²"),
    ]
  ) { options in
    LogisticRegression(
      examples: options.integer("examples"), dimension: options.integer("dimension"),
      decay: options.number("decay"))
  }
}

/// The generated examples, with the loss on them.
private struct LabelledPoints: Sendable {
  let count: Int
  let dimension: Int
  let decay: Double
  /// y·x, one row for each example.
  private let signedFeatures: [Double]

  init(count: Int, dimension: Int, decay: Double) {
    var features = RandomStream(seed: 0, name: "logistic-regression/features")
    var weights = RandomStream(seed: 0, name: "logistic-regression/weights")
    var labels = RandomStream(seed: 0, name: "logistic-regression/labels")
    let truth = (0..<dimension).map { _ in 3 / Double(dimension).squareRoot() * weights.normal() }
    var signed: [Double] = []
    signed.reserveCapacity(count * dimension)
    for _ in 0..<count {
      let row = truth.map { _ in features.normal() }
      let margin = zip(row, truth).reduce(0) { $0 + $1.0 * $1.1 }
      let isPositive = labels.uniform() < 1 / (1 + exponential(-margin))
      signed += isPositive ? row : row.map { -$0 }
    }
    self.count = count
    self.dimension = dimension
    self.decay = decay
    signedFeatures = signed
  }

  /// Adds an example's gradient and returns its loss.
  func addTerm(
    _ example: Int, at x: UnsafePointer<Double>, to gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    signedFeatures.withUnsafeBufferPointer { features in
      let row = features[example * dimension..<(example + 1) * dimension]
      var margin = 0.0
      for (index, feature) in row.enumerated() { margin += feature * x[index] }
      let tail = exponential(-abs(margin))
      let slope = (margin > 0 ? tail : 1) / (1 + tail)
      for (index, feature) in row.enumerated() { gradient[index] -= slope * feature }
      return logarithmOfOnePlus(tail) + max(0, -margin)
    }
  }

  /// The mean of `count` terms that sum to `total` and to `gradient`, with the decay.
  func finish(
    _ total: Double, over count: Int, at x: UnsafePointer<Double>,
    gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    let share = 1 / Double(count)
    var square = 0.0
    for index in 0..<dimension {
      gradient[index] = share * gradient[index] + decay * x[index]
      square += x[index] * x[index]
    }
    return share * total + decay / 2 * square
  }

  /// The value over all examples.
  func value(at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>) -> Double {
    gradient.update(repeating: 0, count: dimension)
    var total = 0.0
    for example in 0..<count { total += addTerm(example, at: x, to: gradient) }
    return finish(total, over: count, at: x, gradient: gradient)
  }

  /// Newton's method from 0, whose steps are halved until they descend.
  func minimum() -> [Double] {
    var x = [Double](repeating: 0, count: dimension)
    var gradient = x
    var height = value(at: x, gradient: &gradient)
    for _ in 0..<100 where gradient.contains(where: { abs($0) > 1e-15 }) {
      let direction = newtonDirection(at: x, gradient: gradient)
      var scale = 1.0
      var slopes = gradient
      var next = zip(x, direction).map { $0 + $1 }
      var lower = value(at: next, gradient: &slopes)
      while lower > height, scale > 1e-10 {
        scale /= 2
        next = zip(x, direction).map { $0 + scale * $1 }
        lower = value(at: next, gradient: &slopes)
      }
      // Rounding: nothing lower can be told from here.
      if lower >= height, scale < 1 { break }
      (x, height, gradient) = (next, lower, slopes)
    }
    return x
  }

  /// The solution d of Hd = −g by conjugate gradients.
  private func newtonDirection(at x: [Double], gradient: [Double]) -> [Double] {
    let curvatures = (0..<count).map { example in
      let row = signedFeatures[example * dimension..<(example + 1) * dimension]
      let tail = exponential(-abs(zip(row, x).reduce(0) { $0 + $1.0 * $1.1 }))
      return tail / ((1 + tail) * (1 + tail)) / Double(count)
    }
    var direction = [Double](repeating: 0, count: dimension)
    var residual = gradient.map { -$0 }
    var search = residual
    var square = residual.reduce(0) { $0 + $1 * $1 }
    let enough = square * 1e-28
    for _ in 0..<2 * dimension where square > enough {
      let image = product(search, curvatures)
      let step = square / zip(search, image).reduce(0) { $0 + $1.0 * $1.1 }
      direction = zip(direction, search).map { $0 + step * $1 }
      residual = zip(residual, image).map { $0 - step * $1 }
      let next = residual.reduce(0) { $0 + $1 * $1 }
      search = zip(residual, search).map { $0 + next / square * $1 }
      square = next
    }
    return direction
  }

  /// Hv for the Hessian H = Σ c xxᵀ + λI with the curvatures c.
  private func product(_ vector: [Double], _ curvatures: [Double]) -> [Double] {
    var image = vector.map { decay * $0 }
    for example in 0..<count {
      let row = signedFeatures[example * dimension..<(example + 1) * dimension]
      let factor = curvatures[example] * zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 }
      for (index, feature) in row.enumerated() { image[index] += factor * feature }
    }
    return image
  }
}
