public import Tensors

/// What a transform of a clipping strategy works on.
public enum ClippingStage: String, Sendable {
  /// The gradient, before the optimizer sees it.
  case gradient
  /// The proposed update, before it is applied.
  case update
  /// The parameters, after the update: a projection.
  case parameters
}

/// What a transform did at one step.
public struct ClippingTelemetry: Sendable {
  /// Whether the transform changed the vector.
  public var fired: Bool
  /// Whether the step is to be skipped: state frozen, nothing applied, step counted.
  public var skip: Bool

  public init(fired: Bool, skip: Bool = false) {
    self.fired = fired
    self.skip = skip
  }
}

/// What one transform of a strategy did at one step, for a record that asks for each of them.
public struct TransformMeasurement: Sendable {
  /// Whether the transform saw the step: not so after a refusal.
  public var isMeasured = false
  public var fired = false
  public var skipped = false
  /// The Euclidean norm of what it worked on, before and after; NaN where it saw nothing.
  public var normBefore = Double.nan
  public var normAfter = Double.nan

  public init() {}
}

/// The vector that a clipping strategy works on: read freely, copied on the first write, so that a
/// strategy that does not fire costs no pass over memory.
public struct ClippedVector {
  public let layout: ParameterLayout
  /// The Euclidean norm of the current values, where a transform or the trainer has measured it.
  public private(set) var knownNorm: Double?
  /// What `unscaledValues` are yet to be multiplied by; 1 unless scaling is deferred.
  public private(set) var pendingFactor: Float = 1
  /// The values before the factor that is pending.
  public private(set) var unscaledValues: UnsafePointer<Float>
  private let working: UnsafeMutablePointer<Float>
  private let defersScaling: Bool

  /// A view of `values`; the first write goes to `working`, which may be the same memory.
  ///
  /// - Parameter defersScaling: Whether to remember a factor instead of multiplying by it, until
  ///   somebody asks for `values`: for a reader who multiplies on the way.
  public init(
    layout: ParameterLayout, values: UnsafePointer<Float>,
    working: UnsafeMutablePointer<Float>, knownNorm: Double? = nil, defersScaling: Bool = false
  ) {
    self.layout = layout
    unscaledValues = values
    self.working = working
    self.knownNorm = knownNorm
    self.defersScaling = defersScaling
  }

  /// The current values, `layout.count` of them.
  public var values: UnsafePointer<Float> {
    mutating get {
      if pendingFactor != 1 {
        Vector.scale(unscaledValues, by: pendingFactor, into: working, count: count)
        unscaledValues = UnsafePointer(working)
        pendingFactor = 1
      }
      return unscaledValues
    }
  }

  public var count: Int { layout.count }

  /// The Euclidean norm of the current values, measured once.
  public mutating func norm() -> Double {
    if let knownNorm { return knownNorm }
    let norm = Vector.norm(values, count: count)
    knownNorm = norm
    return norm
  }

  /// Multiplies every element by `factor`, which may lie beyond the range of `Float`.
  public mutating func scale(by factor: Double) {
    let source = values
    knownNorm = nil
    if defersScaling, !Vector.needsDouble(factor) {
      pendingFactor = Float(factor)
    } else {
      Vector.scaleInRange(source, by: factor, into: working, count: count)
      unscaledValues = UnsafePointer(working)
    }
  }

  /// Says that the norm is `norm`, where the caller knows it without a pass over memory.
  public mutating func setKnownNorm(_ norm: Double?) { knownNorm = norm }

  /// Replaces every element: `body` reads the current values from its first argument and writes
  /// all `count` new ones to its second, which may be the same memory. Forgets the norm.
  @inline(__always)
  mutating func rewrite(
    _ body: (_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) -> Void
  ) {
    body(values, working)
    unscaledValues = UnsafePointer(working)
    knownNorm = nil
  }

  /// The values for writing; forgets the norm.
  public mutating func mutableValues() -> UnsafeMutablePointer<Float> {
    if values != UnsafePointer(working) {
      working.update(from: unscaledValues, count: count)
      unscaledValues = UnsafePointer(working)
    }
    knownNorm = nil
    return working
  }
}

/// What a transform may know besides the vector itself.
public struct ClippingContext {
  /// The step, from 0.
  public let step: Int
  public let learningRate: Double
  /// The parameters before the update.
  public let parameters: UnsafePointer<Float>
  /// The run's seed, for transforms that draw noise.
  public let seed: UInt64

  public init(step: Int, learningRate: Double, parameters: UnsafePointer<Float>, seed: UInt64) {
    self.step = step
    self.learningRate = learningRate
    self.parameters = parameters
    self.seed = seed
  }
}

/// One transform of a clipping strategy.
public protocol ClippingTransform: Sendable {
  /// What the transform works on.
  var stage: ClippingStage { get }

  /// Whether the transform may refuse a step; true unless it says otherwise. Before a refusal that
  /// can come after the optimizer's part, the trainer keeps what the optimizer knew, to give it back.
  var maySkip: Bool { get }

  /// The memory before the first step.
  func makeState(for layout: ParameterLayout) -> NamedArrays

  /// Transforms the vector of one step. Allocates nothing.
  func apply(
    to vector: inout ClippedVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry
}

extension ClippingTransform {
  public var maySkip: Bool { true }

  public func makeState(for layout: ParameterLayout) -> NamedArrays { .empty }
}
