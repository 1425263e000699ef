import Foundation
import Reports
import Testing

@Suite struct ReportFileTests {
  private func temporaryFolder() -> String {
    NSTemporaryDirectory() + "/optbench-reports-\(UUID().uuidString)"
  }

  @Test func `files appear whole in a folder that is made for them`() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = RenderedFile(name: "report.md", contents: "höher ≤ 1\n")
    try write([file], into: folder + "/deeper/still")
    let path = folder + "/deeper/still"
    #expect(try String(contentsOfFile: path + "/report.md", encoding: .utf8) == file.contents)
    try write([RenderedFile(name: "report.md", contents: "")], into: path)
    #expect(try String(contentsOfFile: path + "/report.md", encoding: .utf8).isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["report.md"])
  }

  @Test func `a folder that is a file is an error that names it`() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data().write(to: URL(fileURLWithPath: folder))
    let error = #expect(throws: ReportError.self) {
      try write([RenderedFile(name: "a.csv", contents: "x")], into: folder)
    }
    #expect(error?.path.hasPrefix(folder) == true)
    #expect(error?.problem.isEmpty == false)
  }

  @Test func `a file that cannot be replaced leaves no partial file behind`() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // A folder of the file's name is in the way of the rename.
    try FileManager.default.createDirectory(
      atPath: folder + "/a.csv/inside", withIntermediateDirectories: true)
    let error = #expect(throws: ReportError.self) {
      try write([RenderedFile(name: "a.csv", contents: "x")], into: folder)
    }
    #expect(error?.description.contains("a.csv") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.csv"])
  }

  @Test func `a folder on a device without room is an error`() throws {
    // The proc file system takes no files, whoever asks.
    guard FileManager.default.fileExists(atPath: "/proc/self") else { return }
    #expect(throws: ReportError.self) {
      try write([RenderedFile(name: "a.csv", contents: "x")], into: "/proc/self")
    }
  }
}
