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
/// The lock file holds `optbench` and the owner's process number meanwhile, and on a second line what the
/// owner says of its work. A file of its name that says anything else belongs to somebody else: it is
/// neither written nor removed, and a link is not followed.
public struct FileLock: ~Copyable, Sendable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of the file at `path`, which stands for the right to write `guarded`.
  public init(_ path: String, guarding guarded: String) throws(FileError) {
    let locked = try lockedDescriptor(path, guarding: guarded)
    self.path = path
    descriptor = locked
    _ = ftruncate(descriptor, 0)
    write("")
    // A signal that ends the program at once removes it too.
    cprocess_remove_when_stopped(path, descriptor)
  }

  /// Says, for whoever reads the lock, how the work goes: one line. What does not fit on the disk is not
  /// said.
  public func say(_ note: String) {
    write(note.split(separator: "\n").first.map { "\($0)\n" } ?? "")
  }

  private func write(_ note: String) {
    // In one call, and closed by a line feed: a reader takes whole lines only.
    let content = Array("\(mark)\(getpid())\n\(note)".utf8)
    _ = pwrite(descriptor, content, content.count, 0)
    _ = ftruncate(descriptor, off_t(content.count))
  }

  /// What the process that holds the lock at `path` says of its work; nil if none holds it.
  public static func note(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    let lines = text(of: descriptor).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.count > 2 ? String(lines[1]) : ""
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
    guard locked(descriptor) else {
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

/// Takes the lock; asks again for some milliseconds, as somebody who looks whether it is held has it for a
/// moment.
private func locked(_ descriptor: Int32) -> Bool {
  for _ in 0..<5 {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { return false }
    usleep(5000)
  }
  return flock(descriptor, LOCK_EX | LOCK_NB) == 0
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
  var bytes = [UInt8](repeating: 0, count: 1000)
  let count = pread(descriptor, &bytes, bytes.count, 0)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

private func isMark(_ text: String) -> Bool { processNumber(text) != nil }

/// The process number on the first line of a lock's text.
private func processNumber(_ text: String) -> Substring? {
  guard text.hasPrefix(mark), let end = text.firstIndex(of: "\n") else { return nil }
  let number = text[..<end].dropFirst(mark.count)
  return !number.isEmpty && number.allSatisfy { ("0"..."9").contains($0) } ? number : nil
}

/// Who holds the lock, as its file says.
private func owner(_ text: String) -> String {
  guard let number = processNumber(text) else { return "another process" }
  return number == "\(getpid())" ? "this process" : "another process (\(number))"
}
