internal import Digests
internal import Foundation
internal import Settings

/// The program that computes the loss of a problem, as an experiment file names it.
struct ExternalDefinition: Sendable {
  /// The program and its arguments.
  let command: [String]
  /// Files that determine what it computes, beside those among its arguments.
  let files: [String]
  /// How long it may take for one answer.
  let timeLimitSeconds: Double
  /// Where the experiment file names it, for errors.
  let place: String
  private let filesPlace: String

  static let keys = ["command", "files", "time_limit_seconds"]
  private static let defaultTimeLimit = 600.0

  init(_ setting: Setting) throws(SettingsError) {
    let fields = try setting.mapping(allowed: Self.keys)
    let command = try fields.required("command")
    self.command = try Self.texts(command)
    files = try fields["files"].map(Self.texts) ?? []
    timeLimitSeconds =
      try fields["time_limit_seconds"]?.number(in: .positive) ?? Self.defaultTimeLimit
    place = command.place
    filesPlace = fields["files"]?.place ?? place
  }

  private static func texts(_ setting: Setting) throws(SettingsError) -> [String] {
    var texts: [String] = []
    for element in try setting.elements() { texts.append(try element.text()) }
    guard let first = texts.first, !first.isEmpty else {
      throw setting.error("the list is empty; give at least one")
    }
    guard !texts.contains(where: { $0.contains("\n") }) else {
      throw setting.error("a line break cannot be passed to a program; give a text of one line")
    }
    return texts
  }

  /// The command as one would type it.
  var line: String { command.joined(separator: " ") }

  /// SHA-256 of the command and of what is in its files: a change of the program is a change of the
  /// problem. Where the program itself lies does not count.
  ///
  /// - Parameter folder: Where relative paths start.
  func digest(folder: String) throws(ProblemError) -> String {
    var digest = Digest()
    digest.add("external objective")
    digest.add(command.count)
    for (index, argument) in command.enumerated() {
      let path = Self.path(argument, in: folder)
      if let contents = Self.contents(path) {
        if index > 0 { digest.add(Self.name(of: argument)) }
        // A program from PATH, such as an interpreter, is not looked at.
        digest.add(Digest.ofBytes(contents))
      } else {
        digest.add(index > 0 ? argument : Self.name(of: argument))
      }
    }
    for file in files {
      guard let contents = Self.contents(Self.path(file, in: folder)) else {
        throw ProblemError(file: file, "the file is missing or cannot be read").asked(
          at: filesPlace)
      }
      digest.add(Self.name(of: file))
      digest.add(Digest.ofBytes(contents))
    }
    return digest.finish()
  }

  private static func path(_ name: String, in folder: String) -> String {
    name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
  }

  private static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func contents(_ path: String) -> [UInt8]? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
      !isFolder.boolValue, let data = FileManager.default.contents(atPath: path)
    else { return nil }
    return Array(data)
  }
}
