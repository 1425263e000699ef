import Files
import Foundation

/// Throws if a result could not be written at `path`, as far as that can be told without writing.
func requireWritable(_ path: String) throws {
  guard !path.isEmpty, !path.hasSuffix("/") else {
    throw CommandFailure(
      "cannot write '\(path)': it is not a file's name; give one such as results/name.h5 with --output"
    )
  }
  let files = FileManager.default
  // Where a link leads to.
  let place = URL(fileURLWithPath: try Destination(path).path)
  // Beside the result lie files of its name with something appended.
  let longest = 255 - 32
  guard place.lastPathComponent.utf8.count <= longest else {
    throw CommandFailure(
      "cannot write \(path): the name is too long; allowed: at most \(longest) bytes")
  }
  var folder = place.deletingLastPathComponent()
  var isFolder: ObjCBool = false
  while !files.fileExists(atPath: folder.path, isDirectory: &isFolder), folder.path != "/" {
    folder = folder.deletingLastPathComponent()
  }
  guard isFolder.boolValue else {
    throw CommandFailure(
      "cannot write \(path): \(folder.path) is a file where a folder is needed; choose another place "
        + "with --output")
  }
  guard files.isWritableFile(atPath: folder.path) else {
    throw CommandFailure(
      "cannot write \(path): the folder \(folder.path) may not be written; change its permissions, or "
        + "choose another place with --output")
  }
}
