import Settings
public import Tensors

/// Weights whose variance is v = gain²·c/n, with n the inputs of a unit or the mean of its inputs
/// and outputs: normal, √v·z, or uniform, √(3v)·(2u − 1).
///
/// | name | c/n | from |
/// |---|---|---|
/// | he | 2/fan_in | He et al. (2015) |
/// | glorot | 2/(fan_in + fan_out) | Glorot & Bengio (2010) |
/// | lecun | 1/fan_in | LeCun et al. (1998) |
///
/// PyTorch's `kaiming_*` with `nonlinearity='relu'` and `xavier_*`. Its gain for a nonlinearity is
/// not applied: `gain` is the file's alone.
public struct VarianceScaling: Initialization {
  /// Which fans the variance is divided by.
  enum Family: String, CaseIterable {
    case he, glorot, lecun

    func variance(fanIn: Int, fanOut: Int) -> Double {
      switch self {
      case .he: 2 / Double(fanIn)
      case .glorot: 2 / Double(fanIn + fanOut)
      case .lecun: 1 / Double(fanIn)
      }
    }

    var rule: String {
      switch self {
      case .he: "2/fan_in"
      case .glorot: "2/(fan_in + fan_out)"
      case .lecun: "1/fan_in"
      }
    }

    var reference: String {
      switch self {
      case .he: "He et al. (2015)"
      case .glorot: "Glorot & Bengio (2010)"
      case .lecun: "LeCun et al. (1998)"
      }
    }
  }

  let family: Family
  let isNormal: Bool
  let gain: Double

  public func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    guard tensor.role == .weight else { return tensor.zeros }
    let variance = family.variance(fanIn: tensor.fanIn, fanOut: tensor.fanOut)
    if isNormal {
      let deviation = gain * variance.squareRoot()
      return tensor.drawn { deviation * stream.normal() }
    }
    let bound = gain * (3 * variance).squareRoot()
    return tensor.drawn { bound * (2 * stream.uniform() - 1) }
  }

  static let entries: [CatalogEntry<any Initialization>] = Family.allCases.flatMap { family in
    [true, false].map { isNormal in
      CatalogEntry(
        name: "\(family.rawValue)-\(isNormal ? "normal" : "uniform")",
        summary: "\(isNormal ? "normal" : "uniform") weights of variance gain²·\(family.rule)",
        reference: family.reference, hyperparameters: [Initializations.gain]
      ) { VarianceScaling(family: family, isNormal: isNormal, gain: $0.number("gain")) }
    }
  }
}
