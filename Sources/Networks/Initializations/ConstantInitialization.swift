import Tensors

/// The same value for every element, which draws nothing: what norms start from.
struct ConstantInitialization: Initialization {
  let value: Float

  func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    Array(repeating: value, count: tensor.count)
  }
}
