import ArgumentParser
import Foundation

/// What keeps a command from doing what was asked: one line for the user.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs `body`; an error becomes one line on stderr and exit code 2.
func reportingErrors(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let code as ExitCode {
    throw code
  } catch {
    writeToStandardError("optbench: \(error)\n")
    throw ExitCode(2)
  }
}

/// Writes diagnostics: everything that is not the answer itself.
func writeToStandardError(_ text: String) {
  FileHandle.standardError.write(Data(text.utf8))
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
