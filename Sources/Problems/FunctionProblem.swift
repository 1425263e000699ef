import Digests
public import Tensors

/// A function to be minimised: its gradient may be noisy, its value is not.
///
/// The parameters are one tensor `x`. A run starts from the function's standard start plus
/// `start_spread` times standard normal numbers of `RandomStream(seed:, name:
/// "initial-parameters/x")`. There is neither validation nor test data.
public struct FunctionProblem: TestProblem {
  public let name: String
  public let digest: String
  public let layout: ParameterLayout
  public let target: Target?
  private let noisy: NoisyFunction

  init(name: String, noisy: NoisyFunction, definition: String, target: Target?) {
    self.name = name
    self.noisy = noisy
    self.target = target
    layout = ParameterLayout([("x", [noisy.function.dimension], .weight)])
    var digest = Digest()
    digest.add("function problem")
    digest.add(definition)
    digest.add(target)
    self.digest = digest.finish()
  }

  public var summary: String {
    noisy.function.summary
      + (noisy.gradientNoise > 0 ? ", gradient noise \(noisy.gradientNoise)" : "")
  }
  public var lowerBound: Double { noisy.function.lowerBound }
  public var lossUnit: Double { noisy.function.unit }
  public var stepsPerEpoch: Int { 0 }
  public var standardStart: [Float]? { noisy.function.start.map { Float($0) } }

  public func initialParameters(seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed, name: "initial-parameters/x")
    return noisy.function.start.map { Float($0 + noisy.startSpread * stream.normal()) }
  }

  public func makeBuffers() -> NamedArrays { .empty }

  public func makeObjective(seed: UInt64) -> any Objective { FunctionObjective(noisy, seed: seed) }

  public func makeBatchOrder(seed: UInt64) -> any BatchOrder { EmptyOrder() }
}

/// The noise of step t is drawn from `RandomStream(seed:, name: "gradient-noise", part: t)`: two
/// gradients of one step have the same noise.
private final class FunctionObjective: Objective {
  private let noisy: NoisyFunction
  private let seed: UInt64

  init(_ noisy: NoisyFunction, seed: UInt64) {
    self.noisy = noisy
    self.seed = seed
  }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let value = noisy.function.value(at: parameters, gradient: gradient)
    if noisy.gradientNoise > 0 {
      var stream = RandomStream(
        seed: seed, name: "gradient-noise", part: UInt32(truncatingIfNeeded: batch.step))
      for index in 0..<noisy.function.dimension {
        gradient[index] += Float(noisy.gradientNoise * stream.normal())
      }
    }
    return value
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    guard split == .train else { return nil }
    return EvaluationResult(loss: noisy.function.value(at: parameters, gradient: nil))
  }
}

/// Steps without examples.
private struct EmptyOrder: BatchOrder {
  private var step = 0

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
