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
    a.clipFired == b.clipFired && zip(a.series, b.series).allSatisfy { sameBits($0, $1) }
  }
}

extension Evaluations {
  /// Equality of everything that is reproducible: elapsed time is left out.
  public static func == (a: Evaluations, b: Evaluations) -> Bool {
    a.steps == b.steps && a.gradientEvaluations == b.gradientEvaluations
      && zip(a.values, b.values).allSatisfy { sameBits($0, $1) }
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
