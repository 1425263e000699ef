#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A failure of the file system: what was tried, with which file, why it failed and what to do.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// What sort of failure it is, for a program that reacts to it.
  public enum Kind: Sendable {
    /// There is no such file or folder.
    case missing
    /// The system does not permit it.
    case notPermitted
    /// The disk is full, a quota is used up, or files may not be that large.
    case outOfSpace
    /// Something that is not the program's own stands there, or is no plain file.
    case inTheWay
    /// Another process holds it.
    case inUse
    /// The system refused for another reason.
    case refused
  }

  public let kind: Kind
  /// What was tried, such as `read` or `write`.
  public let operation: String
  public let path: String
  /// What is wrong.
  public let detail: String
  /// What to do; empty where the detail says it.
  public let advice: String

  public init(
    _ kind: Kind, _ operation: String, _ path: String, _ detail: String, advice: String = ""
  ) {
    self.kind = kind
    self.operation = operation
    self.path = path
    self.detail = detail
    self.advice = advice
  }

  public var description: String {
    "cannot \(operation) \(path): \(detail)" + (advice.isEmpty ? "" : "; \(advice)")
  }

  /// The failure of the system call that has just failed.
  public static func ofSystem(_ operation: String, _ path: String) -> FileError {
    let code = errno
    let (kind, advice): (Kind, String) =
      switch code {
      case ENOENT: (.missing, "check the path")
      case ENOSPC, EFBIG, EDQUOT: (.outOfSpace, "free some space and try again")
      case EACCES, EPERM, EROFS:
        (.notPermitted, "change the permissions, or choose another place")
      case ENOTDIR: (.inTheWay, "a file stands where a folder is needed; choose another place")
      case ELOOP: (.inTheWay, "the link leads to itself; choose another place")
      case ENAMETOOLONG: (.refused, "choose a shorter name")
      case EMFILE, ENFILE: (.refused, "raise the limit of open files (ulimit -n)")
      default: (.refused, "")
      }
    return FileError(kind, operation, path, String(cString: strerror(code)), advice: advice)
  }
}
