internal import Files

/// The files and folders that a user named, as logs.
enum LogFiles {
  /// The files under `paths` whose name is accepted, in order; a file that is named itself always is.
  static func find(
    _ paths: [String], where isLog: (String) -> Bool
  ) throws(ImportError) -> [String] {
    var files: [String] = []
    for path in paths {
      switch try kind(of: path) {
      case .folder: try collect(under: path, depth: 0, where: isLog, into: &files)
      case .missing: throw ImportError(path, "there is no such file or folder")
      default: files.append(path)
      }
    }
    return files
  }

  /// Folders nest no deeper: a link may lead back to one above it.
  private static let deepest = 16

  private static func collect(
    under folder: String, depth: Int, where isLog: (String) -> Bool, into files: inout [String]
  ) throws(ImportError) {
    for name in try names(in: folder) where !name.hasPrefix(".") {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      switch try kind(of: path) {
      case .folder where depth < deepest:
        try collect(under: path, depth: depth + 1, where: isLog, into: &files)
      case .file where isLog(name): files.append(path)
      default: continue
      }
    }
  }

  static func kind(of path: String) throws(ImportError) -> FileKind {
    do throws(FileError) { return try fileKind(path) } catch {
      throw ImportError(path, error.detail)
    }
  }

  static func names(in folder: String) throws(ImportError) -> [String] {
    do throws(FileError) { return try fileNames(in: folder) } catch {
      throw ImportError(folder, error.detail)
    }
  }

  /// The most that a log may have: what is read is held in memory.
  private static let mostBytes = 1 << 30

  static func bytes(of path: String) throws(ImportError) -> [UInt8] {
    do throws(FileError) { return try readStream(path, limit: mostBytes) } catch {
      throw ImportError(path, error.detail)
    }
  }

  /// The text of a file; a byte-order mark does not belong to it.
  static func text(of path: String) throws(ImportError) -> String {
    var bytes = try bytes(of: path)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw ImportError(path, "it is UTF-16 text; save it as UTF-8")
    }
    guard !bytes.contains(0) else { throw ImportError(path, "it is no text") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What a run is called by where it lies: the innermost folder, or the file without its ending, that is
  /// not called as the tool calls all of them.
  ///
  /// - Parameter isPlain: Whether a name says nothing of the run.
  static func runName(of path: String, leavingOut isPlain: (String) -> Bool) -> String {
    var parts = path.split(separator: "/").map(String.init)
    while let last = parts.last {
      if !isPlain(last), last != ".", last != ".." { return last }
      parts.removeLast()
    }
    return "run"
  }

  /// A file's name without its last ending.
  static func stem(of path: String) -> String {
    let name = fileName(of: path)
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }
}

extension String {
  /// Without the white space around it.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
