internal import Optimizers
internal import Records

/// Which steps were refused, and how many of the gradients asked for were clipped.
struct ClipTelemetry: Instrument {
  let quantities: [Quantity]
  let isPerTensor = false
  private let countsAsked: Bool

  /// Nil for a method without a clipping strategy.
  init?(_ method: Method) {
    if method.clipping.transforms.isEmpty { return nil }
    countsAsked = method.optimizer.demand != .none && method.clipping.acts(on: .gradient)
    quantities = countsAsked ? [.clipSkipped, .askedGradientsClipped] : [.clipSkipped]
  }

  func observe(_ step: StepView, into values: UnsafeMutablePointer<Float>) {
    values[0] = step.measured.isSkipped ? 1 : 0
    if countsAsked { values[1] = Float(step.measured.askedGradientsClipped) }
  }
}
