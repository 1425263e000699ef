#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file that appears under its name whole or not at all: written beside it under a name that
/// nobody can foresee, brought to the disk, then renamed. What was there before stays until that
/// moment.
///
/// The unfinished file is locked while its process lives, so that `sweep` tells what a dead process
/// has left from what is being written.
public struct WholeFile: ~Copyable {
  /// What may be replaced when the file appears.
  public enum Replacement: Sendable {
    /// Any plain file.
    case anyFile
    /// Only what stood there when the destination was looked at, unchanged.
    case whatWasSeen
    /// Nothing: the name must be free.
    case nothing
  }

  public let destination: Destination
  /// The name under which it is written.
  public let temporaryPath: String
  private let replacement: Replacement
  private let descriptor: Int32
  private var isPublished = false

  private static let mark = ".optbench-"
  private static let digits = 16

  /// Creates the unfinished file.
  public init(
    _ destination: Destination, replacing replacement: Replacement
  ) throws(FileError) {
    try destination.requireFile()
    if destination.isTaken {
      if case .nothing = replacement {
        throw FileError(
          .inTheWay, "write", destination.given, "the file is there already",
          advice: "give another name or remove it")
      }
      // Renaming would replace a file that is closed against writing.
      guard access(destination.path, W_OK) == 0 else {
        throw FileError.ofSystem("write", destination.given)
      }
    }
    let created = try createTemporary(
      beside: destination, mark: Self.mark, digits: Self.digits)
    self.destination = destination
    self.replacement = replacement
    temporaryPath = created.path
    descriptor = created.descriptor
  }

  deinit {
    if !isPublished { unlink(temporaryPath) }
    close(descriptor)
  }

  /// Writes all of `bytes` at the end.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    // The library that writes by the name has a place of its own.
    lseek(descriptor, 0, SEEK_END)
    try writeAll(bytes, to: descriptor, of: destination.given)
  }

  /// Writes all of `bytes` at the end.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    lseek(descriptor, 0, SEEK_END)
    try writeAll(bytes, to: descriptor, of: destination.given)
  }

  /// Lets the written file appear under its name.
  ///
  /// - Returns: The destination with the file in it.
  @discardableResult
  public mutating func publish() throws(FileError) -> Destination {
    guard fsync(descriptor) == 0 else { throw FileError.ofSystem("write", destination.given) }
    var written = stat()
    guard fstat(descriptor, &written) == 0,
      let named = try status(of: temporaryPath, following: false), named.st_ino == written.st_ino,
      named.st_dev == written.st_dev
    else {
      throw FileError(
        .inTheWay, "write", destination.given, "the unfinished file was removed meanwhile")
    }
    switch replacement {
    case .anyFile: try destination.requireStillAFile()
    case .whatWasSeen: try destination.requireUnchanged()
    case .nothing: break
    }
    let takesFreeName =
      switch replacement {
      case .anyFile: false
      case .whatWasSeen: !destination.isTaken
      case .nothing: true
      }
    try takesFreeName ? takeFreeName() : replace()
    isPublished = true
    try synchronize(folder(of: destination.path))
    return try Destination(destination.given)
  }

  private func replace() throws(FileError) {
    guard rename(temporaryPath, destination.path) == 0 else {
      throw FileError.ofSystem("write", destination.given)
    }
  }

  /// A second name for the file, which fails where something stands, unlike renaming; where the file
  /// system has no second names, the moment between looking and renaming remains.
  private func takeFreeName() throws(FileError) {
    if link(temporaryPath, destination.path) == 0 {
      unlink(temporaryPath)
      return
    }
    if errno != EEXIST {
      try destination.requireUnchanged()
      return try replace()
    }
    throw FileError(
      .inTheWay, "write", destination.given,
      "a file appeared there meanwhile, and is left as it is",
      advice: "move it away and try again, or choose another name")
  }

  /// Removes what processes that died have left unfinished in `folder`: of the file called `name`, or
  /// of all files.
  ///
  /// Only what is provably theirs: of the form of `temporaryPath`, a plain file of this user under
  /// this one name, locked by nobody, and empty or beginning with `signature`.
  public static func sweep(
    _ folder: String, of name: String? = nil, signature: [UInt8]
  ) throws(FileError) {
    for found in try fileNames(in: folder) where found.hasPrefix(".") {
      guard let end = found.ranges(of: mark).last,
        name.map({ found[..<end.lowerBound] == temporaryStem(of: $0) }) ?? true
      else { continue }
      let number = found[end.upperBound...].utf8
      guard number.count == digits, number.allSatisfy(isHexadecimal) else { continue }
      removeAbandoned("\(folder)/\(found)", signature: signature)
    }
  }

  /// Writes `text` to where `path` leads: a file whole, a pipe or a device as it is.
  public static func write(
    _ text: String, to path: String, replacing replacement: Replacement = .anyFile
  ) throws(FileError) {
    try write(bytes: Array(text.utf8), to: path, replacing: replacement)
  }

  /// Writes `bytes` to where `path` leads: a file whole, a pipe or a device as it is.
  public static func write(
    bytes: [UInt8], to path: String, replacing replacement: Replacement = .anyFile
  ) throws(FileError) {
    let destination = try Destination(path)
    guard destination.place == .file else {
      let stream = try destination.openStream()
      defer { close(stream) }
      return try writeAll(bytes, to: stream, of: path)
    }
    var file = try WholeFile(destination, replacing: replacement)
    try file.append(bytes)
    try file.publish()
  }
}

extension Destination {
  /// Throws if something has taken the place that is no plain file.
  fileprivate func requireStillAFile() throws(FileError) {
    guard let now = try status(of: path, following: false) else { return }
    let kind = FileKind(mode: now.st_mode)
    guard kind == .file else {
      throw FileError(.inTheWay, "write", given, "\(kind.name) appeared there meanwhile")
    }
  }

  /// Opens what takes bytes as they come. A pipe that nobody reads is given up after five seconds.
  fileprivate func openStream() throws(FileError) -> Int32 {
    if case .descriptor(let number) = place {
      let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
      guard copy >= 0 else { throw FileError.ofSystem("write", given) }
      return copy
    }
    for _ in 0..<100 {
      let opened = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      if opened >= 0 {
        let flags = fcntl(opened, F_GETFL)
        _ = fcntl(opened, F_SETFL, flags & ~O_NONBLOCK)
        return opened
      }
      guard errno == ENXIO, place == .stream(.pipe) else {
        throw FileError.ofSystem("write", given)
      }
      usleep(50_000)
    }
    throw FileError(
      .inTheWay, "write", given, "it is a pipe that nobody reads", advice: "start its reader first")
  }
}

/// Writes every byte, however often the system takes only some.
func writeAll(
  _ bytes: [UInt8], to descriptor: Int32, of path: String
) throws(FileError) {
  let result = bytes.withUnsafeBytes { bytes in
    Result { () throws(FileError) in try writeAll(bytes, to: descriptor, of: path) }
  }
  try result.get()
}

private func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, of path: String
) throws(FileError) {
  var written = 0
  while written < bytes.count {
    let count = write(
      descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
    if count < 0, errno == EINTR { continue }
    if count < 0, errno == EAGAIN {
      // Somebody has made a shared terminal or pipe non-blocking.
      var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&place, 1, -1)
      continue
    }
    guard count > 0 else {
      if count == 0 { errno = ENOSPC }
      throw FileError.ofSystem("write", path)
    }
    written += count
  }
}

/// A new file beside `destination`, locked, with the permissions of the file that it will replace.
private func createTemporary(
  beside destination: Destination, mark: String, digits: Int
) throws(FileError) -> (path: String, descriptor: Int32) {
  var random = [UInt8](repeating: 0, count: digits / 2)
  guard getentropy(&random, random.count) == 0 else {
    throw FileError.ofSystem("write", destination.given)
  }
  let number = random.map { byte in
    String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
  }.joined()
  let parent = folder(of: destination.path)
  let name = temporaryStem(of: destination.path) + mark + number
  let path = parent == "/" ? "/" + name : "\(parent)/\(name)"
  let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw FileError.ofSystem("write", destination.given) }
  // Without locks on this file system nothing is ever swept.
  _ = flock(descriptor, LOCK_EX | LOCK_NB)
  if destination.isTaken, let old = try? status(of: destination.path) {
    _ = fchown(descriptor, old.st_uid, old.st_gid)
    _ = fchmod(descriptor, old.st_mode & 0o777)
  }
  return (path, descriptor)
}

/// A dot and as much of the file's name as leaves room for the rest.
private func temporaryStem(of path: String) -> String {
  var stem = "." + fileName(of: path)
  while stem.utf8.count > 200 { stem.removeLast() }
  return stem
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  (48...57).contains(byte) || (97...102).contains(byte)
}

private func removeAbandoned(_ path: String, signature: [UInt8]) {
  let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  defer { close(descriptor) }
  var opened = stat()
  guard fstat(descriptor, &opened) == 0, opened.st_mode & S_IFMT == S_IFREG,
    opened.st_uid == geteuid(), opened.st_nlink == 1,
    flock(descriptor, LOCK_EX | LOCK_NB) == 0
  else { return }
  var start = [UInt8](repeating: 0, count: signature.count)
  let count = read(descriptor, &start, start.count)
  guard count == 0 || (count == signature.count && start == signature) else { return }
  var named = stat()
  guard lstat(path, &named) == 0, named.st_ino == opened.st_ino, named.st_dev == opened.st_dev
  else { return }
  unlink(path)
}
