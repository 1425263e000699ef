internal import Files
internal import HDF5

/// A failure to keep or to read an experiment: what was tried, with which file, why it failed and
/// what to do.
public struct StorageError: Error, Equatable, CustomStringConvertible {
  /// What sort of failure it is, for a program that reacts to it.
  public enum Kind: Sendable {
    /// There is no such file.
    case missing
    /// The file is none of this format.
    case foreign
    /// The file is of this format, but cut off or changed.
    case damaged
    /// The file has lost its seal: its content is not vouched for.
    case unsealed
    /// The file was written by a newer version.
    case newerFormat
    /// The file holds an experiment with another spec.
    case otherSpec
    /// The file holds runs of a problem with other data, or defined otherwise.
    case otherProblem
    /// Another process is writing the file.
    case inUse
    /// The disk is full, a quota is used up, or files may not be that large.
    case outOfSpace
    /// The system refused for another reason.
    case refused
  }

  public let kind: Kind
  /// What was tried, such as `read` or `keep a run in`.
  public let operation: String
  /// The file's or folder's path.
  public let file: String
  /// The object within the file, such as `/digits/loss`; empty for the file itself.
  public let object: String
  /// What is wrong.
  public let detail: String
  /// What to do; empty where the detail says it.
  public let advice: String

  public init(
    kind: Kind, operation: String, file: String, object: String = "", detail: String,
    advice: String = ""
  ) {
    self.kind = kind
    self.operation = operation
    self.file = file
    self.object = object
    self.detail = detail
    self.advice = advice
  }

  /// The account of a failure of the library while it read the file that the user knows as `file`.
  init(reading error: HDF5Error, file: String) {
    self.init(
      kind: .damaged, operation: error.operation, file: file, object: error.object,
      detail: error.detail, advice: damagedAdvice)
  }

  /// The account of a failure of the library while it wrote the file that the user knows as `file`.
  init(writing error: HDF5Error, file: String) {
    // The library wraps the system's words in addresses and offsets, which help nobody here.
    let shortage = ["No space left on device", "File too large", "Disk quota exceeded"].first {
      error.detail.contains($0)
    }
    self.init(
      kind: shortage == nil ? .refused : .outOfSpace, operation: error.operation, file: file,
      object: error.object, detail: shortage ?? error.detail,
      advice: shortage == nil ? "" : outOfSpaceAdvice)
  }

  /// The account of a failure of the file system.
  init(_ error: FileError) {
    let kind: Kind =
      switch error.kind {
      case .missing: .missing
      case .outOfSpace: .outOfSpace
      case .inUse: .inUse
      case .inTheWay where error.operation == "read": .foreign
      case .inTheWay, .notPermitted, .refused: .refused
      }
    let advice =
      switch kind {
      case .outOfSpace: outOfSpaceAdvice
      case .refused where error.operation != "read" && !error.advice.isEmpty:
        error.advice.contains("--output") ? error.advice : "\(error.advice) with --output"
      default: error.advice
      }
    self.init(
      kind: kind, operation: error.operation, file: error.path, detail: error.detail,
      advice: advice)
  }

  public var description: String {
    let place = object.isEmpty ? file : "\(object) in \(file)"
    return "cannot \(operation) \(place): \(detail)" + (advice.isEmpty ? "" : "; \(advice)")
  }
}

let outOfSpaceAdvice = "free some space and run again: runs that were finished are kept"
let damagedAdvice = "restore it from a copy, or remove it and run the experiment again"

/// Runs `body` and gives its failure as one of this module.
func filing<Value: ~Copyable>(_ body: () throws(FileError) -> Value) throws(StorageError) -> Value {
  do {
    return try body()
  } catch {
    throw StorageError(error)
  }
}

/// Runs `body` and gives its failure as one of reading `file`.
func reading<Value: ~Copyable>(
  _ file: String, _ body: () throws(HDF5Error) -> Value
) throws(StorageError) -> Value {
  do {
    return try body()
  } catch {
    throw StorageError(reading: error, file: file)
  }
}

/// Runs `body` and gives its failure as one of writing `file`.
func writing<Value: ~Copyable>(
  _ file: String, _ body: () throws(HDF5Error) -> Value
) throws(StorageError) -> Value {
  do {
    return try body()
  } catch {
    throw StorageError(writing: error, file: file)
  }
}
