internal import Files

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
/// all, so a reader never sees half a report and a full disk leaves the old one.
public func write(
  _ files: [RenderedFile], into directory: String
) throws(ReportError) {
  do throws(FileError) {
    try createFolder(directory)
  } catch {
    throw ReportError(
      path: directory,
      problem: "cannot make this folder (\(reason(error))); choose another with --output")
  }
  for file in files {
    do throws(FileError) {
      if let end = file.name.lastIndex(of: "/") {
        try createFolder("\(directory)/\(file.name[..<end])")
      }
      try WholeFile.write(file.contents, to: "\(directory)/\(file.name)")
    } catch {
      throw ReportError(
        path: error.path,
        problem: "writing failed: \(reason(error)); what was there is unchanged")
    }
  }
}

private func reason(_ error: FileError) -> String {
  error.detail + (error.advice.isEmpty ? "" : "; \(error.advice)")
}
