import Problems
import Tensors
import Testing

@Suite("Augmentation")
struct AugmentationTests {
  /// The images of a step's batch, read from the gradient of a linear model with zero weights:
  /// cross-entropy's gradient of the weights of class k is (1/classes − [k = y])x for one example.
  private func image(
    _ problem: any TestProblem, seed: UInt64, step: Int, index: Int32 = 0
  ) -> [Double] {
    let probe = Probe(problem, seed: seed)
    probe.parameters.fill(0)
    withUnsafePointer(to: index) { pointer in
      _ = probe.loss(Batch(step: step, indices: UnsafeBufferPointer(start: pointer, count: 1)))
    }
    let width = problem.layout.tensors[0].shape[1]
    let biases = probe.gradient.values.suffix(10)
    let label = biases.firstIndex { $0 < 0 }.map { $0 - biases.startIndex } ?? 0
    return probe.gradient.values[label * width..<(label + 1) * width].map { Double($0) / -0.9 }
  }

  private func linear(_ options: String) throws -> any TestProblem {
    try problem(
      """
      {name: linear, dataset: {name: fashion-mnist\(options)}, model: {name: mlp, hidden: []},
       loss: cross-entropy, batch_size: 1}
      """)
  }

  /// `image` moved and reflected, with `black` where nothing was.
  private func changed(
    _ image: [Double], down: Int, right: Int, isReflected: Bool, black: Double
  ) -> [Double] {
    (0..<784).map { place in
      let (row, column) = (place / 28 + down, isReflected ? 27 - place % 28 : place % 28)
      let source = column + right
      return (0..<28).contains(row) && (0..<28).contains(source)
        ? image[row * 28 + source] : black
    }
  }

  @Test("images are cut and reflected as the documented stream says", arguments: [false, true])
  func documented(isStandardized: Bool) throws {
    let scale = isStandardized ? ", mean: [0.5], std: [0.25]" : ""
    let plain = try linear(scale)
    let augmented = try linear("\(scale), crop: 3, flip: true")
    let original = image(plain, seed: 5, step: 0)
    let black = isStandardized ? -2.0 : 0
    var seen: Set<[Int]> = []
    for step in 0..<40 {
      var stream = RandomStream(seed: 5, name: "augmentation", part: UInt32(step))
      let down = Int((UInt64(stream.nextWord()) * 7) >> 32) - 3
      let right = Int((UInt64(stream.nextWord()) * 7) >> 32) - 3
      let isReflected = stream.nextWord() & 1 == 1
      seen.insert([down, right, isReflected ? 1 : 0])
      let expected = changed(
        original, down: down, right: right, isReflected: isReflected, black: black)
      let found = image(augmented, seed: 5, step: step)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "step \(step)")
    }
    #expect(seen.count > 20)
  }

  @Test("the same step gives the same images, another seed or step gives others")
  func deterministic() throws {
    let problem = try linear(", crop: 4, flip: true")
    let first = image(problem, seed: 1, step: 3)
    let (same, otherSeed, otherStep) = (
      image(problem, seed: 1, step: 3) == first, image(problem, seed: 2, step: 3) == first,
      image(problem, seed: 1, step: 4) == first
    )
    #expect(same && !otherSeed && !otherStep)
  }

  @Test("evaluations meet the images as they are")
  func evaluationIsPlain() throws {
    let plain = Probe(try linear(""))
    let augmented = Probe(try linear(", crop: 4, flip: true"))
    for split in DataSplit.allCases {
      #expect(plain.evaluate(split) == augmented.evaluate(split))
    }
    #expect(plain.problem.digest != augmented.problem.digest)
  }
}
