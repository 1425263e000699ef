public import Tensors

/// Weights by another rule, and the same value for each bias.
public struct ConstantBiases: Initialization {
  let weights: any Initialization
  let value: Double

  public init(_ value: Double, weights: any Initialization) {
    self.weights = weights
    self.value = value
  }

  public func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    tensor.role == .bias
      ? Array(repeating: Float(value), count: tensor.count)
      : weights.values(for: tensor, from: &stream)
  }
}
