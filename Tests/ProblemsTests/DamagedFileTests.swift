import Foundation
import Problems
import TestSupport
import Tensors
import Testing

/// Files with some bytes changed or missing: each is read, or refused in one line; none ends the
/// process or asks for memory that the file cannot fill.
@Suite("Damaged files")
struct DamagedFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// `bytes` with a few of them changed, and sometimes cut short.
  private func damaged(_ bytes: [UInt8], _ stream: inout RandomStream, from start: Int = 0)
    -> [UInt8]
  {
    var result = bytes
    for _ in 0...stream.integer(below: 6) {
      let place = start + stream.integer(below: result.count - start)
      switch stream.integer(below: 3) {
      case 0: result[place] = UInt8(stream.integer(below: 256))
      case 1: result[place] = 0xFF
      default: result[place] ^= 1 << UInt8(stream.integer(below: 8))
      }
    }
    if stream.integer(below: 8) == 0 { result.removeLast(stream.integer(below: result.count)) }
    return result
  }

  /// Reads many damaged copies of a file.
  /// - Returns: How many were refused.
  private func refusals(
    of file: String, copies: Int, from start: Int = 0, _ options: String
  ) throws -> Int {
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    let path = "\(folder.path)/damaged"
    var stream = RandomStream(seed: 0, name: "damaged \(options)")
    var refused = 0
    for _ in 0..<copies {
      let bytes = damaged(original, &stream, from: start)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let text = message { _ = try dataset("{path: '\(path)', \(options)}") }
      if !text.isEmpty { refused += 1 }
      #expect(!text.contains("\n"), "\(text)")
    }
    return refused
  }

  @Test("archives of arrays", arguments: ["arrays.npz", "arrays-stored.npz"])
  func archives(file: String) throws {
    let path = "\(arrayFiles)/\(file)"
    #expect(try refusals(of: path, copies: 300, "name: npz") > 30)
    // The directory at the end, where a change is never hidden by a checksum.
    let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
    let count = try refusals(
      of: path, copies: 300, from: size - 800, "name: npz, labels: double, task: values")
    #expect(count > 50)
  }

  @Test("arrays, whose headers no checksum protects", arguments: 1...3)
  func arrays(version: Int) throws {
    let file = "\(arrayFiles)/arrays-\(version).npy"
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    var stream = RandomStream(seed: UInt64(version), name: "damaged arrays")
    var refused = 0
    for _ in 0..<500 {
      var bytes = damaged(Array(original.prefix(128)), &stream)
      if bytes.count == 128 { bytes += original.dropFirst(128) }
      let text = message {
        _ = try NumericArray(npy: bytes, of: "x").floats(of: "x")
      }
      if !text.isEmpty { refused += 1 }
    }
    #expect(refused > 200)
  }

  @Test("headers that claim more than there is")
  func claims() throws {
    for shape in [
      "(4611686018427387904, 4)", "(18446744073709551616,)", "(-3, -4)", "(1000000000000,)",
      "(2, 3",
      "(9223372036854775807, 9223372036854775807)",
    ] {
      let header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }\n"
      let bytes: [UInt8] =
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        + [UInt8](repeating: 0, count: 48)
      let text = message { _ = try NumericArray(npy: bytes, of: "x") }
      #expect(text.contains("header"), "\(text)")
    }
    let long: [UInt8] = [0x93] + Array("NUMPY".utf8) + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(
      message { _ = try NumericArray(npy: long, of: "x") }.contains("claims 4294967295 bytes"))
  }

  /// The sizes in the directory are changed to claim terabytes of a small member.
  @Test("a member that claims more than deflate can expand to is refused before it is expanded")
  func bomb() throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(arrayFiles)/arrays.npz")))
    let signature: [UInt8] = [0x50, 0x4B, 0x01, 0x02]
    let entry = try #require(
      bytes.indices.dropLast(4).first { Array(bytes[$0..<$0 + 4]) == signature })
    bytes.replaceSubrange(entry + 24..<entry + 28, with: [0xFE, 0xFF, 0xFF, 0xFF])
    let path = "\(folder.path)/bomb.npz"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let text = message { _ = try ZipArchive(path: path).content(of: "x.npy") }
    #expect(text.contains("cannot expand to the 4294967294"), "\(text)")
    // A claim within reach of deflate, but not what is there.
    bytes.replaceSubrange(entry + 24..<entry + 28, with: [0x61, 0x02, 0, 0])
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let wrong = message { _ = try ZipArchive(path: path).content(of: "x.npy") }
    #expect(wrong.contains("does not expand to the 609 bytes"), "\(wrong)")
    bytes.replaceSubrange(entry + 24..<entry + 28, with: [0x5F, 0x02, 0, 0])
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let short = message { _ = try ZipArchive(path: path).content(of: "x.npy") }
    #expect(short.contains("does not expand to the 607 bytes"), "\(short)")
  }

  @Test("HDF5 files that are cut short")
  func shortHDF5() throws {
    let original = try Data(contentsOf: URL(fileURLWithPath: "\(arrayFiles)/arrays.h5"))
    let path = "\(folder.path)/short.h5"
    for size in stride(from: 0, to: original.count, by: 331) {
      try original.prefix(size).write(to: URL(fileURLWithPath: path))
      let text = message {
        _ = try datasetSource("{name: hdf5, path: '\(path)', features: train/x, labels: train/y}")
      }
      let words = size < 8 ? "is no HDF5 file" : "cannot open it: truncated"
      #expect(text.hasPrefix("\(path): \(words)") && !text.contains("\n"), "\(size): \(text)")
    }
  }

  @Test("separated values")
  func separatedValues() throws {
    let rows = (0..<30).map { "\($0),\"a\"\"\($0)\",\(Double($0) / 7),\($0 % 3)\r\n" }
    let path = try folder.write("n,\"t,x\",v,class\n" + rows.joined(), to: "table.csv")
    #expect(try refusals(of: path, copies: 400, "name: csv, columns: 'n, v'") > 100)
  }

  @Test("texts")
  func texts() throws {
    let path = try folder.write(String(repeating: "für Elise\n", count: 60), to: "text.txt")
    #expect(try refusals(of: path, copies: 300, "name: text, length: 4") > 50)
  }

  @Test("compressed labels")
  func compressedLabels() throws {
    let name = "t10k-labels-idx1-ubyte"
    let images = "t10k-images-idx3-ubyte.gz"
    // Without the training files: what passes ends there.
    let real = "/usr/share/datasets/fashion-mnist"
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(real)/\(name).gz")))
    for file in [images, "train-images-idx3-ubyte.gz"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/\(file)", withDestinationPath: "\(real)/\(file)")
    }
    let path = "\(folder.path)/train-labels-idx1-ubyte.gz"
    try Data(original).write(to: URL(fileURLWithPath: "\(folder.path)/\(name).gz"))
    var stream = RandomStream(seed: 0, name: "damaged labels")
    for _ in 0..<300 {
      // The test labels in the place of the training labels are refused in any case: 10,000.
      try Data(damaged(original, &stream)).write(to: URL(fileURLWithPath: path))
      let text = message { _ = try dataset("{name: fashion-mnist, path: '\(folder.path)'}") }
      #expect(text.contains("train-labels") && !text.contains("\n"), "\(text)")
    }
  }
}
