internal import CZlib

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A gzip file, read from front to back: one member, or several, whose contents follow one another
/// (RFC 1952). Zeros may fill it up at the end.
///
/// zlib's `inflate` rather than its `gzread`, which takes a file that lacks its checksum for whole.
final class GzipFile {
  private let path: String
  private let descriptor: Int32
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutablePointer<UInt8>
  private static let inputSize = 1 << 16

  /// Opens a file that begins as gzip does.
  init(path: String) throws(ProblemError) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw ProblemError(file: path, "cannot be opened: \(String(cString: strerror(errno)))")
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header and trailer.
    let status = inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start: \(status)")
    self.path = path
    self.descriptor = descriptor
    self.stream = stream
    input = .allocate(capacity: Self.inputSize)
    try refill(of: "header")
    guard stream.pointee.avail_in > 1, input[0] == 0x1F, input[1] == 0x8B else {
      throw ProblemError(
        file: path, "is not a gzip file; it must hold the data set's file as published")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
    close(descriptor)
  }

  /// The next `count` bytes.
  func read(_ count: Int, of part: String) throws(ProblemError) -> [UInt8] {
    var failure: ProblemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(ProblemError) {
        filled = try inflate(into: buffer, of: part).count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard bytes.count == count else {
      throw ProblemError(
        file: path,
        "is truncated: its \(part) ends after \(bytes.count) of \(count) bytes; fetch it again")
    }
    return bytes
  }

  /// Demands that nothing is left and that the checksum is right.
  func expectEnd() throws(ProblemError) {
    var byte: UInt8 = 0
    var rest = (count: 0, isAtEnd: false)
    var failure: ProblemError?
    withUnsafeMutableBytes(of: &byte) { bytes in
      do throws(ProblemError) {
        rest = try inflate(into: bytes.bindMemory(to: UInt8.self), of: "checksum")
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard rest.count == 0, stream.pointee.avail_in == 0 else {
      throw ProblemError(file: path, "holds more data than its header says; fetch it again")
    }
    guard rest.isAtEnd else {
      throw ProblemError(file: path, "is truncated: its checksum is missing; fetch it again")
    }
  }

  /// Fills `buffer` as far as the file goes.
  private func inflate(
    into buffer: UnsafeMutableBufferPointer<UInt8>, of part: String
  ) throws(ProblemError) -> (count: Int, isAtEnd: Bool) {
    stream.pointee.next_out = buffer.baseAddress
    stream.pointee.avail_out = UInt32(buffer.count)
    while stream.pointee.avail_out > 0 {
      if stream.pointee.avail_in == 0 { try refill(of: part) }
      let status = CZlib.inflate(stream, Z_NO_FLUSH)
      let count = buffer.count - Int(stream.pointee.avail_out)
      if status == Z_STREAM_END {
        guard try startsMember(of: part) else { return (count, true) }
        continue
      }
      // No progress: the file has ended.
      if status == Z_BUF_ERROR { return (count, false) }
      guard status == Z_OK else {
        let detail = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
        throw ProblemError(file: path, "cannot be read as gzip: \(detail); fetch it again")
      }
    }
    return (buffer.count, false)
  }

  /// Whether another member begins here, for which zlib is made ready.
  private func startsMember(of part: String) throws(ProblemError) -> Bool {
    while true {
      if stream.pointee.avail_in == 0 { try refill(of: part) }
      guard stream.pointee.avail_in > 0, let next = stream.pointee.next_in else { return false }
      if next.pointee == 0x1F {
        inflateReset(stream)
        return true
      }
      guard next.pointee == 0 else { return false }
      stream.pointee.next_in = next + 1
      stream.pointee.avail_in -= 1
    }
  }

  private func refill(of part: String) throws(ProblemError) {
    let got = CLibrary.read(descriptor, input, Self.inputSize)
    guard got >= 0 else {
      throw ProblemError(
        file: path, "its \(part) cannot be read: \(String(cString: strerror(errno)))")
    }
    stream.pointee.next_in = input
    stream.pointee.avail_in = UInt32(got)
  }
}

/// The C library's function, which the method of the same name hides.
private enum CLibrary {
  static func read(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int
  {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer, count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer, count)
    #else
      Darwin.read(descriptor, buffer, count)
    #endif
  }
}
