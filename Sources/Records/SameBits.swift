/// Whether two lists of numbers are equal, with NaN equal to NaN.
func sameBits(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

/// Whether two lists of numbers are equal, with NaN equal to NaN.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

extension Trajectory {
  public static func == (a: Trajectory, b: Trajectory) -> Bool {
    let further = (a.further.filter { !$0.isZero }, b.further.filter { !$0.isZero })
    return a.clipFired == b.clipFired && zip(a.series, b.series).allSatisfy { sameBits($0, $1) }
      && further.0.map(\.quantity.name) == further.1.map(\.quantity.name)
      && zip(further.0, further.1).allSatisfy { sameBits($0.values, $1.values) }
  }
}

extension Evaluations {
  /// Equality of everything that is reproducible, in single precision: elapsed time is left out.
  public static func == (a: Evaluations, b: Evaluations) -> Bool {
    a.steps == b.steps && a.gradientEvaluations == b.gradientEvaluations
      && zip(a.values, b.values).allSatisfy { sameBits($0.map(Float.init), $1.map(Float.init)) }
  }
}

extension FlightRecording {
  public static func == (a: FlightRecording, b: FlightRecording) -> Bool {
    a.steps == b.steps && a.tensors == b.tensors && sameBits(a.gradientNorm, b.gradientNorm)
      && sameBits(a.updateNorm, b.updateNorm) && sameBits(a.parameterNorm, b.parameterNorm)
  }
}

extension TensorRecording {
  public static func == (a: TensorRecording, b: TensorRecording) -> Bool {
    a.tensors == b.tensors && sameBits(a.gradientNorm, b.gradientNorm)
      && sameBits(a.updateNorm, b.updateNorm) && sameBits(a.parameterNorm, b.parameterNorm)
  }
}
