public import Tensors

/// What a layer is: its shapes, its parameters, how to compute it. Immutable and shared by runs.
public protocol Layer: Sendable {
  /// The layer's name within the model, which its tensors' names start with: `dense1`.
  var name: String { get }
  /// The layer in a phrase, with its shapes.
  var summary: String { get }
  /// The shape of one example that goes in: `[features]`, `[time, features]` of a sequence, or
  /// `[height, width, channels]` of an image.
  var inputShape: [Int] { get }
  /// The shape of one example that comes out.
  var outputShape: [Int] { get }
  /// The trained tensors, in the order of the layout.
  var tensors: [LayerTensor] { get }
  /// The arrays that are not trained, such as running means, with the value they start from.
  var buffers: [LayerBuffer] { get }

  /// The scratch memory and the code of one run.
  func makeComputation(at place: LayerPlace) -> any LayerComputation
}

extension Layer {
  /// The floats of one example that go in.
  public var inputCount: Int { inputShape.reduce(1, *) }
  /// The floats of one example that come out.
  public var outputCount: Int { outputShape.reduce(1, *) }
  /// The trained parameters.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}

/// A trained tensor of a layer.
public struct LayerTensor: Sendable {
  /// The name within the layer: `weight`.
  public let name: String
  public let shape: [Int]
  public let role: ParameterRole
  /// The inputs that each output sums over, for initialisation.
  public let fanIn: Int
  /// The outputs that each input goes to, for initialisation.
  public let fanOut: Int
  public let initialization: any Initialization
  /// The number whose root PyTorch's own rule divides by: of recurrent layers not the inputs.
  public let torchFanIn: Int

  /// - Parameter torchFanIn: Nil for `fanIn`.
  public init(
    name: String, shape: [Int], role: ParameterRole, fanIn: Int, fanOut: Int,
    initialization: any Initialization, torchFanIn: Int? = nil
  ) {
    self.name = name
    self.shape = shape
    self.role = role
    self.fanIn = fanIn
    self.fanOut = fanOut
    self.initialization = initialization
    self.torchFanIn = torchFanIn ?? fanIn
  }
}

/// An array of a layer that is not trained.
public struct LayerBuffer: Sendable {
  /// The name within the layer: `running_mean`.
  public let name: String
  public let count: Int
  public let initialValue: Float

  public init(name: String, count: Int, initialValue: Float) {
    self.name = name
    self.count = count
    self.initialValue = initialValue
  }
}

/// Where a layer stands in its model.
public struct LayerPlace {
  /// The layer's name with those of the layers around it: `residual1.dropout1`. Noise is drawn from
  /// streams of this name.
  public let path: String
  /// The index of the layer's first parameter in the flat vector.
  public let parameterOffset: Int
  /// The position of the layer's first array among the model's buffers.
  public let bufferPosition: Int
  /// The most examples of one pass.
  public let batchSize: Int
  /// Whether gradients will be asked for.
  public let isTrained: Bool
  /// Whether the layer before wants the gradient at this layer's input.
  public let needsInputGradient: Bool

  public init(
    path: String, parameterOffset: Int, bufferPosition: Int, batchSize: Int, isTrained: Bool,
    needsInputGradient: Bool
  ) {
    self.path = path
    self.parameterOffset = parameterOffset
    self.bufferPosition = bufferPosition
    self.batchSize = batchSize
    self.isTrained = isTrained
    self.needsInputGradient = needsInputGradient
  }
}

/// What holds for one pass through all layers.
public struct Pass {
  /// Whether the pass trains: dropout drops and batch statistics are used.
  public let isTraining: Bool
  /// The run's seed, for layers that draw noise.
  public let seed: UInt64
  /// The step, from 0: noise is a function of seed, step, layer and index.
  public let step: Int
  /// The model's buffers, all layers'.
  public let buffers: NamedArrays
  /// Whether the buffers' elements may change.
  public let updatesStatistics: Bool
  /// How many batches the running statistics are already the mean of, to which this one is to be
  /// added; nil where they follow by the layer's momentum.
  public let averagedBatches: Int?

  public init(
    isTraining: Bool, seed: UInt64, step: Int, buffers: NamedArrays, updatesStatistics: Bool,
    averagedBatches: Int? = nil
  ) {
    self.isTraining = isTraining
    self.seed = seed
    self.step = step
    self.buffers = buffers
    self.updatesStatistics = updatesStatistics
    self.averagedBatches = averagedBatches
  }
}

/// A layer at work in one run: it owns its outputs and lives on the run's thread.
///
/// Matrices are `[rows, floats per example]`, row-major. Every activation and every gradient between
/// layers is followed by `activationSlack` readable and writable floats.
public protocol LayerComputation: AnyObject {
  /// The outputs of the last forward pass.
  var output: UnsafeMutablePointer<Float> { get }
  /// The gradient at the input after a backward pass; nil where the place needs none.
  var inputGradient: UnsafeMutablePointer<Float>? { get }
  /// What the layer itself adds to the loss, summed over the rows of the last forward pass, such as
  /// a divergence from a prior. `backward` adds the gradient of its mean over the rows.
  var auxiliaryLoss: Double { get }

  /// Computes `output` from the first `rows` inputs. `parameters` is the model's whole vector.
  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass)

  /// Computes the layer's part of `gradient`, the model's whole vector, and `inputGradient`.
  ///
  /// - Parameter outputGradient: The gradient at the output; may be overwritten.
  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass)
}

extension LayerComputation {
  public var auxiliaryLoss: Double { 0 }
}

/// The floats behind every activation that kernels may read and write back: a row's last columns
/// are handled sixteen at a time.
public let activationSlack = 16
