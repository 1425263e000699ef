internal import Tensors

/// A transform with its place in the step and the tensors that it works on, as a file gives them or as
/// the transform has them by default.
public struct PlacedTransform: Sendable {
  public let transform: any StepTransform
  public let stage: ClippingStage
  public let selection: TensorSelection
  private let scope: Scope

  private enum Scope: Sendable {
    case all
    /// Not looked for yet in a model.
    case unknown
    case selected(SelectedTensors)
  }

  init(
    _ transform: any StepTransform, at stage: ClippingStage? = nil,
    on selection: TensorSelection = .all
  ) {
    self.init(
      transform, at: stage ?? transform.allowedStages[0], on: selection,
      scope: selection == .all ? .all : .unknown)
  }

  private init(
    _ transform: any StepTransform, at stage: ClippingStage, on selection: TensorSelection,
    scope: Scope
  ) {
    self.transform = transform
    self.stage = stage
    self.selection = selection
    self.scope = scope
  }

  /// The same with its tensors found in `layout`.
  func resolved(for layout: ParameterLayout) -> PlacedTransform {
    PlacedTransform(
      transform, at: stage, on: selection,
      scope: SelectedTensors(selection, of: layout).map { .selected($0) } ?? .all)
  }

  /// Whether it is the transform as its name alone gives it.
  public var isDefault: Bool { stage == transform.allowedStages[0] && selection == .all }

  /// The memory before the first step: the transform's, and room for its tensors side by side.
  func makeState(for layout: ParameterLayout) -> NamedArrays {
    switch scope {
    case .all: return transform.makeState(for: layout)
    case .unknown: preconditionFailure("a strategy works once it is resolved for a layout")
    case .selected(let selected):
      let count = selected.layout.count
      return NamedArrays(
        arrays: ["values", "parameters", "gradient"].map { ($0, count) },
        parts: [transform.makeState(for: selected.layout)])
    }
  }

  /// Transforms one step. The transform sees the selected tensors as a vector of their own: norms,
  /// histories and noise are theirs alone.
  /// - Returns: What it did, with norms where somebody wants to know them.
  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays,
    measuresNorms: Bool
  ) -> TransformMeasurement {
    guard case .selected(let selected) = scope else {
      return run(on: &vector, context, &state, measuresNorms)
    }
    selected.gather(vector.values, into: state[0])
    selected.gather(context.parameters, into: state[1])
    selected.gather(context.gradient, into: state[2])
    var part = StepVector(layout: selected.layout, values: state[0], working: state[0])
    let measured = run(
      on: &part, context.with(parameters: state[1], gradient: state[2]), &state.parts[0],
      measuresNorms)
    if measured.fired, !measured.skipped {
      selected.scatter(part.values, into: vector.mutableValues())
    }
    return measured
  }

  private func run(
    on vector: inout StepVector, _ context: ClippingContext, _ state: inout NamedArrays,
    _ measuresNorms: Bool
  ) -> TransformMeasurement {
    var measured = TransformMeasurement()
    measured.isMeasured = true
    if measuresNorms { measured.normBefore = vector.norm() }
    let telemetry = transform.apply(to: &vector, context: context, state: &state)
    measured.fired = telemetry.fired
    measured.skipped = telemetry.skip
    if measuresNorms { measured.normAfter = vector.norm() }
    return measured
  }
}

/// The selected tensors of a model as a vector of their own.
private struct SelectedTensors: Sendable {
  /// How they lie in that vector.
  let layout: ParameterLayout
  /// Where they lie in the whole, in order, neighbours joined.
  private let regions: [Range<Int>]

  /// - Returns: nil where every tensor is selected.
  init?(_ selection: TensorSelection, of whole: ParameterLayout) {
    let selected = whole.tensors.filter(selection.contains)
    guard selected.count < whole.tensors.count else { return nil }
    layout = ParameterLayout(selected.map { ($0.name, $0.shape, $0.role) })
    var regions: [Range<Int>] = []
    for tensor in selected where tensor.count > 0 {
      if let last = regions.last, last.upperBound == tensor.offset {
        regions[regions.count - 1] = last.lowerBound..<tensor.elements.upperBound
      } else {
        regions.append(tensor.elements)
      }
    }
    self.regions = regions
  }

  /// Copies the selected elements of `whole` together.
  func gather(_ whole: UnsafePointer<Float>, into part: UnsafeMutablePointer<Float>) {
    var place = part
    for region in regions {
      place.update(from: whole + region.lowerBound, count: region.count)
      place += region.count
    }
  }

  /// Copies them back to where they lie in `whole`.
  func scatter(_ part: UnsafePointer<Float>, into whole: UnsafeMutablePointer<Float>) {
    var place = part
    for region in regions {
      (whole + region.lowerBound).update(from: place, count: region.count)
      place += region.count
    }
  }
}
