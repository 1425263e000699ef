#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Where an output that a person named goes: to a file, through links if there are any, or into
/// something that takes bytes as they come.
public struct Destination: Sendable {
  enum Place: Equatable, Sendable {
    /// A plain file, there or not yet.
    case file
    /// An open descriptor of this process, such as `/dev/stdout`.
    case descriptor(Int32)
    /// A pipe or a device, opened by its path.
    case stream(FileKind)
  }

  /// The path as it was given.
  public let given: String
  /// The path at the end of all links.
  public let path: String
  let place: Place
  /// The file that stood there; nil where nothing did.
  let seen: FileIdentity?

  /// Whether something stands there already.
  public var isTaken: Bool { seen != nil }

  /// Finds out what `path` names.
  ///
  /// - Throws: If it names a folder, a block device or a socket, if links lead nowhere, or if the
  ///   system does not let it be seen.
  public init(_ path: String) throws(FileError) {
    try requirePath(path)
    guard !path.hasSuffix("/") else {
      throw FileError(.inTheWay, "write", path, "it is a folder's name", advice: "name a file")
    }
    given = path
    var current = path
    for _ in 0..<40 {
      if let number = openDescriptor(current) {
        self.path = current
        place = .descriptor(number)
        seen = nil
        return
      }
      guard let found = try status(of: current, following: false) else {
        self.path = current
        place = .file
        seen = nil
        return
      }
      let kind = FileKind(mode: found.st_mode)
      switch kind {
      case .link: current = try target(ofLink: current, found)
      case .file:
        self.path = current
        place = .file
        seen = FileIdentity(found)
        return
      case .pipe, .characterDevice:
        self.path = current
        place = .stream(kind)
        seen = nil
        return
      case .folder, .blockDevice, .socket, .missing:
        throw FileError(
          .inTheWay, "write", path, "\(kind.name) stands there", advice: "give another name")
      }
    }
    errno = ELOOP
    throw FileError.ofSystem("write", path)
  }

  /// Throws unless a plain file stands there or can: for what cannot be written as it comes.
  public func requireFile() throws(FileError) {
    let kind: FileKind
    switch place {
    case .file: return
    case .stream(let found): kind = found
    case .descriptor: kind = .characterDevice
    }
    throw FileError(
      .inTheWay, "write", given, "\(kind.name) stands there, and this needs a file",
      advice: "give another name")
  }

  /// Throws unless what was seen still stands there, unchanged.
  func requireUnchanged() throws(FileError) {
    let now = try status(of: path, following: false).map(FileIdentity.init)
    guard now != seen else { return }
    let what = seen == nil ? "a file appeared there meanwhile" : "it was changed meanwhile"
    throw FileError(
      .inTheWay, "write", given, "\(what), and is left as it is",
      advice: "move it away and try again, or choose another name")
  }
}

/// Where the link at `path` leads.
///
/// In a folder where everybody may write, such as `/tmp`, a link that somebody else has made is not
/// followed, as Linux itself does not.
private func target(ofLink path: String, _ link: stat) throws(FileError) -> String {
  let parent = folder(of: path)
  if let around = try status(of: parent), around.st_mode & S_ISVTX != 0,
    around.st_mode & S_IWOTH != 0, link.st_uid != geteuid(), link.st_uid != around.st_uid
  {
    throw FileError(
      .inTheWay, "write", path, "it is a link that another user has made",
      advice: "give another name")
  }
  var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let count = bytes.withUnsafeMutableBytes { buffer in
    buffer.baseAddress.map {
      readlink(path, $0.assumingMemoryBound(to: CChar.self), buffer.count)
    } ?? -1
  }
  guard count >= 0 else { throw FileError.ofSystem("read the link", path) }
  let target = String(decoding: bytes.prefix(count), as: UTF8.self)
  if target.hasPrefix("/") { return target }
  return parent == "/" ? "/" + target : "\(parent)/\(target)"
}

/// The number of the process's own descriptor that `path` names, such as 1 for `/dev/fd/1`.
///
/// The file behind it may be open at a place within, and is not to be replaced.
private func openDescriptor(_ path: String) -> Int32? {
  guard let number = Int32(fileName(of: path)), number >= 0,
    let resolved = realpath(folder(of: path), nil)
  else { return nil }
  defer { free(resolved) }
  let parent = String(cString: resolved)
  let own = ["/dev/fd", "/proc/\(getpid())/fd", "/proc/self/fd"]
  return own.contains(parent) ? number : nil
}
