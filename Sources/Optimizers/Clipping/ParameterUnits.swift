internal import Tensors

extension ParameterTensor {
  /// The number of units: the rows of a tensor with two or more axes, in PyTorch's layout out × in
  /// (× height × width); a vector or a scalar is one unit.
  var unitCount: Int { shape.count > 1 ? shape[0] : 1 }
}
