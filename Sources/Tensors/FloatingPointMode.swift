internal import CVector

/// Settings of the processor for the calling thread.
public enum FloatingPointMode {
  /// Treats denormal numbers as zero in the calling thread, or follows IEEE 754.
  ///
  /// Adam with coordinates that get no gradient is 2.7 times slower on denormals.
  /// - Returns: Whether the machine has such a mode.
  @discardableResult
  public static func flushDenormals(_ isOn: Bool) -> Bool {
    cvector_set_flush_denormals(isOn ? 1 : 0) != 0
  }
}
