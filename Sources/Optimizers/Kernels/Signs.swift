internal import Tensors

/// The sign of each lane: −1, 0 or 1, and NaN for NaN.
///
/// PyTorch's `sign` makes 0 of NaN; a rule of signs would then go on as if nothing had happened and
/// its instability would not show.
@inline(__always)
func signs(of x: Lanes) -> Lanes {
  var signs = x
  signs.replace(with: 1, where: x .> 0)
  signs.replace(with: -1, where: x .< 0)
  return signs
}
