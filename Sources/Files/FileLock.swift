internal import CProcess

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The right to write a file, held by one process at a time and given back by the system when the
/// process dies, however it dies.
///
/// The lock file holds `optbench` and the owner's process number meanwhile. A file of its name that
/// says anything else belongs to somebody else: it is neither written nor removed, and a link is not
/// followed.
public struct FileLock: ~Copyable, Sendable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of the file at `path`, which stands for the right to write `guarded`.
  public init(_ path: String, guarding guarded: String) throws(FileError) {
    let locked = try lockedDescriptor(path, guarding: guarded)
    self.path = path
    descriptor = locked
    let owner = Array("\(mark)\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, owner, owner.count, 0)
    // A signal that ends the program at once removes it too.
    cprocess_remove_when_stopped(path, descriptor)
  }

  /// Whether a process holds the lock at `path` now; takes nothing and leaves nothing.
  public static func isHeld(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  deinit {
    // Removed while locked, so that nobody can have locked it in between.
    cprocess_keep_when_stopped(descriptor)
    if names(path, descriptor) { unlink(path) }
    close(descriptor)
  }
}

private let mark = "optbench "

/// Opens and locks the file at `path`, creating it where it is missing.
private func lockedDescriptor(
  _ path: String, guarding guarded: String
) throws(FileError) -> Int32 {
  for _ in 0..<1000 {
    let descriptor = open(
      path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      if errno == ELOOP { throw notOurs(path, "it is a link") }
      if errno == EISDIR { throw notOurs(path, "it is a folder") }
      throw FileError.ofSystem("write", path)
    }
    var isGiven = false
    defer { if !isGiven { close(descriptor) } }
    var opened = stat()
    guard fstat(descriptor, &opened) == 0 else { throw FileError.ofSystem("lock", path) }
    guard opened.st_mode & S_IFMT == S_IFREG, opened.st_nlink <= 1 else {
      throw notOurs(path, "it is no plain file")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw FileError.ofSystem("lock", path) }
      throw FileError(
        .inUse, "write", guarded, "\(owner(text(of: descriptor))) is writing it",
        advice: "wait until it has finished, stop it, or choose another file with --output")
    }
    // The former owner may have removed the file between the opening and the locking.
    guard names(path, descriptor) else { continue }
    let content = text(of: descriptor)
    guard content.isEmpty || isMark(content) else {
      throw notOurs(path, "it is not a lock of this program")
    }
    isGiven = true
    return descriptor
  }
  throw FileError(.inUse, "lock", path, "it is removed again and again by another process")
}

private func notOurs(_ path: String, _ why: String) -> FileError {
  FileError(
    .inTheWay, "lock", path, "\(why), and is left as it is",
    advice: "choose another file with --output, or move it away")
}

/// Whether `path` names the open file.
private func names(_ path: String, _ descriptor: Int32) -> Bool {
  var opened = stat()
  var named = stat()
  return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
    && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
}

/// The first bytes of an open file.
private func text(of descriptor: Int32) -> String {
  var bytes = [UInt8](repeating: 0, count: 40)
  let count = pread(descriptor, &bytes, bytes.count, 0)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

private func isMark(_ text: String) -> Bool {
  let number = text.dropFirst(mark.count)
  return text.hasPrefix(mark) && number.hasSuffix("\n") && number.count > 1
    && number.dropLast().allSatisfy { ("0"..."9").contains($0) }
}

/// Who holds the lock, as its file says.
private func owner(_ text: String) -> String {
  guard isMark(text) else { return "another process" }
  let number = text.dropFirst(mark.count).dropLast()
  return number == "\(getpid())" ? "this process" : "another process (\(number))"
}
