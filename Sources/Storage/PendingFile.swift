#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif
internal import Synchronization

/// A file that appears under its name whole or not at all: written beside it under another name,
/// brought to the disk, then renamed. What was there before stays until that moment.
struct PendingFile: ~Copyable {
  /// The name under which the file is to appear.
  let path: String
  /// The name under which it is written.
  let temporaryPath: String
  private var isPublished = false

  private static let serial = Atomic<Int>(0)
  private static let mark = ".tmp."

  init(_ path: String) {
    self.path = path
    let number = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
    temporaryPath = "\(path)\(Self.mark)\(processNumber()).\(number)"
  }

  deinit { if !isPublished { unlink(temporaryPath) } }

  /// Lets the written and closed file appear under its name, sealed.
  mutating func publish() throws(StorageError) {
    try FileSeal.append(to: temporaryPath)
    try synchronize(temporaryPath)
    guard rename(temporaryPath, path) == 0 else { throw systemError("write", path) }
    isPublished = true
    try synchronize(folder(of: path))
  }

  /// Removes what processes that died have left unfinished in `folder`: of the file called `name`, or
  /// of all result files.
  static func sweep(_ folder: String, of name: String? = nil) throws(StorageError) {
    for found in try fileNames(in: folder) {
      guard let end = found.ranges(of: mark).last,
        found[end.upperBound...].allSatisfy({ $0 == "." || $0.isNumber })
      else { continue }
      let target = found[..<end.lowerBound]
      guard name.map({ target == $0 }) ?? (target.hasSuffix(".h5") && target != ".h5") else {
        continue
      }
      try removeFile("\(folder)/\(found)")
    }
  }
}
