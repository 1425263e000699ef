import CZlib
import Foundation
import Problems
import Testing

/// A copy of Fashion-MNIST whose files are links to the real ones, until a test replaces one.
private final class HostileFolder {
  let path: String
  private let real = "/usr/share/datasets/fashion-mnist"

  init() throws {
    path = NSTemporaryDirectory() + "optbench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: real) {
      try FileManager.default.createSymbolicLink(
        atPath: "\(path)/\(name)", withDestinationPath: "\(real)/\(name)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func original(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(real)/\(name)"))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  func replace(_ name: String, with data: Data) throws {
    try remove(name)
    try data.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// The error of loading the data set from this folder.
  func error() -> ProblemError? {
    #expect(throws: ProblemError.self) {
      _ = try problem(
        "{name: fashion-mnist-mlp, dataset: {name: fashion-mnist, path: '\(path)'}}")
    }
  }
}

/// `bytes` as a gzip file.
private func gzip(_ bytes: [UInt8]) throws -> Data {
  let path = NSTemporaryDirectory() + "optbench-\(UUID().uuidString).gz"
  defer { try? FileManager.default.removeItem(atPath: path) }
  let file = try #require(gzopen(path, "wb1"))
  #expect(gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
  #expect(gzclose(file) == Z_OK)
  return try Data(contentsOf: URL(fileURLWithPath: path))
}

private func header(_ numbers: Int...) -> [UInt8] {
  numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
}

private let labels = "train-labels-idx1-ubyte.gz"
private let images = "t10k-images-idx3-ubyte.gz"
private let count = 60_000

@Suite("Hostile data files")
struct HostileFileTests {
  @Test("a missing folder or file names the package and the key")
  func missing() throws {
    let nowhere = #expect(throws: ProblemError.self) {
      _ = try problem("{name: fashion-mnist-mlp, dataset: {name: fashion-mnist, path: /nowhere}}")
    }
    #expect(nowhere?.file == "/nowhere")
    let folder = try HostileFolder()
    try folder.remove(images)
    for error in [nowhere, folder.error()] {
      let text = error?.description ?? ""
      #expect(text.contains("dataset-fashion-mnist") && text.contains("'path'"), "\(text)")
    }
    #expect(folder.error()?.description.contains(images) == true)
  }

  @Test("a relative path starts at the experiment file's folder")
  func relative() throws {
    let folder = try HostileFolder()
    let url = URL(fileURLWithPath: folder.path)
    let yaml =
      "{name: fashion-mnist-mlp, dataset: {name: fashion-mnist, path: \(url.lastPathComponent)}}"
    let loaded = try problem(yaml, in: url.deletingLastPathComponent().path)
    #expect(try loaded.digest == problem("fashion-mnist-mlp").digest)
  }

  struct Case: CustomTestStringConvertible {
    let testDescription: String
    let file: String
    let content: @Sendable (Data) throws -> Data
    let words: [String]
  }

  static let cases: [Case] = [
    Case(
      testDescription: "no gzip", file: labels,
      content: { _ in Data(header(0x801, count) + [UInt8](repeating: 1, count: count)) },
      words: ["is not a gzip file"]),
    Case(
      testDescription: "empty", file: labels, content: { _ in Data() },
      words: ["is not a gzip file"]),
    Case(
      testDescription: "gzip of nothing", file: labels, content: { _ in try gzip([]) },
      words: ["truncated", "header"]),
    Case(
      testDescription: "half of the file", file: images, content: { $0.prefix($0.count / 2) },
      words: ["truncated", "of 7840000"]),
    Case(
      testDescription: "without the checksum", file: images, content: { $0.dropLast(8) },
      words: ["truncated", "checksum"]),
    Case(
      testDescription: "wrong checksum", file: images,
      content: { data in
        var bytes = [UInt8](data)
        bytes[bytes.count - 8] ^= 1
        return Data(bytes)
      }, words: ["cannot be read as gzip"]),
    Case(
      testDescription: "flipped bits in the middle", file: images,
      content: { data in
        var bytes = [UInt8](data)
        for index in 0..<64 { bytes[bytes.count / 2 + index] ^= 0xFF }
        return Data(bytes)
      }, words: ["cannot be read as gzip"]),
    Case(
      testDescription: "labels where images should be", file: images,
      content: { _ in try gzip(header(0x801, 10000) + [UInt8](repeating: 1, count: 10000)) },
      words: ["0x801", "0x803"]),
    Case(
      testDescription: "another number of labels", file: labels,
      content: { _ in try gzip(header(0x801, 59_999) + [UInt8](repeating: 1, count: 59_999)) },
      words: ["59999", "60000"]),
    Case(
      testDescription: "a header that claims four exabytes", file: images,
      content: { _ in try gzip(header(0x803, 0xFFFF_FFFF, 0xFFFF, 0xFFFF)) },
      words: ["4294967295×65535×65535", "10000×28×28"]),
    Case(
      testDescription: "fewer labels than the header claims", file: labels,
      content: { _ in try gzip(header(0x801, count) + [UInt8](repeating: 1, count: count - 1)) },
      words: ["truncated", "59999 of 60000"]),
    Case(
      testDescription: "more labels than the header claims", file: labels,
      content: { _ in try gzip(header(0x801, count) + [UInt8](repeating: 1, count: count + 1)) },
      words: ["more data than its header"]),
    Case(
      testDescription: "a label beyond the classes", file: labels,
      content: { _ in
        var values = [UInt8](repeating: 1, count: count)
        values[17] = 10
        return try gzip(header(0x801, count) + values)
      }, words: ["label 10 at position 17", "0 to 9"]),
  ]

  @Test("each is refused with its name and the reason", arguments: cases)
  func refused(_ item: Case) throws {
    let folder = try HostileFolder()
    try folder.replace(item.file, with: try item.content(try folder.original(item.file)))
    let error = try #require(folder.error())
    #expect(error.file == "\(folder.path)/\(item.file)", "\(error)")
    for word in item.words { #expect(error.description.contains(word), "\(error)") }
  }

  @Test("a folder in the place of a file is refused")
  func folderAsFile() throws {
    let folder = try HostileFolder()
    try folder.remove(labels)
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/\(labels)", withIntermediateDirectories: false)
    let error = try #require(folder.error())
    #expect(error.file == "\(folder.path)/\(labels)", "\(error)")
  }

  @Test("a gzip file of several members, with zeros behind it, and names with a dot are read")
  func members() throws {
    let folder = try HostileFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name.hasSuffix(".gz") {
      try FileManager.default.moveItem(
        atPath: "\(folder.path)/\(name)",
        toPath: "\(folder.path)/\(name.replacing("-idx", with: ".idx"))")
    }
    let dotted = labels.replacing("-idx", with: ".idx")
    let whole = [UInt8](
      try gunzip(URL(fileURLWithPath: "\(folder.path)/\(dotted)")))
    let halves = try gzip(Array(whole[..<1000])) + gzip([]) + gzip(Array(whole[1000...]))
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(dotted)")
    try (halves + Data(repeating: 0, count: 600))
      .write(to: URL(fileURLWithPath: "\(folder.path)/\(dotted)"))
    let yaml = "{name: fashion-mnist-mlp, dataset: {name: fashion-mnist, path: '\(folder.path)'}}"
    #expect(try problem(yaml).digest == problem("fashion-mnist-mlp").digest)
  }
}
