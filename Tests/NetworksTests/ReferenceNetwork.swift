import Networks
import Tensors

/// A multilayer perceptron in `Double`, forward only, written as the formulas read: what the fast
/// one is compared with.
struct ReferenceNetwork {
  let widths: [Int]
  let activation: Activation
  let usesCrossEntropy: Bool

  /// The mean loss of the examples.
  func loss(_ parameters: [Double], inputs: [[Double]], labels: [Int]) -> Double {
    let losses = zip(inputs, labels).map { input, label in
      exampleLoss(outputs(parameters, input), label)
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func outputs(_ parameters: [Double], _ input: [Double]) -> [Double] {
    var values = input
    var offset = 0
    for layer in 1..<widths.count {
      let (inner, outer) = (widths[layer - 1], widths[layer])
      let biases = offset + inner * outer
      values = (0..<outer).map { unit in
        var sum = parameters[biases + unit]
        for index in 0..<inner { sum += parameters[offset + unit * inner + index] * values[index] }
        return layer == widths.count - 1 ? sum : apply(sum)
      }
      offset = biases + outer
    }
    return values
  }

  private func apply(_ x: Double) -> Double {
    switch activation {
    case .identity: x
    case .relu: x > 0 ? x : 0
    case .leakyRelu: x > 0 ? x : 0.01 * x
    case .tanh: 1 - 2 / (exponential(2 * x) + 1)
    case .sigmoid: 1 / (1 + exponential(-x))
    }
  }

  private func exampleLoss(_ outputs: [Double], _ label: Int) -> Double {
    if usesCrossEntropy {
      let largest = outputs.max() ?? 0
      let sum = outputs.reduce(0) { $0 + exponential($1 - largest) }
      return logarithm(sum) + largest - outputs[label]
    }
    let squares = outputs.enumerated().map { index, value in
      let difference = value - (index == label ? 1 : 0)
      return difference * difference
    }
    return squares.reduce(0, +) / Double(outputs.count)
  }
}
