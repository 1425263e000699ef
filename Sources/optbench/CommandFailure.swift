import ArgumentParser
import Files
import Foundation
import Reports
import Settings
import Synchronization

/// What keeps a command from doing what was asked: one line for the user, or several.
struct CommandFailure: Error, CustomStringConvertible {
  let lines: [String]
  var description: String { lines.joined(separator: "\n") }

  init(_ description: String) { lines = [description] }

  init(lines: [String]) { self.lines = lines }
}

/// Runs `body`; an error becomes one line on stderr, or one for each mistake of a file, and exit
/// code 2.
func reportingErrors(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let code as ExitCode {
    throw code
  } catch {
    // A name in another error may hold a line feed, and an error is one line.
    let lines = (error as? SettingsError)?.lines ?? (error as? CommandFailure)?.lines
    for line in lines ?? ["\(error)"] {
      printDiagnostic(line.escapingControls, event: "error")
    }
    throw ExitCode(2)
  }
}

/// Prints the answer that was asked for. What comes from files cannot steer the terminal.
///
/// - Parameter isExact: Whether a program that reads the answer gets its very bytes, as of a file or a
///   path; a terminal never does.
/// - Throws: That it could not be written, such as to a full disk.
func printAnswer(_ text: String, terminator: String = "\n", isExact: Bool = false) throws {
  let text = isExact && isatty(STDOUT_FILENO) == 0 ? text : text.printable
  do throws(FileError) {
    try writeToStandardOutput(text + terminator)
  } catch {
    throw CommandFailure("standard output could not be written: \(error.detail)")
  }
}

/// How this process writes its diagnostics.
enum Diagnostics {
  static let logFormat = Mutex(LogFormat.text)
}

/// Writes a diagnostic, everything that is not the answer itself, on a line of its own.
///
/// - Parameter event: What it is, where diagnostics are written as JSON.
func printDiagnostic(_ message: String, event: String = "message") {
  switch Diagnostics.logFormat.withLock({ $0 }) {
  case .text: writeToStandardError("optbench: \(message.printable)\n")
  case .json: writeEvent(event, [("text", .text(message))])
  }
}

/// The text of a file that the user named.
func readText(_ path: String) throws -> String {
  let bytes: [UInt8]
  do throws(FileError) {
    if try fileKind(path) == .folder {
      throw FileError(
        .inTheWay, "read", path, "this is a folder; name an experiment file in it")
    }
    bytes = try readStream(path)
  } catch {
    throw CommandFailure(
      "\(path): \(error.detail)"
        + (error.kind == .notPermitted ? "; check its permissions" : ""))
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw CommandFailure("\(path): the file is not UTF-8 text")
  }
  return text
}
