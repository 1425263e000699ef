#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What stands at a path.
public enum FileKind: Sendable {
  case missing, file, folder, link, pipe, characterDevice, blockDevice, socket

  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    case S_IFLNK: self = .link
    case S_IFIFO: self = .pipe
    case S_IFCHR: self = .characterDevice
    case S_IFBLK: self = .blockDevice
    default: self = .socket
    }
  }

  /// The kind in words, for messages.
  public var name: String {
    switch self {
    case .missing: "nothing"
    case .file: "a file"
    case .folder: "a folder"
    case .link: "a link"
    case .pipe: "a pipe"
    case .characterDevice, .blockDevice: "a device"
    case .socket: "a socket"
    }
  }
}

/// Which file a path named at a moment, and in what state.
public struct FileIdentity: Equatable, Sendable {
  let device: UInt64
  let inode: UInt64
  /// In bytes.
  public let size: Int64
  let seconds: Int
  let nanoseconds: Int

  init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    #if canImport(Darwin)
      seconds = status.st_mtimespec.tv_sec
      nanoseconds = status.st_mtimespec.tv_nsec
    #else
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    #endif
  }
}

/// What stands at `path`, links followed; nil where nothing does.
///
/// - Throws: If the system does not let it be seen: a closed folder on the way is no missing file.
func status(of path: String, following: Bool = true) throws(FileError) -> stat? {
  var result = stat()
  let code = following ? stat(path, &result) : lstat(path, &result)
  if code == 0 { return result }
  if errno == ENOENT { return nil }
  throw FileError.ofSystem("look at", path)
}

/// What stands at `path`, links followed.
public func fileKind(_ path: String) throws(FileError) -> FileKind {
  try requirePath(path)
  return try status(of: path).map { FileKind(mode: $0.st_mode) } ?? .missing
}

/// What `path` names now, links followed; nil where nothing is there.
public func fileIdentity(_ path: String) throws(FileError) -> FileIdentity? {
  try status(of: path).map { FileIdentity($0) }
}

/// Whether two paths lead to one file that is there, by whatever links.
public func nameOneFile(_ first: String, _ second: String) throws(FileError) -> Bool {
  guard let one = try status(of: first), let other = try status(of: second) else { return false }
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino
}

/// Throws unless the system can take `path` as it is written.
func requirePath(_ path: String) throws(FileError) {
  guard !path.isEmpty else {
    throw FileError(.refused, "use", "''", "it is not a file's name", advice: "give a name")
  }
  guard !path.utf8.contains(0) else {
    throw FileError(.refused, "use", path.escapingControls, "a path cannot contain NUL")
  }
}

/// The folder part of a path; `.` where there is none.
public func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last part of a path.
public func fileName(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}
