import Settings
import Tensors

/// y = (x − μ)/√(σ² + ε) ⊙ w + b for each feature, or each channel of images and sequences (Ioffe &
/// Szegedy, 2015), as PyTorch's `BatchNorm1d` and `BatchNorm2d`.
///
/// In training μ and σ² are the mean and the variance (over n) of the n values that a batch has for
/// the feature. The buffers `running_mean` and `running_variance` follow them, the variance over
/// n − 1, by `momentum`: r ← (1 − momentum)·r + momentum·value; evaluation uses these. They start at
/// 0 and 1. For a method that is evaluated at other weights than it trains they are estimated anew
/// before each evaluation, as plain means over training batches. Weights w start at 1 and biases b at 0; both have the role `norm`.
///
/// Where a batch has a single value, PyTorch refuses: here y = b, the gradient is 0, and the running
/// variance stays as it was.
public struct BatchNormLayer: Layer {
  public let name: String
  public let inputShape: [Int]
  public let momentum: Double
  public let epsilon: Double

  /// A layer for examples of the given shape, of at least one dimension; the last one is that of the
  /// features or channels.
  public init(name: String, shape: [Int], momentum: Double = 0.1, epsilon: Double = 1e-5) {
    precondition(
      !shape.isEmpty && epsilon > 0 && (0...1).contains(momentum), "no batch norm over \(shape)")
    self.name = name
    inputShape = shape
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public var outputShape: [Int] { inputShape }
  var channels: Int { inputShape[inputShape.count - 1] }
  public var summary: String { "batch norm \(channels)" }

  public var tensors: [LayerTensor] {
    [("weight", 1), ("bias", 0)].map { (name: String, value: Float) in
      LayerTensor(
        name: name, shape: [channels], role: .norm, fanIn: 1, fanOut: 1,
        initialization: ConstantInitialization(value: value))
    }
  }

  public var buffers: [LayerBuffer] {
    [
      LayerBuffer(name: "running_mean", count: channels, initialValue: 0),
      LayerBuffer(name: "running_variance", count: channels, initialValue: 1),
    ]
  }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    BatchNormComputation(self, at: place)
  }
}

/// Batch norm as an experiment file or a model describes it.
public struct BatchNormDefinition: LayerDefinition {
  let momentum: Double
  let epsilon: Double

  public init(momentum: Double = 0.1, epsilon: Double = 1e-5) {
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public var kind: String { Self.entry.name }

  public func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    BatchNormLayer(name: name, shape: inputShape, momentum: momentum, epsilon: epsilon)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "batch-norm",
    summary: "features or channels normalised over the batch, then w and b",
    reference: "Ioffe & Szegedy (2015)",
    hyperparameters: [
      Hyperparameter(
        "momentum", .number(NumberRange(lower: 0, upper: 1)), default: .number(0.1),
        "share of the batch in the running statistics"),
      Hyperparameter(
        "eps", .number(.positive), default: .number(1e-5), scale: .logarithmic,
        "added to the variance, ε"),
    ]
  ) { BatchNormDefinition(momentum: $0.number("momentum"), epsilon: $0.number("eps")) }
}

private final class BatchNormComputation: LayerComputation {
  private let channels: Int
  private let positions: Int
  private let momentum: Double
  private let epsilon: Double
  private let weightOffset: Int
  private let bufferPosition: Int
  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?
  /// One value for each channel, with the slack that the kernels read: μ, w/√(σ² + ε) and b of the
  /// last forward pass, and two for the backward pass.
  private let mean: FloatBuffer
  private let scale: FloatBuffer
  private let offset: FloatBuffer
  private let level: FloatBuffer
  private let slope: FloatBuffer
  /// 1/√(σ² + ε) of the last forward pass.
  private let inverseDeviations: UnsafeMutablePointer<Double>
  /// Sums over the batch.
  private let sums: UnsafeMutablePointer<Double>
  private let squares: UnsafeMutablePointer<Double>

  init(_ layer: BatchNormLayer, at place: LayerPlace) {
    channels = layer.channels
    positions = layer.inputCount / layer.channels
    momentum = layer.momentum
    epsilon = layer.epsilon
    weightOffset = place.parameterOffset
    bufferPosition = place.bufferPosition
    let count = place.batchSize * layer.inputCount + activationSlack
    outputBuffer = FloatBuffer(count: count)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient ? FloatBuffer(count: count) : nil
    let slackened = layer.channels + activationSlack
    mean = FloatBuffer(count: slackened)
    scale = FloatBuffer(count: slackened)
    offset = FloatBuffer(count: slackened)
    level = FloatBuffer(count: slackened)
    slope = FloatBuffer(count: slackened)
    inverseDeviations = .allocate(capacity: layer.channels)
    sums = .allocate(capacity: layer.channels)
    squares = .allocate(capacity: layer.channels)
    for array in [inverseDeviations, sums, squares] {
      array.initialize(repeating: 0, count: layer.channels)
    }
  }

  deinit {
    inverseDeviations.deallocate()
    sums.deallocate()
    squares.deallocate()
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    let count = rows * positions
    let weights = parameters + weightOffset
    let runningMean = pass.buffers[bufferPosition]
    let runningVariance = pass.buffers[bufferPosition + 1]
    if pass.isTraining {
      BatchNormalization.moments(
        input, mean: sums, squares: squares, rows: count, columns: channels)
    }
    let share = pass.averagedBatches.map { 1 / Double($0 + 1) } ?? momentum
    for channel in 0..<channels {
      let center = pass.isTraining ? sums[channel] : Double(runningMean[channel])
      let variance =
        pass.isTraining ? squares[channel] / Double(count) : Double(runningVariance[channel])
      inverseDeviations[channel] = 1 / (variance + epsilon).squareRoot()
      mean.pointer[channel] = Float(center)
      scale.pointer[channel] = Float(Double(weights[channel]) * inverseDeviations[channel])
      offset.pointer[channel] = weights[channels + channel]
      guard pass.isTraining && pass.updatesStatistics else { continue }
      follow(&runningMean[channel], center, share)
      if count > 1 {
        follow(&runningVariance[channel], squares[channel] / Double(count - 1), share)
      }
    }
    BatchNormalization.apply(
      input, mean: mean.pointer, scale: scale.pointer, offset: offset.pointer, into: output,
      rows: count, columns: channels)
  }

  private func follow(_ running: inout Float, _ value: Double, _ share: Double) {
    running = Float((1 - share) * Double(running) + share * value)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    let count = rows * positions
    let gradients = gradient + weightOffset
    BatchNormalization.gradientSums(
      outputGradient, input, mean: mean.pointer, sums: sums, products: squares, rows: count,
      columns: channels)
    for channel in 0..<channels {
      let weightGradient = squares[channel] * inverseDeviations[channel]
      gradients[channel] = Float(weightGradient)
      gradients[channels + channel] = Float(sums[channel])
      // Running statistics do not depend on the batch.
      level.pointer[channel] = pass.isTraining ? Float(sums[channel] / Double(count)) : 0
      slope.pointer[channel] =
        pass.isTraining ? Float(weightGradient * inverseDeviations[channel] / Double(count)) : 0
    }
    guard let inputGradient else { return }
    BatchNormalization.inputGradient(
      outputGradient, input, mean: mean.pointer, scale: scale.pointer, level: level.pointer,
      slope: slope.pointer, into: inputGradient, rows: count, columns: channels)
  }
}
