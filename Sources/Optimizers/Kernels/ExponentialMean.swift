internal import Tensors

/// A running mean m ← m + (1 − β)(x − m), which starts at what its array holds.
///
/// The form of PyTorch's `lerp_`: a constant x is a fixed point whatever the rounding of β. Where x
/// has most of the weight, β < ¼, it is x − β(x − m), as an x much smaller than m would be lost in
/// x − m. PyTorch changes over at β = ½; in between both forms are right to float rounding.
struct ExponentialMean {
  let array: UnsafeMutablePointer<Float>
  private let interpolation: Interpolation

  init(_ array: UnsafeMutablePointer<Float>, decay: Double) {
    self.array = array
    interpolation = Interpolation(weight: 1 - decay, rest: decay)
  }

  /// Takes in x and returns the new mean.
  @inline(__always)
  func take(_ x: Lanes, at place: some LanePlace) -> Lanes {
    let new = interpolation.between(place.load(array), x)
    place.store(new, array)
    return new
  }
}

/// a + w(b − a) for one weight w of the second of two values.
struct Interpolation {
  private let isNearSecond: Bool
  /// w, or 1 − w near the second value.
  private let weight: Lanes

  /// - Parameter rest: 1 − w, where it is known better than as a difference.
  init(weight: Double, rest: Double) {
    isNearSecond = rest < 0.25
    self.weight = Lanes(repeating: Float(isNearSecond ? rest : weight))
  }

  @inline(__always)
  func between(_ first: Lanes, _ second: Lanes) -> Lanes {
    isNearSecond ? second - weight * (second - first) : first + weight * (second - first)
  }
}
