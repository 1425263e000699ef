import Foundation

/// The built program, run as a user runs it.
public struct Optbench {
  /// What one call gave back.
  public struct Result {
    public let status: Int32
    public let output: String
    public let errors: String
  }

  /// The program beside the test bundle.
  public static var path: String {
    Bundle.main.bundleURL.deletingLastPathComponent().appendingPathComponent("optbench").path
      .existing
      ?? Bundle.main.bundleURL.appendingPathComponent("optbench").path
  }

  /// Runs the program to its end.
  public static func run(
    _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> Result {
    let process = try start(arguments, in: folder, environment: environment)
    return process.wait()
  }

  /// Starts the program.
  public static func start(
    _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes: a pipe that nobody reads would block the program.
    let outputPath = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).out"
    let errorPath = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).err"
    for file in [outputPath, errorPath] {
      try Data().write(to: URL(fileURLWithPath: file))
    }
    process.standardOutput = FileHandle(forWritingAtPath: outputPath)
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    try process.run()
    return Running(process: process, outputPath: outputPath, errorPath: errorPath)
  }

  /// A call that has not ended yet.
  public final class Running {
    public let process: Process
    private let outputPath: String
    private let errorPath: String

    init(process: Process, outputPath: String, errorPath: String) {
      self.process = process
      self.outputPath = outputPath
      self.errorPath = errorPath
    }

    /// Waits for the end.
    public func wait() -> Result {
      process.waitUntilExit()
      defer {
        try? FileManager.default.removeItem(atPath: outputPath)
        try? FileManager.default.removeItem(atPath: errorPath)
      }
      return Result(
        status: process.terminationStatus,
        output: (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "",
        errors: (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "")
    }
  }
}

extension String {
  fileprivate var existing: String? { FileManager.default.fileExists(atPath: self) ? self : nil }
}

/// A folder of its own that disappears with the value.
public final class TemporaryFolder {
  public let path: String

  public init() throws {
    path = FileManager.default.temporaryDirectory.path + "/optbench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a text file and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    let file = path + "/" + name
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }
}
