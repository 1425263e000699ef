import Files
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file appears whole, and nothing that is not the program's own is destroyed on the way.
@Suite struct WholeFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  func path(_ name: String) -> String { folder.path + "/" + name }
  func text(_ name: String) -> String? { try? String(contentsOfFile: path(name), encoding: .utf8) }
  var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
  }

  @Test func aFileIsReplacedWithItsPermissions() throws {
    try folder.write("old", to: "a.txt")
    chmod(path("a.txt"), 0o640)
    try WholeFile.write("new", to: path("a.txt"))
    #expect(text("a.txt") == "new" && names == ["a.txt"])
    var status = stat()
    stat(path("a.txt"), &status)
    #expect(status.st_mode & 0o777 == 0o640)
  }

  @Test(arguments: [true, false]) func aLinkIsWrittenThrough(targetIsThere: Bool) throws {
    try FileManager.default.createDirectory(
      atPath: path("disk"), withIntermediateDirectories: true)
    if targetIsThere { try folder.write("old", to: "disk/a.txt") }
    symlink("disk/a.txt", path("a.txt"))
    try WholeFile.write("new", to: path("a.txt"))
    #expect(text("disk/a.txt") == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: path("a.txt")) == "disk/a.txt")
    #expect(try FileManager.default.contentsOfDirectory(atPath: path("disk")) == ["a.txt"])
  }

  @Test func linksInACircleAreRefused() throws {
    symlink("b", path("a"))
    symlink("a", path("b"))
    let error = try #require(throws: FileError.self) { try WholeFile.write("x", to: path("a")) }
    #expect(error.kind == .inTheWay)
  }

  @Test func devicesAndPipesAreWrittenIntoAndStay() throws {
    try WholeFile.write("gone", to: "/dev/null")
    #expect(try fileKind("/dev/null") == .characterDevice)
    mkfifo(path("pipe"), 0o600)
    let reader = open(path("pipe"), O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try WholeFile.write("through", to: path("pipe"))
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = read(reader, &bytes, 20)
    #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "through")
    #expect(try fileKind(path("pipe")) == .pipe && names == ["pipe"])
  }

  @Test func anOpenDescriptorIsWrittenWhereItStands() throws {
    let file = open(path("log"), O_RDWR | O_CREAT | O_APPEND, 0o600)
    defer { close(file) }
    #expect(write(file, "before ", 7) == 7)
    try WholeFile.write("and after", to: "/dev/fd/\(file)")
    #expect(text("log") == "before and after" && names == ["log"])
  }

  @Test(arguments: ["", "folder", "folder/", "missing/a", "a.txt/b", "nul\0name"])
  func whatCannotBeAFileIsRefusedInOneLine(name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path("folder"), withIntermediateDirectories: true)
    try folder.write("old", to: "a.txt")
    let error = try #require(throws: FileError.self) {
      try WholeFile.write("x", to: name.isEmpty ? "" : path(name))
    }
    #expect(!error.description.contains("\n") && !error.description.contains("\0"))
    #expect(text("a.txt") == "old" && names == ["a.txt", "folder"])
  }

  @Test func aNameThatIsTakenMeanwhileIsLeftAsItIs() throws {
    var new = try WholeFile(Destination(path("a.txt")), replacing: .whatWasSeen)
    try new.append(Array("ours".utf8))
    try folder.write("theirs", to: "a.txt")
    let error = try #require(throws: FileError.self) { _ = try new.publish() }
    #expect(error.kind == .inTheWay && error.detail.contains("meanwhile"), "\(error)")
    _ = consume new
    #expect(text("a.txt") == "theirs" && names == ["a.txt"])

    var again = try WholeFile(Destination(path("a.txt")), replacing: .whatWasSeen)
    try again.append(Array("ours".utf8))
    try folder.write("theirs, longer", to: "a.txt")
    #expect(throws: FileError.self) { _ = try again.publish() }
    #expect(text("a.txt") == "theirs, longer")
    #expect(throws: FileError.self) {
      try WholeFile.write("x", to: path("a.txt"), replacing: .nothing)
    }
    _ = consume again
    #expect(names == ["a.txt"])
  }

  @Test func onlyWhatADeadProcessHasLeftIsSwept() throws {
    let signature = Array("mark".utf8)
    let left = [".a.h5.optbench-0123456789abcdef", ".a.h5.optbench-0000000000000000"]
    let others = [
      "a.h5.tmp.2026.11", ".a.h5.optbench-0123456789abcdeg", ".a.h5.optbench-0123456789abcd",
      ".b.h5.optbench-0123456789abcdef", "a.h5.optbench-0123456789abcdef",
    ]
    for name in left + others { try folder.write("mark and more", to: name) }
    let foreign = ".a.h5.optbench-ffffffffffffffff"
    try folder.write("my own notes", to: foreign)
    symlink(others[0], path(".a.h5.optbench-eeeeeeeeeeeeeeee"))
    let unfinished = try WholeFile(Destination(path("a.h5")), replacing: .nothing)
    try unfinished.append(Array("mark".utf8))
    let alive = fileName(of: unfinished.temporaryPath)
    try WholeFile.sweep(folder.path, of: "a.h5", signature: signature)
    #expect(
      Set(names) == Set(others + [foreign, ".a.h5.optbench-eeeeeeeeeeeeeeee", alive]))
  }

  @Test func aLockThatIsNotOursIsNeitherWrittenNorRemoved() throws {
    try folder.write("PRECIOUS", to: "precious")
    symlink("precious", path("link.lock"))
    mkfifo(path("pipe.lock"), 0o600)
    try folder.write("[[package]]", to: "other.lock")
    for name in ["link.lock", "pipe.lock", "other.lock"] {
      let error = try #require(throws: FileError.self) {
        _ = try FileLock(path(name), guarding: path("x.h5"))
      }
      #expect(error.kind == .inTheWay && error.path == path(name))
    }
    #expect(text("precious") == "PRECIOUS" && text("other.lock") == "[[package]]")
    #expect(names == ["link.lock", "other.lock", "pipe.lock", "precious"])
    // What a killed process of this program has left is taken over, and goes at the end.
    try folder.write("optbench 12345\n", to: "left.lock")
    let lock = try FileLock(path("left.lock"), guarding: path("x.h5"))
    #expect(text("left.lock") == "optbench \(getpid())\n")
    _ = consume lock
    #expect(!names.contains("left.lock"))
  }

  @Test func controlCharactersAreWrittenOut() {
    #expect("a\u{1B}[2Jb\nc".escapingControls == "a\\u{1b}[2Jb\\nc")
    #expect("größe × 2".escapingControls == "größe × 2")
  }
}
