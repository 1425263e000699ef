internal import Tensors

/// A running mean m ← m + (1 − β)(x − m), which starts at what its array holds.
///
/// The form of PyTorch's `lerp_`: a constant x is a fixed point whatever the rounding of β.
struct ExponentialMean {
  let array: UnsafeMutablePointer<Float>
  private let gain: Lanes

  init(_ array: UnsafeMutablePointer<Float>, decay: Double) {
    self.array = array
    gain = Lanes(repeating: Float(1 - decay))
  }

  /// Takes in x and returns the new mean.
  @inline(__always)
  func take(_ x: Lanes, at place: some LanePlace) -> Lanes {
    let old = place.load(array)
    let new = old + gain * (x - old)
    place.store(new, array)
    return new
  }
}

/// A running mean of squares v ← βv + (1 − β)x², which starts at what its array holds.
///
/// The form of PyTorch's `mul_` and `addcmul_`. It overflows to infinity, and stays there, where |x|
/// exceeds about 1.8e19/√(1 − β).
struct ExponentialMeanSquare {
  let array: UnsafeMutablePointer<Float>
  private let decay: Lanes
  private let gain: Lanes

  init(_ array: UnsafeMutablePointer<Float>, decay: Double) {
    self.array = array
    self.decay = Lanes(repeating: Float(decay))
    gain = Lanes(repeating: Float(1 - decay))
  }

  /// Takes in x and returns the new mean square.
  @inline(__always)
  func take(_ x: Lanes, at place: some LanePlace) -> Lanes {
    let new = decay * place.load(array) + gain * x * x
    place.store(new, array)
    return new
  }
}
