import Networks
import Tensors

/// Layers of image networks in `Double`, forward only, written as the formulas read: what the fast
/// ones are compared with. Examples are lists of floats, images height by width by channels.
struct ReferenceImageNetwork {
  let model: Model

  /// The mean cross-entropy of the examples.
  func loss(_ parameters: [Double], inputs: [[Double]], labels: [Int]) -> Double {
    var values = inputs
    var rest = parameters[...]
    for layer in model.layers {
      let own = Array(rest.prefix(layer.parameterCount))
      rest = rest.dropFirst(layer.parameterCount)
      values = outputs(of: layer, own, values)
    }
    let losses = zip(values, labels).map { outputs, label in
      let largest = outputs.max() ?? 0
      return logarithm(outputs.reduce(0) { $0 + exponential($1 - largest) }) + largest
        - outputs[label]
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func outputs(
    of layer: any Layer, _ parameters: [Double], _ inputs: [[Double]]
  ) -> [[Double]] {
    switch layer {
    case let layer as ConvolutionLayer: inputs.map { convolve(layer, parameters, $0) }
    case let layer as PoolLayer: inputs.map { pool(layer, $0) }
    case let layer as BatchNormLayer: normalize(layer, parameters, inputs)
    case let layer as DenseLayer: inputs.map { dense(layer, parameters, $0) }
    default: inputs
    }
  }

  private func convolve(
    _ layer: ConvolutionLayer, _ parameters: [Double], _ image: [Double]
  ) -> [Double] {
    let (height, width, channels) = sizes(layer.inputShape)
    let (outputHeight, outputWidth, outputs) = sizes(layer.outputShape)
    let weights = layer.tensors[0]
    let (fanIn, window) = (weights.shape[1], weights.shape[2])
    let groups = channels / fanIn
    let top = before(layer.window, height, outputHeight)
    let left = before(layer.window, width, outputWidth)
    var result: [Double] = []
    for y in 0..<outputHeight {
      for x in 0..<outputWidth {
        for output in 0..<outputs {
          let first = output / (outputs / groups) * fanIn
          var sum = layer.hasBias ? parameters[weights.shape.reduce(1, *) + output] : 0
          for i in 0..<window {
            for j in 0..<window {
              let row = y * layer.window.stride + i - top
              let column = x * layer.window.stride + j - left
              guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
              for channel in 0..<fanIn {
                let weight = parameters[((output * fanIn + channel) * window + i) * window + j]
                sum += weight * image[(row * width + column) * channels + first + channel]
              }
            }
          }
          result.append(apply(layer.activation, sum))
        }
      }
    }
    return result
  }

  private func pool(_ layer: PoolLayer, _ image: [Double]) -> [Double] {
    let (height, width, channels) = sizes(layer.inputShape)
    guard let window = layer.window else {
      return (0..<channels).map { channel in
        let values = stride(from: channel, to: image.count, by: channels).map { image[$0] }
        return layer.function == .maximum
          ? values.max() ?? 0 : values.reduce(0, +) / Double(values.count)
      }
    }
    let (outputHeight, outputWidth, _) = sizes(layer.outputShape)
    let top = before(window, height, outputHeight)
    let left = before(window, width, outputWidth)
    var result: [Double] = []
    for y in 0..<outputHeight {
      for x in 0..<outputWidth {
        for channel in 0..<channels {
          var seen: [Double] = []
          for row in y * window.stride - top..<y * window.stride - top + window.size {
            for column in x * window.stride - left..<x * window.stride - left + window.size {
              guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
              seen.append(image[(row * width + column) * channels + channel])
            }
          }
          result.append(
            layer.function == .maximum
              ? seen.max() ?? 0 : seen.reduce(0, +) / Double(window.size * window.size))
        }
      }
    }
    return result
  }

  private func normalize(
    _ layer: BatchNormLayer, _ parameters: [Double], _ inputs: [[Double]]
  ) -> [[Double]] {
    let channels = layer.inputShape[layer.inputShape.count - 1]
    var result = inputs
    for channel in 0..<channels {
      let places = stride(from: channel, to: inputs[0].count, by: channels)
      let values = inputs.flatMap { example in places.map { example[$0] } }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance =
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      let scale = parameters[channel] / (variance + layer.epsilon).squareRoot()
      for example in inputs.indices {
        for place in places {
          result[example][place] =
            (inputs[example][place] - mean) * scale + parameters[channels + channel]
        }
      }
    }
    return result
  }

  private func dense(_ layer: DenseLayer, _ parameters: [Double], _ input: [Double]) -> [Double] {
    let outputs = layer.outputCount
    return (0..<outputs).map { unit in
      var sum = parameters[outputs * input.count + unit]
      for index in input.indices { sum += parameters[unit * input.count + index] * input[index] }
      return apply(layer.activation, sum)
    }
  }

  private func apply(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .relu: x > 0 ? x : 0
    case .tanh: 1 - 2 / (exponential(2 * x) + 1)
    case .sigmoid: 1 / (1 + exponential(-x))
    default: x
    }
  }

  private func sizes(_ shape: [Int]) -> (Int, Int, Int) { (shape[0], shape[1], shape[2]) }

  /// The padding at the near edge.
  private func before(_ window: SlidingWindow, _ length: Int, _ count: Int) -> Int {
    switch window.padding {
    case .pixels(let pixels): pixels
    case .same: max(0, (count - 1) * window.stride + window.size - length) / 2
    }
  }
}
