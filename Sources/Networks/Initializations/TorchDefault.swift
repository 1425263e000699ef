import Settings
public import Tensors

/// What PyTorch's layers start from: weights gain·(2u − 1)/√fan_in (its `kaiming_uniform_` with
/// a = √5) and biases (2u − 1)/√fan_in, which the gain does not change. Recurrent layers divide by the
/// root of their units instead.
public struct TorchDefault: Initialization {
  let gain: Double

  public func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    guard tensor.role == .weight || tensor.role == .bias else { return tensor.zeros }
    let bound = (tensor.role == .weight ? gain : 1) / Double(tensor.torchFanIn).squareRoot()
    return tensor.drawn { bound * (2 * stream.uniform() - 1) }
  }

  static let entry = CatalogEntry<any Initialization>(
    name: "torch-default",
    summary: "uniform weights and biases up to 1/√fan_in, as PyTorch's layers",
    reference: "Paszke et al. (2019)", hyperparameters: [Initializations.gain]
  ) { TorchDefault(gain: $0.number("gain")) }
}
