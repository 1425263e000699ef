import Experiments
import LinearAlgebra
import Optimizers
import Problems
import Settings
import Tensors
import Testing

/// A run that goes on from its state makes the steps that it would have made.
@Suite struct RunStateTests {
  private func problem(_ text: String) throws -> any TestProblem {
    var datasets = LoadedDatasets()
    return try ProblemSpec.read(Setting.parse(text, file: "test"))
      .make(using: &datasets, baseDirectory: ".")
  }

  private func method(_ optimizer: String, _ clipping: String) throws -> Method {
    let schedule = try Setting.parse("{name: cosine}", file: "test")
    return Method(
      optimizer: try OptimizerChoice.read(Setting.parse(optimizer, file: "test")).optimizer,
      clipping: try ClippingStrategy.read(Setting.parse(clipping, file: "test")),
      schedule: try scheduleCatalog.make(scheduleCatalog.choice(at: schedule), at: schedule),
      baseLearningRate: 1e-3)
  }

  private func expectTheSame(_ problem: any TestProblem, _ method: Method, at step: Int) {
    Threads.useOneThread()
    var whole = TrialRun(problem: problem, method: method, seed: 5, steps: 20)
    whole.advance(by: step)
    let saved = whole.state
    whole.advance(by: 20 - step)
    var resumed = TrialRun(problem: problem, method: method, seed: 5, steps: 20)
    resumed.resume(from: saved)
    resumed.advance(by: 20 - step)
    let (a, b) = (whole.state, resumed.state)
    #expect(bits(a.parameters) == bits(b.parameters))
    #expect(bits(a.previousGradient) == bits(b.previousGradient))
    #expect(a.previousNorm.bitPattern == b.previousNorm.bitPattern)
    #expect(a.gradientEvaluations == b.gradientEvaluations && a.step == b.step)
    #expect(numbers(a.optimizer) == numbers(b.optimizer))
    for (a, b) in zip(a.clipping, b.clipping) { #expect(numbers(a) == numbers(b)) }
    #expect(numbers(a.buffers) == numbers(b.buffers))
  }

  private func bits(_ buffer: FloatBuffer) -> [UInt32] { buffer.values.map(\.bitPattern) }

  private func numbers(_ state: NamedArrays) -> [UInt64] {
    state.arrays.flatMap { $0.values.map { UInt64($0.bitPattern) } }
      + state.numbers.map(\.bitPattern) + state.parts.flatMap(numbers)
  }

  @Test(arguments: optimizerCatalog.names)
  func ofAnyOptimizer(name: String) throws {
    let method = try method(name, "{name: global-norm, max_norm: 0.5}")
    // A function has no labels to draw.
    if method.optimizer.demand.samplesLabels { return }
    expectTheSame(
      try problem("{name: valley, function: {name: rosenbrock, dimension: 6}}"), method, at: 7)
  }

  @Test(arguments: clippingCatalog.names)
  func ofAnyClipping(name: String) throws {
    expectTheSame(
      try problem("{name: valley, function: {name: rosenbrock, dimension: 6}}"),
      try method("adam", name), at: 7)
  }

  @Test(arguments: ["matrices", "[others, '*weight']"], ClippingStage.allCases)
  func ofATransformWithAPlaceAndTensors(words: String, place: ClippingStage) throws {
    let name = place == .parameters ? "range" : "autoclip"
    expectTheSame(
      try problem(
        """
        {name: net, dataset: {name: blobs, training: 64, validation: 20, test: 20},
         model: {name: mlp, hidden: [4]}, loss: cross-entropy, batch_size: 16}
        """), try method("adam", "{name: \(name), at: \(place.rawValue), on: \(words)}"), at: 7)
  }

  /// With running statistics and noise, in the middle of an epoch and after the third.
  @Test(arguments: [3, 16])
  func ofANetwork(step: Int) throws {
    expectTheSame(
      try problem(
        """
        name: normed
        dataset: {name: blobs, training: 78, validation: 40, test: 40}
        model: {name: layers, layers: [{name: dense, outputs: 6}, batch-norm, {name: dropout, rate: 0.3}, dense]}
        loss: cross-entropy
        batch_size: 16
        """), try method("sophia-g", "autoclip"), at: step)
  }
}
