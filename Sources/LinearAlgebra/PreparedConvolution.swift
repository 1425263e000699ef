internal import COneDNN

/// A convolution and its two gradients in single precision, for shapes that come again and again: a
/// layer's.
///
/// The first pass with a number of rows prepares what the later ones need, memory included; see
/// `docs/decisions/055-products-prepared-once.md` and `057-images-lie-channels-last.md`. Belongs to
/// one thread. NaN and infinities come through as IEEE 754 says.
public final class PreparedConvolution {
  public let shape: ConvolutionShape
  /// What was prepared so far: as a rule for whole batches and for the last of an epoch.
  private var plans: [Plan] = []

  public init(_ shape: ConvolutionShape) { self.shape = shape }

  /// y ← the sums over the windows of x, without bias.
  ///
  /// - Parameters:
  ///   - input: x, `[rows, height, width, channels]`.
  ///   - weights: `[outputChannels, channels / groups, window, window]`.
  ///   - output: y, `[rows, outputHeight, outputWidth, outputChannels]`; shares no memory with x.
  ///   - rows: The images, positive.
  public func output(
    _ input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int
  ) {
    plan(onednn_convolution_output, rows).run(input, weights, UnsafePointer(output))
  }

  /// The gradient at the input from that at the output, which `inputGradient` shares no memory with.
  public func inputGradient(
    outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>, rows: Int
  ) {
    plan(onednn_convolution_input_gradient, rows)
      .run(UnsafePointer(inputGradient), weights, outputGradient)
  }

  /// The gradient of the weights, summed over the rows, from that at the output.
  public func weightGradient(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into weightGradient: UnsafeMutablePointer<Float>, rows: Int
  ) {
    plan(onednn_convolution_weight_gradient, rows)
      .run(input, UnsafePointer(weightGradient), outputGradient)
  }

  private func plan(_ part: onednn_convolution_part, _ rows: Int) -> Plan {
    for plan in plans where plan.part == part && plan.rows == rows { return plan }
    let plan = Plan(shape, part, rows: rows)
    plans.append(plan)
    return plan
  }
}

/// What oneDNN needs for one part and one number of rows.
private final class Plan {
  let part: onednn_convolution_part
  let rows: Int
  private let shape: ConvolutionShape
  private let convolution = UnsafeMutablePointer<onednn_convolution>.allocate(capacity: 1)

  init(_ shape: ConvolutionShape, _ part: onednn_convolution_part, rows: Int) {
    precondition(rows > 0, "no convolution of \(rows) images")
    self.part = part
    self.rows = rows
    self.shape = shape
    convolution.initialize(to: onednn_convolution())
    var sizes = onednn_convolution_shape(
      height: Int64(shape.height), width: Int64(shape.width), channels: Int64(shape.channels),
      output_height: Int64(shape.outputHeight), output_width: Int64(shape.outputWidth),
      output_channels: Int64(shape.outputChannels), groups: Int64(shape.groups),
      kernel_height: Int64(shape.window), kernel_width: Int64(shape.window),
      stride_height: Int64(shape.stride), stride_width: Int64(shape.stride),
      padding_top: Int64(shape.paddingTop), padding_left: Int64(shape.paddingLeft),
      padding_bottom: Int64(shape.paddingBottom), padding_right: Int64(shape.paddingRight))
    require(
      onednn_convolution_create(convolution, part, Engine.processor, Int64(rows), &sizes))
  }

  deinit {
    onednn_convolution_destroy(convolution)
    convolution.deallocate()
  }

  /// Runs on images, weights and outputs or their gradients, of which it writes one.
  func run(
    _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafePointer<Float>
  ) {
    require(onednn_convolution_run(convolution, input, weights, output))
  }

  private func require(_ status: dnnl_status_t) {
    precondition(
      status == dnnl_success,
      "oneDNN refused the convolution of \(rows) images, \(shape): status \(status.rawValue)")
  }
}
