public import Tensors

/// A model at work in one run: forward and backward passes over batches of up to `batchSize`
/// examples, in memory that is allocated once. It lives on the run's thread.
///
/// The caller writes examples to `input` and what is to be predicted to `labels` or `values` and then
/// asks for the loss.
public final class Network {
  public let model: Model
  public let batchSize: Int
  /// Examples, `[batchSize, model.inputCount]`, row-major.
  public let input: UnsafeMutablePointer<Float>
  /// The classes, `[batchSize, model.predictionsPerExample]`, each below
  /// `model.outputsPerPrediction`.
  public let labels: UnsafeMutablePointer<Int32>
  /// The values, `[batchSize, model.outputCount]`, where values are to be predicted.
  public let values: UnsafeMutablePointer<Float>?

  private let loss: any Loss
  private let computations: [any LayerComputation]
  private let outputs: UnsafeMutablePointer<Float>
  private let inputBuffer: FloatBuffer
  private let outputGradient: FloatBuffer?
  private let valueBuffer: FloatBuffer?
  private let hasLabels: Bool
  /// The predictions for one example.
  private let predictions: Int
  /// The outputs for one prediction.
  private let width: Int

  /// A network for batches of up to `batchSize` examples.
  ///
  /// - Parameters:
  ///   - targets: What is to be predicted; nil for classes.
  ///   - isTrained: Whether gradients will be asked for; without, it needs less memory.
  public init(
    _ model: Model, loss: any Loss, targets: TargetKind? = nil, batchSize: Int, isTrained: Bool
  ) {
    precondition(batchSize > 0, "no batches of \(batchSize) examples")
    self.model = model
    self.loss = loss
    self.batchSize = batchSize
    inputBuffer = FloatBuffer(count: batchSize * model.inputCount + activationSlack)
    input = inputBuffer.pointer
    predictions = model.predictionsPerExample
    width = model.outputsPerPrediction
    labels = UnsafeMutablePointer<Int32>.allocate(capacity: batchSize * predictions)
    labels.initialize(repeating: 0, count: batchSize * predictions)
    if case .values = targets { hasLabels = false } else { hasLabels = !loss.reconstructsInput }
    valueBuffer =
      hasLabels || loss.reconstructsInput
      ? nil : FloatBuffer(count: batchSize * model.outputCount + activationSlack)
    values = valueBuffer?.pointer
    precondition(
      !loss.reconstructsInput || model.inputCount == model.outputCount,
      "\(model.outputCount) outputs cannot reconstruct \(model.inputCount) inputs")
    outputGradient =
      isTrained ? FloatBuffer(count: batchSize * model.outputCount + activationSlack) : nil
    var parameterOffset = 0
    var bufferPosition = 0
    var computations: [any LayerComputation] = []
    for layer in model.layers {
      computations.append(
        layer.makeComputation(
          at: LayerPlace(
            path: layer.name, parameterOffset: parameterOffset, bufferPosition: bufferPosition,
            batchSize: batchSize, isTrained: isTrained,
            // Before the first parameters nothing is learned.
            needsInputGradient: parameterOffset > 0)))
      parameterOffset += layer.parameterCount
      bufferPosition += layer.buffers.count
    }
    self.computations = computations
    outputs = computations[computations.count - 1].output
  }

  deinit { labels.deallocate() }

  /// The mean loss of the first `rows` examples, and its gradient in layout order.
  public func lossAndGradient(
    rows: Int, parameters: UnsafePointer<Float>, pass: Pass, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    forward(rows: rows, parameters: parameters, pass: pass)
    return backward(rows: rows, parameters: parameters, pass: pass, gradient: gradient)
  }

  /// Lets the first `rows` examples pass, as in training, for what they add to the running statistics
  /// in the pass's buffers.
  public func updateStatistics(rows: Int, parameters: UnsafePointer<Float>, pass: Pass) {
    forward(rows: rows, parameters: parameters, pass: pass)
  }

  /// The gradient of the mean loss of the first `rows` examples for labels drawn from the model's
  /// own predictions, which replace `labels`. The loss is a `ProbabilisticLoss`.
  public func sampledLabelGradient(
    rows: Int, parameters: UnsafePointer<Float>, pass: Pass, stream: inout RandomStream,
    gradient: UnsafeMutablePointer<Float>
  ) {
    guard let loss = loss as? any ProbabilisticLoss else {
      preconditionFailure("\(loss.name) has no distribution of labels")
    }
    forward(rows: rows, parameters: parameters, pass: pass)
    loss.drawLabels(
      outputs: outputs, rows: rows * predictions, classes: width, from: &stream, into: labels)
    _ = backward(rows: rows, parameters: parameters, pass: pass, gradient: gradient)
  }

  /// The mean loss of the last forward pass, and its gradient.
  private func backward(
    rows: Int, parameters: UnsafePointer<Float>, pass: Pass, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    guard let outputGradient else { preconditionFailure("this network only evaluates") }
    let total = sumOfLosses(rows: rows, gradient: outputGradient.pointer)
    var position = computations.count - 1
    var flowing = outputGradient.pointer
    while true {
      let computation = computations[position]
      computation.backward(
        input: inputOfLayer(position), rows: rows, parameters: parameters, outputGradient: flowing,
        gradient: gradient, pass: pass)
      guard position > 0, let next = computation.inputGradient else { break }
      flowing = next
      position -= 1
    }
    return total / Double(rows * predictions)
  }

  /// The summed loss of the predictions for the first `rows` examples, and how many of them name
  /// the right class; nil where values are predicted.
  public func evaluate(
    rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) -> (loss: Double, correct: Int?) {
    forward(rows: rows, parameters: parameters, pass: pass)
    return (
      sumOfLosses(rows: rows, gradient: nil),
      hasLabels
        ? correctPredictions(
          outputs: outputs, labels: labels, rows: rows * predictions, classes: width) : nil
    )
  }

  /// The loss of the last forward pass, summed over the predictions. What layers add for an example
  /// counts for each of its predictions.
  private func sumOfLosses(rows: Int, gradient: UnsafeMutablePointer<Float>?) -> Double {
    let targets: Targets =
      hasLabels ? .classes(labels) : .values(UnsafePointer(valueBuffer?.pointer ?? input))
    var total = loss.sum(
      outputs: outputs, targets: targets, rows: rows * predictions, width: width,
      gradient: gradient)
    for computation in computations {
      total += computation.auxiliaryLoss * Double(predictions)
    }
    return total
  }

  /// ‖∂L/∂h_t‖ for each time step t of the recurrent layer at `position` in the model, as the last
  /// backward pass left it: the norm over the batch and the hidden units, of the total derivative of
  /// the mean loss. Nil where the layer does not compute through time.
  public func hiddenGradientNorms(ofLayer position: Int) -> [Double]? {
    (computations[position] as? any ThroughTime)?.hiddenGradientNorms()
  }

  /// The outputs of the last pass, `[rows, model.outputCount]`, row-major.
  package var lastOutputs: UnsafePointer<Float> { UnsafePointer(outputs) }

  private func forward(rows: Int, parameters: UnsafePointer<Float>, pass: Pass) {
    precondition(rows > 0 && rows <= batchSize, "\(rows) examples for batches of \(batchSize)")
    for (position, computation) in computations.enumerated() {
      computation.forward(
        input: inputOfLayer(position), rows: rows, parameters: parameters, pass: pass)
    }
  }

  private func inputOfLayer(_ position: Int) -> UnsafePointer<Float> {
    UnsafePointer(position == 0 ? input : computations[position - 1].output)
  }
}
