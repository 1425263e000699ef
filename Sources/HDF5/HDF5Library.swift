internal import CHDF5
internal import Synchronization

/// The HDF5 C library of this process.
public enum HDF5Library {
  private static let mutex = Mutex(())

  /// Makes the library ready, once and before anything else.
  ///
  /// At exit the library would write again what it could not write on a full disk, and crash; all
  /// that is to be written is closed by hand, so that its cleaning up is not needed.
  private static let ready: Void = { _ = H5dont_atexit() }()

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
      ready
      chdf5_silence_errors()
      return try body()
    }
  }
}
