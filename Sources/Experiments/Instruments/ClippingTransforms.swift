internal import Optimizers
internal import Records

/// What each transform of a clipping strategy did to what it works on (the step's own gradient, momentum,
/// update or parameters, in the tensors that it selects): whether it fired, whether it refused the step,
/// the norm before and after it and their quotient, 1 where it did not fire. NaN after a refusal, which
/// the transforms behind it do not see.
struct ClippingTransforms: Instrument {
  let quantities: [Quantity]
  let isPerTensor = false

  /// Nil for one transform of the whole gradient, of which the clip's own series tell everything.
  init?(_ strategy: ClippingStrategy) {
    let first = strategy.transforms.first
    if strategy.transforms.count < 2, first?.stage ?? .gradient == .gradient,
      first?.selection ?? .all == .all
    {
      return nil
    }
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
        Quantity(
          name: "transform_\(index + 1)_coefficient",
          longName: "norm after \(transform) over the norm before it"),
      ]
    }
  }

  func observe(_ step: StepView, into values: UnsafeMutablePointer<Float>) {
    for (index, measured) in step.transforms.enumerated() {
      let own = values + 5 * index
      own[0] = measured.isMeasured ? (measured.fired ? 1 : 0) : .nan
      own[1] = measured.isMeasured ? (measured.skipped ? 1 : 0) : .nan
      own[2] = Float(measured.normBefore)
      own[3] = Float(measured.normAfter)
      own[4] =
        measured.isMeasured && (!measured.fired || measured.normBefore == 0)
        ? 1 : Float(measured.normAfter / measured.normBefore)
    }
  }
}

extension InstrumentEntry {
  static let clippingTransforms = InstrumentEntry(
    name: "clipping_transforms",
    summary: "what each transform of a clipping strategy did, at every step"
  ) { method, _ in ClippingTransforms(method.clipping) }
}
