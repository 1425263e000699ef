/// The gradient of `function` at `point` by central differences:
/// (f(x + h·eᵢ) − f(x − h·eᵢ)) / 2h, with an error of about h² and rounding/h.
public func centralDifferences(
  of function: ([Double]) -> Double, at point: [Double], step: Double = 1e-5
) -> [Double] {
  point.indices.map { index in
    var above = point
    var below = point
    above[index] += step
    below[index] -= step
    return (function(above) - function(below)) / (above[index] - below[index])
  }
}

/// ‖a − b‖ / ‖b‖, or ‖a‖ where b is 0: the error of `a` as a whole. NaN if anything is NaN.
public func relativeDistance(_ a: [Double], from b: [Double]) -> Double {
  precondition(a.count == b.count, "\(a.count) numbers against \(b.count)")
  let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let size = b.reduce(0) { $0 + $1 * $1 }
  return (size == 0 ? a.reduce(0) { $0 + $1 * $1 } : difference / size).squareRoot()
}
