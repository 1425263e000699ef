import Foundation

/// What a command printed and how it ended.
public struct CommandResult: Sendable {
  public let status: Int32
  public let output: String
  public let errors: String
}

/// Runs a command to its end, without standard input.
///
/// - Parameters:
///   - arguments: The command's path or its name in PATH, and its arguments.
///   - environment: The whole environment; nil for this process's own.
public func runCommand(
  _ arguments: [String], in folder: URL, environment: [String: String]? = nil
) throws -> CommandResult {
  let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: scratch) }
  // Files, not pipes: a pipe that fills up while the other is being read would block for ever.
  let files = try ["output", "errors"].map { name in
    let file = scratch.appendingPathComponent(name)
    try Data().write(to: file)
    return file
  }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  process.currentDirectoryURL = folder
  process.environment = environment ?? ProcessInfo.processInfo.environment
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = try FileHandle(forWritingTo: files[0])
  process.standardError = try FileHandle(forWritingTo: files[1])
  try process.run()
  process.waitUntilExit()
  let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
  return CommandResult(status: process.terminationStatus, output: texts[0], errors: texts[1])
}
