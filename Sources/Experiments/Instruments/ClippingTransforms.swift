internal import Optimizers
internal import Records

/// What each transform of a clipping strategy of several did to the step's own gradient, update or
/// parameters: whether it fired, whether it refused the step, the norm before and after it. NaN after a
/// refusal, which the transforms behind it do not see.
struct ClippingTransforms: Instrument {
  let quantities: [Quantity]
  let isPerTensor = false

  /// Nil for strategies of one transform, of which the clip's own series tell everything.
  init?(_ strategy: ClippingStrategy) {
    if strategy.transforms.count < 2 { return nil }
    quantities = strategy.transforms.indices.flatMap { index in
      let transform = "transform \(index + 1) of the clipping strategy"
      return [
        Quantity(
          name: "transform_\(index + 1)_fired", longName: "whether \(transform) changed anything"),
        Quantity(
          name: "transform_\(index + 1)_skipped", longName: "whether \(transform) refused the step"),
        Quantity(
          name: "transform_\(index + 1)_norm_before", longName: "Euclidean norm before \(transform)"
        ),
        Quantity(
          name: "transform_\(index + 1)_norm_after", longName: "Euclidean norm after \(transform)"),
      ]
    }
  }

  func observe(_ step: StepView, into values: UnsafeMutablePointer<Float>) {
    for (index, measured) in step.transforms.enumerated() {
      let own = values + 4 * index
      own[0] = measured.isMeasured ? (measured.fired ? 1 : 0) : .nan
      own[1] = measured.isMeasured ? (measured.skipped ? 1 : 0) : .nan
      own[2] = Float(measured.normBefore)
      own[3] = Float(measured.normAfter)
    }
  }
}

extension InstrumentEntry {
  static let clippingTransforms = InstrumentEntry(
    name: "clipping_transforms",
    summary: "what each transform of a clipping strategy of several did, at every step"
  ) { method, _ in ClippingTransforms(method.clipping) }
}
