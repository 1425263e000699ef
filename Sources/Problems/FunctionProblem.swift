import Digests
public import Tensors

/// A function to be minimised: its gradient may be noisy, its value is not.
///
/// A run starts from the function's start for its seed plus `start_spread` times standard normal
/// numbers of `RandomStream(seed:, name: "initial-parameters/x")`. A function of examples is trained
/// on batches of them like a network, and may hold some out for validation and test.
public struct FunctionProblem: TestProblem {
  public let name: String
  public let digest: String
  public let layout: ParameterLayout
  public let target: Target?
  private let content: FunctionDefinition

  init(name: String, definition: FunctionDefinition, target: Target?) {
    self.name = name
    self.target = target
    content = definition
    layout = definition.noisy.function.layout
    var digest = Digest()
    digest.add("function problem")
    digest.add(definition.definition)
    if let batches = definition.batches {
      digest.add(batches.size)
      digest.add(batches.order.rawValue)
    }
    digest.add(target)
    self.digest = digest.finish()
  }

  public var summary: String { content.summary }
  public var lowerBound: Double { function.lowerBound }
  public var lossUnit: Double { function.unit }

  /// The value at the start, that of seed 0 where it is drawn.
  public var referenceLoss: Double { function.value(at: function.start(seed: 0)).value }
  public var stepsPerEpoch: Int { content.stepsPerEpoch }
  public var standardStart: [Float]? { function.start.map { Float($0) } }

  private var function: any TestFunction { content.noisy.function }

  public func initialParameters(seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed, name: "initial-parameters/x")
    let spread = content.noisy.startSpread
    return function.start(seed: seed).map { Float($0 + spread * stream.normal()) }
  }

  public func makeBuffers() -> NamedArrays { .empty }

  public func openSession() -> any ProblemSession {
    IndependentObjectives { [noisy = content.noisy] in FunctionObjective(noisy, seed: $0) }
  }

  public func makeBatchOrder(seed: UInt64) -> any BatchOrder {
    guard let batches = content.batches else { return EmptyOrder() }
    return ShuffledOrder(
      count: batches.examples, batchSize: batches.size, kind: batches.order, seed: seed)
  }
}

/// The noise of step t is drawn from `RandomStream(seed:, name: "gradient-noise", part: t)`: two
/// gradients of one step have the same noise.
private final class FunctionObjective: Objective {
  private let noisy: NoisyFunction
  private let function: any TestFunction
  private let examples: (any FunctionOfExamples)?
  private let dimension: Int
  private let seed: UInt64
  /// The point, the gradient and the function's working memory in double precision.
  private let memory: UnsafeMutablePointer<Double>

  init(_ noisy: NoisyFunction, seed: UInt64) {
    self.noisy = noisy
    self.seed = seed
    function = noisy.function
    examples = function as? any FunctionOfExamples
    dimension = function.dimension
    memory = .allocate(capacity: 2 * dimension + function.workspaceCount)
    memory.initialize(repeating: 0, count: 2 * dimension + function.workspaceCount)
  }

  deinit { memory.deallocate() }

  private var slopes: UnsafeMutablePointer<Double> { memory + dimension }
  private var workspace: UnsafeMutablePointer<Double> { memory + 2 * dimension }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let point = doubles(of: parameters)
    let value =
      if let examples {
        examples.value(
          at: point, over: batch.indices, gradient: slopes, workspace: workspace)
      } else {
        function.value(at: point, gradient: slopes, workspace: workspace)
      }
    if noisy.gradientNoise > 0 {
      var stream = RandomStream(
        seed: seed, name: "gradient-noise", part: UInt32(truncatingIfNeeded: batch.step))
      for index in 0..<dimension {
        slopes[index] += noisy.gradientNoise * noisy.noise.draw(from: &stream)
      }
    }
    for index in 0..<dimension { gradient[index] = Float(slopes[index]) }
    return value
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    if split == .train {
      let point = doubles(of: parameters)
      return EvaluationResult(
        loss: function.value(at: point, gradient: slopes, workspace: workspace))
    }
    guard let examples, examples.heldOut.contains(split) else { return nil }
    return EvaluationResult(
      loss: examples.value(at: doubles(of: parameters), on: split, workspace: workspace))
  }

  private func doubles(of parameters: UnsafePointer<Float>) -> UnsafePointer<Double> {
    for index in 0..<dimension { memory[index] = Double(parameters[index]) }
    return UnsafePointer(memory)
  }
}

/// Steps without examples.
struct EmptyOrder: BatchOrder {
  private var step = 0

  mutating func skip(to step: Int) { self.step = step }

  mutating func next() -> Batch {
    defer { step += 1 }
    return Batch(step: step, indices: UnsafeBufferPointer(start: nil, count: 0))
  }
}

extension Digest {
  /// Adds a target or its absence. The rule is for people and does not count.
  mutating func add(_ target: Target?) {
    add(target.map { "\($0.metric) \($0.isAtLeast ? "at least" : "at most")" } ?? "no target")
    add(target?.value ?? 0)
  }
}
