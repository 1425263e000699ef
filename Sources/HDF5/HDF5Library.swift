internal import CHDF5
internal import Synchronization

/// The HDF5 C library of this process.
public enum HDF5Library {
  private static let mutex = Mutex(())

  /// Done before the first use. The library's own clean-up at exit would follow handles that a full
  /// disk has left half closed, and crash; everything that matters is closed by hand.
  private static let isSetUp: Bool = H5dont_atexit() >= 0

  /// The version of the library in use, such as `1.10.8`.
  public static let version: String = exclusively {
    var major: UInt32 = 0
    var minor: UInt32 = 0
    var release: UInt32 = 0
    H5get_libversion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
  }

  /// Runs `body` while no other thread of the process uses the library.
  ///
  /// Every use of this module belongs in such a body, handles included: they are made and released
  /// inside. Locking single calls would not be enough, because a call fails on a handle that another
  /// thread has just closed. Not to be nested.
  public static func exclusively<Result: Sendable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try mutex.withLock { (_) throws(Failure) -> Result in
      precondition(isSetUp, "the HDF5 library was used before its set-up")
      chdf5_silence_errors()
      return try body()
    }
  }
}
