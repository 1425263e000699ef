import Foundation
import Networks
import Problems
import TestSupport
import Tensors
import Testing

@Suite("Published images")
struct ImageDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ bytes: [UInt8], to name: String, size: Int? = nil) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    if let size {
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.truncate(atOffset: UInt64(size))
      try file.close()
    }
    return path
  }

  /// A record of CIFAR's binary format whose red, green and blue planes count up from 0, 1 and 2.
  private func record(_ labels: [UInt8]) -> [UInt8] {
    labels + (0..<3).flatMap { plane in (0..<1024).map { UInt8(truncatingIfNeeded: $0 + plane) } }
  }

  @Test("CIFAR's planes become channels side by side, its labels are the first or the second byte")
  func records() throws {
    let path = try write(record([3, 41]) + record([4, 99]), to: "train.bin")
    let fine = try CIFARRecords(
      path: path, labelBytes: 2, labelPosition: 1, count: 2, classes: 100, md5: nil)
    #expect(fine.labels == [41, 99])
    let coarse = try CIFARRecords(
      path: path, labelBytes: 2, labelPosition: 0, count: 2, classes: 20, md5: nil)
    #expect(coarse.labels == [3, 4])
    #expect(fine.pixels.count == 2 * 3072)
    for (row, column, channel) in [(0, 0, 0), (0, 1, 0), (1, 0, 2), (31, 31, 1)] {
      let found = fine.pixels[3072 + (row * 32 + column) * 3 + channel]
      #expect(found == UInt8(truncatingIfNeeded: row * 32 + column + channel))
    }
    let one = try write(record([7]), to: "one.bin")
    let single = try CIFARRecords(
      path: one, labelBytes: 1, labelPosition: 0, count: 1, classes: 10,
      md5: md5(of: one))
    #expect(single.labels == [7])
  }

  @Test("a CIFAR file of another size, content or label is refused in one line")
  func damagedRecords() throws {
    let path = try write(record([10]), to: "a.bin")
    func error(_ count: Int, _ labelBytes: Int, _ md5: String?) -> String {
      message {
        _ = try CIFARRecords(
          path: path, labelBytes: labelBytes, labelPosition: 0, count: count, classes: 10, md5: md5)
      }
    }
    #expect(error(1, 1, nil).contains("label 10 of image 0; allowed: 0 to 9"))
    #expect(error(2, 1, nil).contains("has 3073 bytes, the data set's file has 6146"))
    #expect(error(1, 2, nil).contains("the data set's file has 3074"))
    #expect(error(1, 1, "00").contains("its MD5 is \(md5(of: path)), the published file's is 00"))
  }

  @Test(
    "files of the right size that are not CIFAR are told by their checksum", arguments: [10, 100])
  func checksum(classes: Int) throws {
    let names =
      classes == 10
      ? (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"] : ["train.bin", "test.bin"]
    for name in names {
      let count = name == "train.bin" ? 50_000 : 10_000
      _ = try write([], to: name, size: count * (classes == 10 ? 3073 : 3074))
    }
    let text = message { _ = try dataset("{name: cifar-\(classes), path: '\(folder.path)'}") }
    #expect(text.contains("\(names[0]): its MD5 is"), "\(text)")
  }

  @Test("an absent CIFAR says what to fetch and which key to set")
  func absent() throws {
    for yaml in ["cifar-10", "{name: cifar-10, path: '\(folder.path)'}"] {
      let text = message { _ = try dataset(yaml) }
      #expect(text.contains("cifar-10-binary.tar.gz") && text.contains("'path'"), "\(text)")
      #expect(!text.contains("\n"))
    }
    #expect(Datasets.availability(of: "cifar-100")?.isAvailable == false)
    #expect(Datasets.availability(of: "mnist")?.description.contains("'path'") == true)
  }

  @Test("the sizes of CIFAR are known without its files")
  func sizes() throws {
    let source = try datasetSource("{name: cifar-100, classes: [3, 1, 77], validation: 100}")
    #expect(source.exampleShape == [32, 32, 3] && source.targets == .classes(3))
    #expect(source.trainingCount == 1400)
    #expect(
      source.summary
        == "CIFAR-100 (classes 3, 1, 77), 1400 training, 100 validation, 300 test images")
  }

  /// Labels in the published numbers, ascending.
  private func labels(_ counts: [Int]) -> [UInt8] {
    counts.enumerated().flatMap { [UInt8](repeating: UInt8($0), count: $1) }
  }

  private func header(_ numbers: Int...) -> [UInt8] {
    numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
  }

  @Test("MNIST is read from uncompressed files and told from others by its labels")
  func mnist() throws {
    let training = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    let test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    let image = [UInt8](repeating: 51, count: 784)
    for (part, counts) in [("train", training), ("t10k", test)] {
      let count = counts.reduce(0, +)
      _ = try write(
        header(0x803, count, 28, 28) + image, to: "\(part)-images-idx3-ubyte",
        size: 16 + count * 784)
      _ = try write(header(0x801, count) + labels(counts), to: "\(part)-labels-idx1-ubyte")
    }
    let data = try dataset("{name: mnist, path: '\(folder.path)', classes: [1, 0], validation: 10}")
    #expect(data.trainingCount == 5923 + 6742 - 10 && data.testCount == 980 + 1135)
    // The first test image is the only one that is not black, and is a 0: the second class here.
    #expect(data.example(0, of: .test).features.allSatisfy { abs($0 - 0.2) < 1e-7 })
    #expect(data.example(0, of: .test).labels == [1])
    #expect(data.example(980, of: .test).labels == [0])

    let before = try dataset("{name: mnist, path: '\(folder.path)'}").digest
    _ = try write(
      header(0x801, 60_000) + labels(training).reversed(), to: "train-labels-idx1-ubyte")
    #expect(try dataset("{name: mnist, path: '\(folder.path)'}").digest != before)

    let even = labels([Int](repeating: 6000, count: 10))
    _ = try write(header(0x801, 60_000) + even, to: "train-labels-idx1-ubyte")
    let text = message { _ = try dataset("{name: mnist, path: '\(folder.path)'}") }
    #expect(text.contains("has 6000 labels 0, MNIST has 5923"), "\(text)")
  }

  @Test("classes of Fashion-MNIST are chosen and numbered in the given order")
  func chosenClasses() throws {
    let all = try dataset("{name: fashion-mnist, validation: 1}")
    let two = try dataset("{name: fashion-mnist, classes: [9, 0], validation: 500}")
    #expect(two.trainingCount == 11_500 && two.validationCount == 500 && two.testCount == 2000)
    var position = 0
    for index in 0..<20 {
      // The chosen images stand in the order in which the whole split has them.
      while ![9, 0].contains(all.example(position, of: .train).labels[0]) { position += 1 }
      let (features, labels, _) = all.example(position, of: .train)
      #expect(two.example(index, of: .train).features == features)
      #expect(two.example(index, of: .train).labels == [labels[0] == 9 ? 0 : 1])
      position += 1
    }
    #expect(
      two.digest != (try dataset("{name: fashion-mnist, classes: [0, 9], validation: 500}")).digest)
  }

  @Test("choices that make no data set are refused")
  func refusedChoices() {
    for (options, words) in [
      ("classes: [1]", "two or more"), ("classes: [1, 1]", "none twice"),
      ("classes: [1, 10]", "out of range"), ("classes: [1, 2.5]", "2.5 is no class"),
      ("classes: [1, 2], validation: 12000", "leave none for training"),
      ("mean: [1, 2], std: [1, 1]", "2 numbers given"), ("std: [1]", "give both"),
      ("mean: [0.5], std: [0]", "out of range"),
    ] {
      let text = message { _ = try datasetSource("{name: fashion-mnist, \(options)}") }
      #expect(text.contains(words), "\(text)")
    }
  }

  @Test("standardized images have mean 0 and deviation 1 over the training part")
  func standardized() throws {
    let data = try dataset("{name: fashion-mnist, classes: [1, 8], normalization: standardize}")
    var sum = 0.0
    var squares = 0.0
    for index in 0..<data.trainingCount {
      for value in data.example(index, of: .train).features {
        sum += Double(value)
        squares += Double(value) * Double(value)
      }
    }
    let count = Double(data.trainingCount * 784)
    #expect(abs(sum / count) < 1e-5 && abs(squares / count - 1) < 1e-4)
  }

  private func md5(of path: String) -> String {
    (try? runCommand(["md5sum", path], in: URL(fileURLWithPath: folder.path)).output.prefix(32))
      .map(String.init) ?? ""
  }
}
