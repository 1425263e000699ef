#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Creates a folder with those above it, where they are missing.
public func createFolder(_ path: String) throws(FileError) {
  switch try fileKind(path) {
  case .folder: return
  case .missing: break
  case let other:
    throw FileError(
      .inTheWay, "create the folder", path, "\(other.name) stands there",
      advice: "choose another place")
  }
  let parent = folder(of: path)
  if parent != path, parent != "." { try createFolder(parent) }
  if mkdir(path, 0o777) == 0 { return }
  let failure = FileError.ofSystem("create the folder", path)
  // Another process may have been faster.
  guard (try? fileKind(path)) == .folder else { throw failure }
}

/// The names in a folder, sorted; none where the folder is missing.
public func fileNames(in path: String) throws(FileError) -> [String] {
  guard let stream = opendir(path) else {
    if errno == ENOENT { return [] }
    throw FileError.ofSystem("list the folder", path)
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Removes a file; a missing one is removed already.
public func removeFile(_ path: String) throws(FileError) {
  guard unlink(path) == 0 || errno == ENOENT else { throw FileError.ofSystem("remove", path) }
}

/// Removes a folder if it is empty.
public func removeFolderIfEmpty(_ path: String) { rmdir(path) }

/// Waits until a file, or a folder's list of names, is on the disk.
public func synchronize(_ path: String) throws(FileError) {
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError.ofSystem("write", path) }
  defer { close(descriptor) }
  // Some file systems, and folders that may only be searched, cannot be synchronised.
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError.ofSystem("write", path) }
}
