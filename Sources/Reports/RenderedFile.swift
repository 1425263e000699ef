internal import Foundation

/// A file of a report: its name within the report's folder and its text.
public struct RenderedFile: Sendable, Equatable {
  public let name: String
  public let contents: String

  public init(name: String, contents: String) {
    self.name = name
    self.contents = contents
  }
}

/// A report that could not be written.
public struct ReportError: Error, Equatable, CustomStringConvertible {
  /// The file or folder.
  public let path: String
  /// What is wrong and what to do.
  public let problem: String

  public var description: String { "\(path): \(problem)" }
}

/// Writes the files into a folder, which is made if it is missing. Each file appears whole or not at
/// all: it is written under another name and renamed, so a reader never sees half a report and a
/// full disk leaves the old one.
public func write(
  _ files: [RenderedFile], into directory: String
) throws(ReportError) {
  do {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
  } catch {
    throw ReportError(
      path: directory,
      problem: "cannot make this folder (\(reason(error))); choose another with --output")
  }
  for file in files { try write(file, into: directory) }
}

private func write(_ file: RenderedFile, into directory: String) throws(ReportError) {
  let path = directory + "/" + file.name
  let temporary = directory + "/." + file.name + ".\(getpid()).partial"
  func failure(_ doing: String) -> ReportError {
    let reason = String(cString: strerror(errno))
    unlink(temporary)
    return ReportError(
      path: path, problem: "\(doing) failed: \(reason); the file that was there is unchanged")
  }
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw failure("writing into this folder") }
  var isWritten = true
  let bytes = Array(file.contents.utf8)
  bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while !rest.isEmpty {
      let slice = UnsafeRawBufferPointer(rebasing: rest)
      let count = Foundation.write(descriptor, slice.baseAddress, slice.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        isWritten = false
        return
      }
      rest = rest.dropFirst(count)
    }
  }
  guard isWritten, fsync(descriptor) == 0 else {
    let error = failure("writing")
    close(descriptor)
    throw error
  }
  guard close(descriptor) == 0 else { throw failure("closing") }
  guard rename(temporary, path) == 0 else { throw failure("renaming") }
}

private func reason(_ error: any Error) -> String {
  let error = error as NSError
  let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
  guard
    let posix = [error, underlying].compactMap({ $0 }).first(where: {
      $0.domain == NSPOSIXErrorDomain
    })
  else { return error.localizedDescription }
  return String(cString: strerror(Int32(posix.code)))
}
