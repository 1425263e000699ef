internal import CProcess

/// Ctrl-C, SIGTERM, SIGHUP and SIGQUIT: the first asks the runs to stop, the second ends the program
/// at once, and so does the first where it has not stopped after four seconds, whatever it is doing.
public enum StopSignal {
  /// The exit code of a program that was stopped.
  public static let exitCode: Int32 = 130

  /// From now on the signals ask. `stopped` is said where the program is ended by force.
  public static func listen(stopping: StaticString, stopped: StaticString) {
    cprocess_stop_on_signals(exitCode, text(stopping), text(stopped))
  }

  /// Whether a signal has asked the program to stop.
  public static var isRequested: Bool { cprocess_stop_requested() }

  /// Where the program has been asked to stop, gives it the time to write so many bytes before it is ended
  /// by force.
  public static func allow(bytes: Int) {
    // A slow disk.
    cprocess_allow_seconds(UInt32(clamping: bytes / 20_000_000))
  }

  /// For every command: writing to a reader that has gone away is an error, not an end, and SIGQUIT
  /// ends the program without an account of a crash.
  public static func usePlainSignals() { cprocess_use_plain_signals() }
}

/// A static text as C reads it.
func text(_ string: StaticString) -> UnsafePointer<CChar> {
  UnsafeRawPointer(string.utf8Start).assumingMemoryBound(to: CChar.self)
}
