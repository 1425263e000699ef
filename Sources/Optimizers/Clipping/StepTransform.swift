public import Tensors

/// What a transform of a clipping strategy works on: its place in the step.
public enum ClippingStage: String, Sendable, CaseIterable {
  /// The gradient, before the optimizer sees it.
  case gradient
  /// The momentum, as the rule is about to step along it; what the rule remembers of it stays. Rules
  /// that offer it are `MomentumOptimizer`s.
  case momentum
  /// The proposed update, before it is applied.
  case update
  /// The parameters, after the update: a projection.
  case parameters

  /// The vectors that point somewhere; the gradient is the default.
  static let directions = [ClippingStage.gradient, .momentum, .update]
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
public struct StepVector {
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
  /// What the transform works on at this moment.
  public internal(set) var stage: ClippingStage = .gradient
  /// The parameters before the update.
  public let parameters: UnsafePointer<Float>
  /// The gradient that the optimizer was given, after the transforms of the gradient; for those
  /// themselves the gradient as it came in. Of a rule that asks for further gradients in the course of
  /// a step it is the first.
  public let gradient: UnsafePointer<Float>
  /// The run's seed, for transforms that draw noise.
  public let seed: UInt64

  public init(
    step: Int, learningRate: Double, parameters: UnsafePointer<Float>,
    gradient: UnsafePointer<Float>, seed: UInt64
  ) {
    self.step = step
    self.learningRate = learningRate
    self.parameters = parameters
    self.gradient = gradient
    self.seed = seed
  }

  /// The same step with vectors at other places.
  public func with(
    parameters: UnsafePointer<Float>? = nil, gradient: UnsafePointer<Float>
  ) -> ClippingContext {
    var context = ClippingContext(
      step: step, learningRate: learningRate, parameters: parameters ?? self.parameters,
      gradient: gradient, seed: seed)
    context.stage = stage
    return context
  }
}

/// One transform of a clipping strategy.
public protocol StepTransform: Sendable {
  /// What the transform may work on; the first unless a file says `at`.
  var allowedStages: [ClippingStage] { get }

  /// Whether the transform may refuse a step; false unless it says otherwise. Before a refusal that
  /// can come after the optimizer's part, the trainer keeps what the optimizer knew, to give it back.
  var maySkip: Bool { get }

  /// The memory before the first step.
  func makeState(for layout: ParameterLayout) -> NamedArrays

  /// Transforms the vector of one step. Allocates nothing.
  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry
}

extension StepTransform {
  public var maySkip: Bool { false }

  public func makeState(for layout: ParameterLayout) -> NamedArrays { .empty }
}
