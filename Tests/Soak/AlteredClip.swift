import Optimizers
import Tensors

/// A clip written here, with a mistake that no option of the catalog can make.
struct AlteredClip: StepTransform {
  var allowedStages: [ClippingStage] = [.gradient]
  /// Changes the vector of so many elements and says whether it did.
  let clip: @Sendable (UnsafeMutablePointer<Float>, Int) -> Bool

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let count = vector.count
    return ClippingTelemetry(fired: clip(vector.mutableValues(), count))
  }
}

/// A schedule with a change around it.
struct AlteredSchedule: Schedule {
  let base: any Schedule
  let change: @Sendable (_ base: any Schedule, _ rate: Double, _ step: Int, _ total: Int) -> Double

  func learningRate(base rate: Double, step: Int, totalSteps: Int) -> Double {
    change(base, rate, step, totalSteps)
  }
}
