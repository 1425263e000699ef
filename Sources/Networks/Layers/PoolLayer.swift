import Tensors

/// What a pool makes of a window.
public enum PoolingFunction: String, Sendable, CaseIterable {
  case maximum, average
}

/// The maximum or the mean over each window of images `[height, width, channels]`, as PyTorch's
/// `MaxPool2d` and `AvgPool2d`; or over the whole image, which leaves `[channels]`.
///
/// Padding never is the maximum, and counts as zeros in the mean (`count_include_pad`).
public struct PoolLayer: Layer {
  public let name: String
  public let outputShape: [Int]
  public let function: PoolingFunction
  let shape: PoolingShape
  /// nil for the whole image.
  public let window: SlidingWindow?

  /// - Parameter window: nil for the whole image.
  /// - Throws: Why the images do not fit.
  public init(
    name: String, inputShape: [Int], function: PoolingFunction, window: SlidingWindow?
  ) throws(ShapeMismatch) {
    let image = try imageSizes(inputShape)
    let rows: WindowPlaces
    let columns: WindowPlaces
    if let window {
      rows = try window.places(along: image.height)
      columns = try window.places(along: image.width)
      outputShape = [rows.count, columns.count, image.channels]
    } else {
      rows = WindowPlaces(count: 1, before: 0, behind: 0)
      columns = rows
      outputShape = [image.channels]
    }
    self.name = name
    self.function = function
    self.window = window
    shape = PoolingShape(
      height: image.height, width: image.width, channels: image.channels,
      window: window.map { ($0.size, $0.size) } ?? (image.height, image.width),
      stride: window?.stride ?? 1, rows: rows, columns: columns)
  }

  public var inputShape: [Int] { [shape.height, shape.width, shape.channels] }
  public var summary: String { "\(function.rawValue) of \(window?.label ?? "the image")" }
  public var tensors: [LayerTensor] { [] }
  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    PoolComputation(self, at: place)
  }
}

private final class PoolComputation: LayerComputation {
  private let shape: PoolingShape
  private let function: PoolingFunction
  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?
  /// The pixel that is the maximum, for each output.
  private let winners: UnsafeMutablePointer<Int32>?

  init(_ layer: PoolLayer, at place: LayerPlace) {
    shape = layer.shape
    function = layer.function
    let outputs = place.batchSize * shape.outputCount + activationSlack
    let hasGradient = place.isTrained && place.needsInputGradient
    outputBuffer = FloatBuffer(count: outputs)
    inputGradientBuffer =
      hasGradient ? FloatBuffer(count: place.batchSize * shape.inputCount + activationSlack) : nil
    winners =
      hasGradient && layer.function == .maximum ? .allocate(capacity: outputs) : nil
    winners?.initialize(repeating: 0, count: outputs)
  }

  deinit { winners?.deallocate() }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    switch function {
    case .maximum: Pooling.maximum(input, into: output, winners: winners, shape, rows: rows)
    case .average: Pooling.mean(input, into: output, shape, rows: rows)
    }
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    guard let inputGradient else { return }
    if let winners {
      Pooling.maximumGradient(
        outputGradient, winners: winners, into: inputGradient, shape, rows: rows)
    } else {
      Pooling.meanGradient(outputGradient, into: inputGradient, shape, rows: rows)
    }
  }
}
