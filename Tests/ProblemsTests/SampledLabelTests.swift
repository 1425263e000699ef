import Networks
import Problems
import Settings
import Tensors
import Testing

@Suite struct SampledLabelTests {
  private func digits() throws -> any TestProblem {
    var datasets = LoadedDatasets()
    return try ProblemSpec.read(Setting.parse("digits-mlp", file: "test")).make(
      using: &datasets, baseDirectory: ".")
  }

  @Test func labelsFollowTheSoftmaxOfTheOutputs() {
    let outputs: [Float] = [0, 1, -2, 3, 0.5]
    let rows = 20_000
    let repeated = FloatBuffer((0..<rows).flatMap { _ in outputs })
    let labels = UnsafeMutablePointer<Int32>.allocate(capacity: rows)
    defer { labels.deallocate() }
    labels.initialize(repeating: -1, count: rows)
    var stream = RandomStream(seed: 5, name: "sampled labels test")
    CrossEntropy().drawLabels(
      outputs: repeated.pointer, rows: rows, classes: 5, from: &stream, into: labels)
    let powers = outputs.map { exponential(Double($0)) }
    for (label, power) in powers.enumerated() {
      let expected = power / powers.reduce(0, +)
      let share = Double((0..<rows).count { labels[$0] == label }) / Double(rows)
      // Four standard deviations of a share of 20,000.
      #expect(abs(share - expected) < 4 * (expected * (1 - expected) / Double(rows)).squareRoot())
    }
  }

  @Test func theGradientOfDrawnLabelsIsAFunctionOfSeedAndStep() throws {
    let problem = try digits()
    #expect(problem.samplesLabels)
    func gradient(seed: UInt64, step: Int) throws -> (labels: Int, values: [Float]) {
      let objective = try problem.makeObjective(seed: seed)
      var order = problem.makeBatchOrder(seed: 1)
      let indices = order.next().indices
      let parameters = FloatBuffer(problem.initialParameters(seed: 1))
      let result = FloatBuffer(count: problem.layout.count)
      let labels = objective.sampledLabelGradient(
        at: parameters.pointer, batch: Batch(step: step, indices: indices),
        buffers: problem.makeBuffers(), gradient: result.pointer)
      return (labels, result.values)
    }
    let first = try gradient(seed: 1, step: 4)
    #expect(first.labels == 32)
    #expect(try first.values == gradient(seed: 1, step: 4).values)
    #expect(try first.values != gradient(seed: 1, step: 5).values)
    #expect(try first.values != gradient(seed: 2, step: 4).values)
    #expect(first.values.contains { $0 != 0 })
  }

  @Test func aFunctionHasNoLabels() throws {
    var datasets = LoadedDatasets()
    let problem = try ProblemSpec.read(Setting.parse("rosenbrock-2d", file: "test")).make(
      using: &datasets, baseDirectory: ".")
    #expect(!problem.samplesLabels)
    #expect(problem.standardStart == [-1.2, 1])
  }
}
