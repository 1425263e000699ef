import ArgumentParser
import Files
import Foundation
import Processes
import Reports

/// The pictures of a report as papers and slides take them, made of its SVG files by the program that
/// librsvg brings.
enum FigureConversion: String, CaseIterable, ExpressibleByArgument {
  case png, pdf

  private static let program = "rsvg-convert"

  /// Throws where the program is not installed, before anything is written.
  func requireProgram() throws {
    guard Self.run(["--version"]) else {
      throw CommandFailure(
        "--figures \(rawValue): \(Self.program) is not installed; install it (apt-get install librsvg2-bin, brew install librsvg) or leave --figures out"
      )
    }
  }

  /// Writes each picture among `files`, which lie in `folder`, once more beside itself.
  func convert(_ files: [RenderedFile], in folder: String) throws {
    let unfinished = FileManager.default.temporaryDirectory
      .appendingPathComponent("optbench-figure-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: unfinished) }
    for file in files where file.name.hasSuffix(".svg") {
      let source = "\(folder)/\(file.name)"
      // Twice the size in points is sharp on screens; PDF has no pixels.
      let zoom = self == .png ? ["--zoom", "2"] : []
      guard
        Self.run(["--format", rawValue] + zoom + ["--output", unfinished, "--", source])
      else {
        throw CommandFailure("\(source): \(Self.program) could not convert it")
      }
      var target = try WholeFile(
        Destination(source.dropLast("svg".count) + rawValue), replacing: .anyFile)
      try target.append(readStream(unfinished))
      try target.publish()
    }
  }

  private static func run(_ arguments: [String]) -> Bool {
    var variables = ProcessInfo.processInfo.environment
    // The date in a PDF, so that the same picture gives the same bytes.
    variables["SOURCE_DATE_EPOCH"] = "0"
    let environment = variables.map { "\($0.key)=\($0.value)" }
    return ChildProcess.run([program] + arguments, environment: environment)?.ending == .exited(0)
  }
}
