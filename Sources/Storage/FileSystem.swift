#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What stands at a path.
enum FileKind {
  case missing, file, folder
}

/// What stands at `path`. A path through a file or a closed folder counts as missing.
func fileKind(_ path: String) -> FileKind {
  var status = stat()
  guard stat(path, &status) == 0 else { return .missing }
  return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
}

/// The folder part of a path; `.` where there is none.
func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last part of a path.
func fileName(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}

/// Creates a folder with those above it, where they are missing.
func createFolder(_ path: String) throws(StorageError) {
  if fileKind(path) == .folder { return }
  let parent = folder(of: path)
  if parent != path, parent != "." { try createFolder(parent) }
  guard mkdir(path, 0o777) == 0 || fileKind(path) == .folder else {
    throw systemError("create the folder", path)
  }
}

/// The names in a folder, sorted; none where the folder is missing.
func fileNames(in path: String) throws(StorageError) -> [String] {
  guard fileKind(path) == .folder else { return [] }
  guard let stream = opendir(path) else { throw systemError("list the folder", path) }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// The first bytes of a file, `count` at most.
func firstBytes(of path: String, count: Int) throws(StorageError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemError("read", path) }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: count)
  let got = read(descriptor, &bytes, count)
  guard got >= 0 else { throw systemError("read", path) }
  return Array(bytes.prefix(got))
}

/// Removes a file; a missing one is removed already.
func removeFile(_ path: String) throws(StorageError) {
  guard unlink(path) == 0 || errno == ENOENT else { throw systemError("remove", path) }
}

/// Removes a folder if it is empty.
func removeFolderIfEmpty(_ path: String) { rmdir(path) }

/// Waits until a file, or a folder's list of names, is on the disk.
func synchronize(_ path: String) throws(StorageError) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemError("write", path) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw systemError("write", path) }
}

/// The process's number.
func processNumber() -> Int32 { getpid() }

/// The error of the system call that has just failed.
func systemError(_ operation: String, _ path: String) -> StorageError {
  let code = errno
  let detail = String(cString: strerror(code))
  let advice =
    switch code {
    case ENOSPC, EFBIG, EDQUOT: outOfSpaceAdvice
    case EACCES, EPERM, EROFS: "change its permissions, or choose another place with --output"
    case ENOTDIR, EEXIST: "a file stands where a folder is needed; choose another place"
    default: ""
    }
  return StorageError(
    kind: advice == outOfSpaceAdvice ? .outOfSpace : code == ENOENT ? .missing : .refused,
    operation: operation, file: path, detail: detail, advice: advice)
}
