internal import CVector
internal import Tensors

/// ‖x‖ₚ = (Σ|xᵢ|ᵖ)^(1/p), and max|xᵢ| for p = ∞, for any p > 0.
///
/// Finite wherever the elements are; NaN if an element is NaN, ∞ if one is infinite. p = 1, 2 and ∞
/// run at memory speed, other orders at a power function per element.
func orderedNorm(_ x: UnsafePointer<Float>, count: Int, order: Double) -> Double {
  switch order {
  case 1: sumOfMagnitudes(x, count: count)
  case 2: Vector.norm(x, count: count)
  case .infinity: largestMagnitude(x, count: count)
  default: powerNorm(x, count: count, order: order)
  }
}

/// Σ|xᵢ| in float lanes over blocks, the blocks' sums in Double; all in Double where a block leaves
/// the float range.
private func sumOfMagnitudes(_ x: UnsafePointer<Float>, count: Int) -> Double {
  let block = 512
  var total = 0.0
  var index = 0
  while index < count {
    let end = min(index + block, count)
    var sum = Lanes.zero
    while index + 16 <= end {
      sum += cvector_abs(Vector.load(x, index))
      index += 16
    }
    var tail: Float = 0
    while index < end {
      tail += abs(x[index])
      index += 1
    }
    total += Double(sum.sum() + tail)
  }
  guard !total.isFinite else { return total }
  return (0..<count).reduce(into: 0.0) { $0 += Double(abs(x[$1])) }
}

/// max|xᵢ|, NaN if an element is.
private func largestMagnitude(_ x: UnsafePointer<Float>, count: Int) -> Double {
  var greatest = Lanes.zero
  // x − x is NaN for NaN and ±∞ and 0 otherwise; a sum of zeros stays 0.
  var doubts = Lanes.zero
  var index = 0
  while index + 16 <= count {
    let magnitudes = cvector_abs(Vector.load(x, index))
    greatest.replace(with: magnitudes, where: magnitudes .> greatest)
    doubts += magnitudes - magnitudes
    index += 16
  }
  var largest = greatest.max()
  var hasDoubt = doubts.sum() != 0
  while index < count {
    largest = max(largest, abs(x[index]))
    hasDoubt = hasDoubt || !x[index].isFinite
    index += 1
  }
  if hasDoubt, (0..<count).contains(where: { x[$0].isNaN }) { return .nan }
  return Double(largest)
}

/// (Σ|xᵢ|ᵖ)^(1/p), relative to the largest element so that no power leaves the range of Double.
private func powerNorm(_ x: UnsafePointer<Float>, count: Int, order: Double) -> Double {
  let largest = largestMagnitude(x, count: count)
  guard largest > 0, largest.isFinite else { return largest }
  var sum = 0.0
  for index in 0..<count { sum += power(Double(abs(x[index])) / largest, order) }
  return largest * power(sum, 1 / order)
}
