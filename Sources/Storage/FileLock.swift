#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The right to write an experiment's files, held by one process at a time and given back by the
/// system when the process dies, however it dies.
struct FileLock: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of the file at `path`, which holds the owner's process number meanwhile.
  init(_ path: String, guarding result: String) throws(StorageError) {
    self.path = path
    descriptor = try lockedDescriptor(path, guarding: result)
    let owner = Array("\(processNumber())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = write(descriptor, owner, owner.count)
  }

  deinit {
    // Removed while locked, so that nobody can have locked it in between.
    unlink(path)
    close(descriptor)
  }
}

/// Opens and locks the file at `path`, creating it where it is missing.
private func lockedDescriptor(
  _ path: String, guarding result: String
) throws(StorageError) -> Int32 {
  while true {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw systemError("write", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      defer { close(descriptor) }
      guard errno == EWOULDBLOCK else { throw systemError("lock", path) }
      throw StorageError(
        kind: .inUse, operation: "write", file: result,
        detail: "\(owner(descriptor)) is writing it",
        advice: "wait until it has finished, stop it, or choose another file with --output")
    }
    // The former owner may have removed the file between the opening and the locking.
    var opened = stat()
    var named = stat()
    if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino,
      opened.st_dev == named.st_dev
    {
      return descriptor
    }
    close(descriptor)
  }
}

/// Who holds the lock, as its file says.
private func owner(_ descriptor: Int32) -> String {
  var bytes = [UInt8](repeating: 0, count: 20)
  let count = pread(descriptor, &bytes, bytes.count, 0)
  let digits = bytes.prefix(max(0, count)).prefix { $0 >= 48 && $0 <= 57 }
  let number = String(decoding: digits, as: UTF8.self)
  if number == "\(processNumber())" { return "this process" }
  return number.isEmpty ? "another process" : "another process (\(number))"
}
