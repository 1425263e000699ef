import Networks
import Tensors
import Testing

@Suite("Losses")
struct LossTests {
  /// The mean loss and its gradient at the given outputs.
  private func loss(
    _ loss: any Loss, _ outputs: [[Float]], _ labels: [Int32]
  ) -> (value: Double, gradient: [Float]) {
    let classes = outputs[0].count
    let slack = [Float](repeating: .nan, count: activationSlack)
    var gradient = [Float](repeating: 0, count: outputs.count * classes + activationSlack)
    let sum = labels.withUnsafeBufferPointer { labels in
      guard let start = labels.baseAddress else { return 0.0 }
      return loss.sum(
        outputs: outputs.flatMap { $0 } + slack, targets: .classes(start), rows: outputs.count,
        width: classes, gradient: &gradient)
    }
    return (sum / Double(outputs.count), Array(gradient.dropLast(activationSlack)))
  }

  @Test("cross-entropy of equal outputs is log(classes), its unit", arguments: [2, 10, 16, 17, 40])
  func uniform(classes: Int) {
    let row = [Float](repeating: 3, count: classes)
    let result = loss(CrossEntropy(), [row, row], [0, Int32(classes - 1)])
    #expect(abs(result.value - logarithm(Double(classes))) < 1e-6)
    #expect(abs(CrossEntropy().unit(for: .classes(classes)) - logarithm(Double(classes))) < 1e-15)
    #expect(abs(result.gradient.reduce(0.0) { $0 + Double($1) }) < 1e-7)
  }

  @Test("mean squared error of equal outputs 1/classes is its unit", arguments: [2, 10, 33])
  func knowingNothing(classes: Int) {
    let row = [Float](repeating: 1 / Float(classes), count: classes)
    let result = loss(MeanSquaredError(), [row], [1])
    #expect(abs(result.value - MeanSquaredError().unit(for: .classes(classes))) < 1e-7)
  }

  @Test("cross-entropy of outputs far apart stays exact and finite")
  func farApart() {
    let result = loss(CrossEntropy(), [[3e38, -3e38], [1000, 0], [0, 1000]], [0, 0, 0])
    // As PyTorch: 0, 0 and 1000; the first difference overflows to −∞, a probability of 0.
    #expect(abs(result.value - 1000.0 / 3) < 1e-4)
    #expect(result.gradient.map { $0.isFinite } == Array(repeating: true, count: 6))
  }

  /// The rows' losses and gradients are what PyTorch 1.13 gives; see networks_torch.py.
  @Test("cross-entropy of infinite and NaN outputs is that of PyTorch")
  func nonfinite() {
    let infinity = Float.infinity
    #expect(loss(CrossEntropy(), [[infinity, 0, 1]], [0]).value.isNaN)
    #expect(loss(CrossEntropy(), [[infinity, 0, 1]], [1]).value.isNaN)
    #expect(loss(CrossEntropy(), [[0, .nan, 1]], [0]).value.isNaN)
    #expect(loss(CrossEntropy(), [[0, .nan, 1]], [0]).gradient.allSatisfy { $0.isNaN })
    #expect(loss(CrossEntropy(), [[-infinity, 0, 0]], [0]).value == .infinity)
    let without = loss(CrossEntropy(), [[-infinity, 0, 0]], [1])
    #expect(abs(without.value - logarithm(2)) < 1e-6)
    #expect(without.gradient[0] == 0 && abs(without.gradient[1] + 0.5) < 1e-6)
    // A row that fails leaves the others alone.
    let mixed = loss(CrossEntropy(), [[.nan, 0], [0, 0]], [0, 0])
    #expect(mixed.value.isNaN && mixed.gradient[2] == -0.25 && mixed.gradient[3] == 0.25)
  }

  @Test("accuracy takes the first of equal outputs and never a row with NaN")
  func accuracy() throws {
    // Weights 0, so the outputs are the biases.
    func isCorrect(_ outputs: [Float], _ label: Int) throws -> Bool {
      let fixture = try NetworkFixture(
        widths: [1, outputs.count], activation: .identity, loss: CrossEntropy(),
        parameters: [Float](repeating: 0, count: outputs.count) + outputs, batchSize: 1)
      return fixture.evaluate(inputs: [[1]], labels: [label]).correct == 1
    }
    #expect(try isCorrect([1, 2, 0], 1))
    #expect(try !isCorrect([1, 2, 0], 0))
    #expect(try isCorrect([2, 2, 0], 0))
    #expect(try !isCorrect([2, 2, 0], 1))
    #expect(try isCorrect([.infinity, 2], 0))
    #expect(try !isCorrect([.nan, 2], 0))
    #expect(try !isCorrect([2, .nan], 0))
    #expect(try !isCorrect([.nan, .nan], 1))
  }
}
