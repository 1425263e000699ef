import Foundation
import Problems
import Tensors
import Testing

@Suite("Data sets")
struct DatasetTests {
  /// One example of a problem's training set, as the first layer sees it: a linear model with one
  /// weight of 1 and mean squared error would hide it, so the features are read from the gradient.
  ///
  /// With zero weights, cross-entropy's gradient of the weights of class k is (1/classes − [k = y])x.
  private func example(_ index: Int32, of problem: any TestProblem) -> (x: [Double], label: Int) {
    let probe = Probe(problem)
    probe.parameters.fill(0)
    let width = problem.layout.tensors[0].shape[1]
    withUnsafePointer(to: index) { pointer in
      _ = probe.loss(Batch(step: 0, indices: UnsafeBufferPointer(start: pointer, count: 1)))
    }
    let biases = Array(probe.gradient.values.suffix(10))
    let label = biases.firstIndex { $0 < 0 } ?? -1
    let row = probe.gradient.values[label * width..<(label + 1) * width]
    return (row.map { Double($0) / -0.9 }, label)
  }

  private func linear(_ dataset: String, _ batch: Int = 1) throws -> any TestProblem {
    try problem(
      """
      {name: linear, dataset: \(dataset), model: {name: mlp, hidden: []}, loss: cross-entropy,
       batch_size: \(batch)}
      """)
  }

  @Test("Fashion-MNIST is split in 55,000, 5,000 and 10,000 examples")
  func fashionMNIST() throws {
    let problem = try problem("fashion-mnist-mlp")
    #expect(problem.summary.contains("55000 training, 5000 validation, 10000 test"))
    #expect(problem.stepsPerEpoch == 860)
    #expect(problem.layout.count == 784 * 128 + 128 + 128 * 10 + 10)
    let probe = Probe(problem)
    for split in DataSplit.allCases {
      let result = try #require(probe.evaluate(split))
      #expect(result.loss > 1.5 && result.loss < 4)
      let accuracy = try #require(result.accuracy)
      #expect(accuracy > 0.02 && accuracy < 0.3)
    }
  }

  /// The files' first labels are 9, 0, 0, 3, 0, 2, …; the first images' pixels sum to 76,247,
  /// 84,598, 28,662 (counted by Python from the files).
  @Test("Fashion-MNIST holds the published images in the documented order, divided by 255")
  func fashionMNISTPixels() throws {
    let problem = try linear("{name: fashion-mnist, validation: 1}")
    var order = Array(Int32(0)..<60_000)
    var stream = RandomStream(seed: 0, name: "split/fashion-mnist")
    stream.shuffle(&order)
    let known: [(row: Int32, label: Int, sum: Double)] = [
      (0, 9, 76_247), (1, 0, 84_598), (2, 0, 28_662),
    ]
    for (row, label, sum) in known {
      let position = Int32(try #require(order.firstIndex(of: row)))
      guard position < 59_999 else { continue }
      let found = example(position, of: problem)
      #expect(found.label == label)
      #expect(abs(found.x.reduce(0, +) * 255 - sum) < 0.05)
    }
  }

  /// 561,718 is the sum of scikit-learn's `load_digits().data`.
  @Test("the bundled digits have scikit-learn's pixels and labels, each in one part")
  func digitsAreThose() throws {
    let training = try linear("{name: digits, validation: 1}")
    var order = Array(Int32(0)..<1797)
    var stream = RandomStream(seed: 0, name: "split/digits")
    stream.shuffle(&order)
    // What lies in the last 301 places of the order is not in the training part: read it from the
    // resource itself.
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Problems/Resources")
    let pixels = try gunzip(folder.appendingPathComponent("digits-images-idx3-ubyte.gz")).dropFirst(
      16)
    let labels = try gunzip(folder.appendingPathComponent("digits-labels-idx1-ubyte.gz")).dropFirst(
      8)
    #expect(pixels.reduce(0) { $0 + Int($1) } == 561_718)
    #expect(Array(labels.prefix(10)) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    for position in [0, 1, 700, 1495] as [Int32] {
      let row = Int(order[Int(position)])
      let found = example(position, of: training)
      #expect(found.label == Int(labels[labels.startIndex + row]))
      let start = pixels.startIndex + row * 64
      let expected = pixels[start..<start + 64].map { Double($0) / 16 }
      #expect(zip(found.x, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test("a byte becomes what a division would make of it")
  func exactDivision() throws {
    // The first weights' gradient of a network with identity outputs is proportional to the pixel;
    // the whole set of values is met within some images.
    let problem = try linear("{name: fashion-mnist, validation: 1}")
    var seen: Set<Int> = []
    for index in 0..<40 as Range<Int32> {
      for value in example(index, of: problem).x {
        let byte = (value * 255).rounded()
        seen.insert(Int(byte))
        #expect(abs(value - byte / 255) < 2e-7)
      }
    }
    #expect(seen.count == 256)
  }

  @Test("says where it is or what to install")
  func availability() throws {
    #expect(Datasets.availability(of: "digits") == .available("bundled"))
    #expect(
      Datasets.availability(of: "fashion-mnist") == .available("/usr/share/datasets/fashion-mnist"))
    #expect(Datasets.availability(of: "nothing") == nil)
  }

  @Test("the parameters are named and shaped as in PyTorch")
  func layout() throws {
    let problem = try problem("digits-mlp")
    #expect(
      problem.layout.tensors.map(\.name) == [
        "dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias", "dense3.weight",
        "dense3.bias",
      ])
    #expect(problem.layout.tensors[4].shape == [10, 64])
    #expect(problem.stepsPerEpoch == 38)
  }
}

/// What a gzip file holds, by the system's own program.
func gunzip(_ url: URL) throws -> [UInt8] {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", "gzip -dc '\(url.path)'"]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return [UInt8](data)
}
