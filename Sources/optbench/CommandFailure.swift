import ArgumentParser
import Foundation
import Settings
import Reports

/// What keeps a command from doing what was asked: one line for the user.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs `body`; an error becomes one line on stderr, or one for each mistake of a file, and exit
/// code 2.
func reportingErrors(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let code as ExitCode {
    throw code
  } catch {
    for line in (error as? SettingsError)?.lines ?? ["\(error)"] { printDiagnostic(line) }
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
  do {
    try FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8))
  } catch {
    let reason = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error ?? error
    throw CommandFailure(
      "standard output could not be written: \(reason.localizedDescription)")
  }
}

/// Writes a diagnostic, everything that is not the answer itself, on a line of its own.
func printDiagnostic(_ message: String) {
  writeToStandardError("optbench: \(message.printable)\n")
}

/// Writes what the program itself made, escape sequences included. Where it cannot be written there
/// is nobody to tell.
func writeToStandardError(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
}

/// The text of a file that the user named.
func readText(_ path: String) throws -> String {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    throw CommandFailure("\(path): there is no such file")
  }
  guard !isFolder.boolValue else {
    throw CommandFailure("\(path): this is a folder; name an experiment file in it")
  }
  guard let data = FileManager.default.contents(atPath: path) else {
    throw CommandFailure("\(path): the file cannot be read; check its permissions")
  }
  guard let text = String(data: data, encoding: .utf8) else {
    throw CommandFailure("\(path): the file is not UTF-8 text")
  }
  return text
}
