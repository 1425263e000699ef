import CallCount
import Experiments
import LinearAlgebra
import Optimizers
import Problems
import Settings
import Tensors
import Testing

/// What `body` asks of the system on this thread.
private func calls(_ body: () -> Void) -> (allocations: UInt64, locks: UInt64) {
  let allocations = callcount_allocations()
  let locks = callcount_locks()
  body()
  return (callcount_allocations() - allocations, callcount_locks() - locks)
}

private func problem(_ text: String) throws -> any TestProblem {
  var datasets = LoadedDatasets()
  return try ProblemSpec.read(Setting.parse(text, file: "test"))
    .make(using: &datasets, baseDirectory: ".")
}

private func method(_ optimizer: String, _ clipping: String) throws -> Method {
  let choice = try OptimizerChoice.read(Setting.parse(optimizer, file: "test"))
  let schedule = try Setting.parse("constant", file: "test")
  return Method(
    optimizer: choice.optimizer,
    clipping: try ClippingStrategy.read(Setting.parse(clipping, file: "test")),
    schedule: try scheduleCatalog.make(scheduleCatalog.choice(at: schedule), at: schedule),
    baseLearningRate: 1e-4)
}

/// The step loop allocates nothing and takes no lock, counted by stand-ins for the C library's
/// functions.
@Suite(.enabled(if: callcount_is_available() != 0)) struct StepResourceTests {
  @Test func aCallThatAllocatesOrLocksIsCounted() {
    #expect(calls { _ = FloatBuffer(count: 100) }.allocations > 0)
  }

  /// Shampoo's eigenvectors come from LAPACK, and OpenBLAS allocates and locks in there; its products
  /// go through `dnnl_sgemm`, which allocates once and locks twice in a step of one vector.
  private static let withoutLAPACK = optimizerCatalog.names.filter { $0 != "shampoo" }

  @Test(arguments: withoutLAPACK)
  func aStepOfAnyOptimizerAllocatesNothing(optimizer: String) throws {
    let method = try method(optimizer, "{name: global-norm, max_norm: 0.1}")
    // A function has no labels to draw; such a rule has its turn on the network below.
    if try demand(of: optimizer).samplesLabels { return }
    try expectNothing(method)
  }

  private func demand(of optimizer: String) throws -> GradientDemand {
    try OptimizerChoice.read(Setting.parse(optimizer, file: "test")).optimizer.demand
  }

  @Test(arguments: clippingCatalog.names)
  func aStepWithAnyClippingAllocatesNothing(clipping: String) throws {
    try expectNothing(try method("adam", clipping))
  }

  @Test(
    arguments: [
      "{name: global-norm, max_norm: 0.1, at: momentum}", "{name: cautious, at: momentum, on: 'x'}",
      "{name: value, max_value: 0.1, at: update, on: weight}", "{name: skip-large, at: momentum}",
      "[{name: autoclip, at: update}, {name: range, on: weight}]",
    ])
  func aStepWithATransformAnywhereAllocatesNothing(clipping: String) throws {
    try expectNothing(try method("adam", clipping))
    try expectNothing(try method("{name: lookahead, base: momentum}", clipping))
  }

  private func expectNothing(_ method: Method) throws {
    let problem = try problem("{name: valley, function: {name: rosenbrock, dimension: 20}}")
    var trial = TrialRun(problem: problem, method: method, seed: 0, steps: 400)
    trial.advance(by: 200)
    let used = calls { trial.advance(by: 200) }
    #expect(used.allocations == 0)
    #expect(used.locks == 0)
  }

  /// oneDNN makes a few small objects for each product; nothing else may.
  @Test(arguments: ["adam", "sam", "sophia-g"])
  func aStepOfANetworkAllocatesWhatItsProductsDo(optimizer: String) throws {
    Threads.useOneThread()
    let problem = try problem("digits-mlp")
    let steps = 2 * problem.stepsPerEpoch
    var trial = TrialRun(
      problem: problem, method: try method(optimizer, "global-norm"), seed: 0, steps: 2 * steps)
    trial.advance(by: steps)
    let used = calls { trial.advance(by: steps) }

    let matrix = FloatBuffer(count: 64 * 64)
    let result = FloatBuffer(count: 64 * 64)
    let product = PreparedProduct()
    func multiply() {
      product.multiply(
        matrix.pointer, matrix.pointer, into: result.pointer, rows: 32, columns: 64, inner: 64)
    }
    multiply()
    let single = calls { multiply() }
    // Three layers forward, three gradients of weights, two of inputs.
    let most = 8 * steps * (try demand(of: optimizer).evaluations.upperBound)
    #expect(used.allocations <= UInt64(most) * single.allocations)
    #expect(used.locks == 0 && single.locks == 0)
  }

  @Test func aStepOfAConvolutionalNetworkAllocatesWhatItsProductsDo() throws {
    Threads.useOneThread()
    let problem = try problem(
      "{name: images, dataset: {name: digits, validation: 300}, model: 2c2d, loss: cross-entropy, "
        + "batch_size: 256}")
    let steps = 2 * problem.stepsPerEpoch
    var trial = TrialRun(
      problem: problem, method: try method("adam", "global-norm"), seed: 0, steps: 2 * steps)
    trial.advance(by: steps)
    let used = calls { trial.advance(by: steps) }

    let images = FloatBuffer(count: 8 * 8 * 32)
    let weights = FloatBuffer(count: 32 * 32 * 25)
    let outputs = FloatBuffer(count: 8 * 8 * 32)
    let convolution = PreparedConvolution(
      ConvolutionShape(
        height: 8, width: 8, channels: 32, outputChannels: 32, groups: 1, window: 5, stride: 1,
        paddingTop: 2, paddingLeft: 2, paddingBottom: 2, paddingRight: 2))
    let product = PreparedProduct()
    // A convolution and a dense layer, forward and backward.
    func computeTwoLayers() {
      convolution.output(
        images.pointer, weights: weights.pointer, into: outputs.pointer, rows: 1)
      convolution.weightGradient(
        input: images.pointer, outputGradient: outputs.pointer, into: weights.pointer, rows: 1)
      convolution.inputGradient(
        outputGradient: outputs.pointer, weights: weights.pointer, into: images.pointer, rows: 1)
      for _ in 0..<3 {
        product.multiply(
          images.pointer, weights.pointer, into: outputs.pointer, rows: 32, columns: 32, inner: 32)
      }
    }
    computeTwoLayers()
    let single = calls { computeTwoLayers() }
    #expect(used.allocations <= UInt64(2 * steps) * single.allocations)
    #expect(used.locks == 0 && single.locks == 0)
  }

  /// The same for attention, norms and residual connections.
  @Test func aStepOfATransformerAllocatesWhatItsProductsDo() throws {
    Threads.useOneThread()
    let problem = try problem(
      """
      name: characters
      dataset: {name: text, length: 16, stride: 1000}
      model: {name: char-transformer, features: 16, layers: 1, heads: 4}
      loss: cross-entropy
      batch_size: 8
      """)
    let steps = 2 * problem.stepsPerEpoch
    var trial = TrialRun(
      problem: problem, method: try method("adam", "global-norm"), seed: 0, steps: 2 * steps)
    trial.advance(by: steps)
    let used = calls { trial.advance(by: steps) }

    let matrices = FloatBuffer(count: 32 * 16 * 16)
    let results = FloatBuffer(count: 32 * 16 * 16)
    let product = PreparedProduct()
    func multiply(batch: Int) {
      product.multiply(
        matrices.pointer, matrices.pointer, into: results.pointer, rows: 16, columns: 16,
        inner: 16, batch: batch)
    }
    for batch in [1, 32] { multiply(batch: batch) }
    let single = calls { multiply(batch: 1) }.allocations
    let headwise = calls { multiply(batch: 32) }.allocations
    // Of attention 2 and 4 plain products, 2 and 4 of all heads; of each dense layer 1 and 2.
    #expect(used.allocations <= UInt64(steps) * (15 * single + 6 * headwise))
    #expect(used.locks == 0)
  }
}
