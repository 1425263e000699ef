public import Settings
public import Tensors

/// An ordered list of transforms on the gradient, the update or the parameters; empty for `none`.
public struct ClippingStrategy: Sendable {
  /// What tables call it: `none`, `global-norm(1)`, `centralize+value(0.1)`, or the file's `label`.
  public let label: String
  /// The catalog entries that the transforms come from, with all their options.
  public let choices: [CatalogChoice<[any ClippingTransform]>]
  /// The transforms in the order of application.
  public let transforms: [any ClippingTransform]

  public init(
    label: String, choices: [CatalogChoice<[any ClippingTransform]>],
    transforms: [any ClippingTransform]
  ) {
    self.label = label
    self.choices = choices
    self.transforms = transforms
  }

  /// The strategy that changes nothing.
  public static let none = ClippingStrategy(label: "none", choices: [], transforms: [])

  /// The transforms with all their options, as a JSON array; `[]` for `none`.
  public var json: String { "[" + choices.map(\.json).joined(separator: ",") + "]" }

  /// Whether a transform works on `stage`, so that the trainer can leave the stage out.
  public func acts(on stage: ClippingStage) -> Bool {
    transforms.contains { $0.stage == stage }
  }

  /// Whether a transform on `stage` may refuse a step.
  public func maySkip(on stage: ClippingStage) -> Bool {
    transforms.contains { $0.stage == stage && $0.maySkip }
  }

  /// The memory of each transform before the first step.
  public func makeState(for layout: ParameterLayout) -> [NamedArrays] {
    transforms.map { $0.makeState(for: layout) }
  }

  /// Applies the transforms that work on `stage`, in order. Allocates nothing.
  ///
  /// A transform that refuses the step ends it: those after it do not see the vector, so that a
  /// running statistic never takes in a refused gradient.
  /// - Parameter state: One entry for each transform, from `makeState(for:)`.
  /// - Returns: Whether any transform fired, and whether one refused the step.
  public func apply(
    stage: ClippingStage, to vector: inout ClippedVector, context: ClippingContext,
    state: inout [NamedArrays]
  ) -> ClippingTelemetry {
    var unmeasured: [TransformMeasurement] = []
    return apply(
      stage: stage, to: &vector, context: context, state: &state, measuring: &unmeasured)
  }

  /// The same, and writes down what each transform did.
  /// - Parameter measurements: One for each transform; empty where nobody wants to know, which saves
  ///   the norms. Measuring changes no result.
  public func apply(
    stage: ClippingStage, to vector: inout ClippedVector, context: ClippingContext,
    state: inout [NamedArrays], measuring measurements: inout [TransformMeasurement]
  ) -> ClippingTelemetry {
    precondition(state.count == transforms.count, "one state for each transform")
    var result = ClippingTelemetry(fired: false)
    for index in transforms.indices where transforms[index].stage == stage {
      let isMeasured = !measurements.isEmpty
      if isMeasured { measurements[index].normBefore = vector.norm() }
      let one = transforms[index].apply(to: &vector, context: context, state: &state[index])
      if isMeasured {
        measurements[index].isMeasured = true
        measurements[index].fired = one.fired
        measurements[index].skipped = one.skip
        measurements[index].normAfter = vector.norm()
      }
      result.fired = result.fired || one.fired
      if one.skip {
        precondition(transforms[index].maySkip, "a transform that refuses says so in maySkip")
        result.skip = true
        return result
      }
    }
    return result
  }
}
