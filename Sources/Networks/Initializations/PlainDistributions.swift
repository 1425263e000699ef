import Settings
public import Tensors

/// gain·z: the standard deviation is the gain, whatever the layer's size.
public struct PlainNormal: Initialization {
  let gain: Double

  public func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    guard tensor.role == .weight else { return tensor.zeros }
    return tensor.drawn { gain * stream.normal() }
  }

  static let entry = CatalogEntry<any Initialization>(
    name: "normal", summary: "normal weights with standard deviation gain", reference: "",
    hyperparameters: [Initializations.gain]
  ) { PlainNormal(gain: $0.number("gain")) }
}

/// gain·(2u − 1): the bound is the gain, whatever the layer's size.
public struct PlainUniform: Initialization {
  let gain: Double

  public func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    guard tensor.role == .weight else { return tensor.zeros }
    return tensor.drawn { gain * (2 * stream.uniform() - 1) }
  }

  static let entry = CatalogEntry<any Initialization>(
    name: "uniform", summary: "uniform weights from −gain to gain", reference: "",
    hyperparameters: [Initializations.gain]
  ) { PlainUniform(gain: $0.number("gain")) }
}

/// gain·z with z drawn again while |z| > 2.
///
/// The gain is the standard deviation *before* truncation, as in PyTorch's `trunc_normal_`; that of
/// the values is 0.8796 times as large. PyTorch truncates at ±2 rather than at ±2 deviations.
public struct TruncatedNormal: Initialization {
  let gain: Double

  public func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    guard tensor.role == .weight else { return tensor.zeros }
    return tensor.drawn {
      var z = stream.normal()
      while z.magnitude > 2 { z = stream.normal() }
      return gain * z
    }
  }

  static let entry = CatalogEntry<any Initialization>(
    name: "truncated-normal",
    summary: "normal weights with standard deviation gain, none beyond two deviations",
    reference: "", hyperparameters: [Initializations.gain]
  ) { TruncatedNormal(gain: $0.number("gain")) }
}
