internal import CZlib

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A gzip file read from front to back.
struct GzipFile: ~Copyable {
  let path: String
  private let handle: gzFile

  /// Opens a file that exists and begins as gzip does.
  init(path: String) throws(ProblemError) {
    guard let handle = gzopen(path, "rb") else {
      throw ProblemError(file: path, "cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard gzdirect(handle) == 0 else {
      gzclose(handle)
      throw ProblemError(
        file: path, "is not a gzip file; it must hold the data set's file as published")
    }
    self.path = path
    self.handle = handle
  }

  deinit { gzclose(handle) }

  /// The next `count` bytes.
  func read(_ count: Int, of part: String) throws(ProblemError) -> [UInt8] {
    var failure: ProblemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count {
        let want = UInt32(min(count - filled, 1 << 20))
        let got = gzread(handle, buffer.baseAddress.map { $0 + filled }, want)
        if got <= 0 {
          failure = ended(with: got, after: filled, of: count, part)
          return
        }
        filled += Int(got)
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Demands that nothing is left and that the checksum is right.
  func expectEnd() throws(ProblemError) {
    var byte: UInt8 = 0
    let got = gzread(handle, &byte, 1)
    guard got == 0 else {
      throw got > 0
        ? ProblemError(file: path, "holds more data than its header says; fetch it again")
        : ended(with: got, after: 0, of: 0, "checksum")
    }
    // A stream that stops before its trailer reads as an end, too.
    var code: Int32 = 0
    _ = gzerror(handle, &code)
    guard code == Z_OK else { throw ended(with: 0, after: 0, of: 0, "checksum") }
  }

  private func ended(
    with result: Int32, after filled: Int, of count: Int, _ part: String
  ) -> ProblemError {
    var code: Int32 = 0
    let text = gzerror(handle, &code).map { String(cString: $0) } ?? ""
    if result == 0 || code == Z_BUF_ERROR {
      return ProblemError(
        file: path,
        "is truncated: its \(part) ends after \(filled) of \(count) bytes; fetch it again")
    }
    let detail = code == Z_ERRNO ? String(cString: strerror(errno)) : text
    return ProblemError(file: path, "cannot be read as gzip: \(detail); fetch it again")
  }
}
