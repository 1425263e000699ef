public import Settings
public import Tensors

/// An ordered list of transforms on the gradient, the update or the parameters; empty for `none`.
public struct ClippingStrategy: Sendable {
  /// What tables call it: `none`, `global-norm(1)`, `centralize+value(0.1)`, or the file's `label`.
  public let label: String
  /// The catalog entries that the transforms come from, with all their options.
  public let choices: [CatalogChoice<[any StepTransform]>]
  /// The transforms in the order of application, each with its place and its tensors.
  public let transforms: [PlacedTransform]
  /// The elements of `json`.
  private let fields: [String]

  /// - Parameter fields: The choices as JSON objects, where a place or a selection is among them.
  init(
    label: String, choices: [CatalogChoice<[any StepTransform]>], transforms: [PlacedTransform],
    fields: [String]
  ) {
    self.label = label
    self.choices = choices
    self.transforms = transforms
    self.fields = fields
  }

  /// Transforms at their default places on all tensors.
  public init(
    label: String, choices: [CatalogChoice<[any StepTransform]>],
    transforms: [any StepTransform]
  ) {
    self.init(
      label: label, choices: choices, transforms: transforms.map { PlacedTransform($0) },
      fields: choices.map(\.json))
  }

  /// The strategy that changes nothing.
  public static let none = ClippingStrategy(
    label: "none", choices: [], transforms: [any StepTransform]())

  private func with(_ change: (PlacedTransform) -> PlacedTransform) -> ClippingStrategy {
    ClippingStrategy(
      label: label, choices: choices, transforms: transforms.map(change), fields: fields)
  }

  /// The same transforms where there is no optimizer: what would work on its update works on the
  /// gradient, as there is no other update.
  public var withoutUpdate: ClippingStrategy {
    with {
      $0.stage == .update ? PlacedTransform($0.transform, at: .gradient, on: $0.selection) : $0
    }
  }

  /// The same strategy with its selections of tensors found in `layout`, ready to work.
  public func resolved(for layout: ParameterLayout) -> ClippingStrategy {
    with { $0.resolved(for: layout) }
  }

  /// The transforms with all their options, and place and tensors where they are not the default, as a
  /// JSON array; `[]` for `none`.
  public var json: String { "[" + fields.joined(separator: ",") + "]" }

  /// Whether a transform works on `stage`, so that the trainer can leave the stage out.
  public func acts(on stage: ClippingStage) -> Bool {
    transforms.contains { $0.stage == stage }
  }

  /// Whether a transform on `stage` may refuse a step.
  public func maySkip(on stage: ClippingStage) -> Bool {
    transforms.contains { $0.stage == stage && $0.transform.maySkip }
  }

  /// The memory of each transform before the first step, of a strategy resolved for `layout`.
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
    stage: ClippingStage, to vector: inout StepVector, context: ClippingContext,
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
    stage: ClippingStage, to vector: inout StepVector, context: ClippingContext,
    state: inout [NamedArrays], measuring measurements: inout [TransformMeasurement]
  ) -> ClippingTelemetry {
    precondition(state.count == transforms.count, "one state for each transform")
    var result = ClippingTelemetry(fired: false)
    var context = context
    context.stage = stage
    let isMeasured = !measurements.isEmpty
    for index in transforms.indices where transforms[index].stage == stage {
      let one = transforms[index].apply(
        to: &vector, context: context, state: &state[index], measuresNorms: isMeasured)
      if isMeasured { measurements[index] = one }
      result.fired = result.fired || one.fired
      if one.skipped {
        precondition(
          transforms[index].transform.maySkip, "a transform that refuses says so in maySkip")
        result.skip = true
        return result
      }
    }
    return result
  }
}
