/// What a tensor of parameters is for: decides which weight decay, initialisation or optimizer it
/// gets.
public enum ParameterRole: String, Sendable, CaseIterable {
  case weight, bias, norm, embedding
}

/// One named tensor within the flat parameter vector of a model.
///
/// Weights of a dense layer have the shape `[outputs, inputs]`, row-major, as in PyTorch.
public struct ParameterTensor: Sendable, Equatable {
  public let name: String
  public let shape: [Int]
  public let role: ParameterRole
  /// The index of the first element in the flat vector.
  public let offset: Int
  /// The number of elements: the product of `shape`, 1 for a scalar.
  public let count: Int
}

/// How a model's tensors lie in one flat, contiguous vector: in order, without gaps.
public struct ParameterLayout: Sendable, Equatable {
  /// The tensors in order.
  public let tensors: [ParameterTensor]
  /// The number of parameters in all.
  public let count: Int

  /// A layout of the given tensors in the given order; no size is negative.
  public init(_ tensors: [(name: String, shape: [Int], role: ParameterRole)]) {
    var offset = 0
    self.tensors = tensors.map { tensor in
      precondition(
        tensor.shape.allSatisfy { $0 >= 0 }, "\(tensor.name) cannot have the shape \(tensor.shape)")
      let count = tensor.shape.reduce(1, *)
      defer { offset += count }
      return ParameterTensor(
        name: tensor.name, shape: tensor.shape, role: tensor.role, offset: offset, count: count)
    }
    count = offset
  }

  /// The tensor that holds the element at `index` of the flat vector.
  public func tensor(at index: Int) -> ParameterTensor? {
    tensors.first { index >= $0.offset && index < $0.offset + $0.count }
  }
}
