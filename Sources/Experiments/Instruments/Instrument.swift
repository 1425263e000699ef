internal import Optimizers
internal import Records
internal import Tensors

/// Something that watches a run and records quantities of its own at every step. It changes nothing
/// that a step sees, and allocates nothing while it observes.
protocol Instrument {
  /// What it records.
  var quantities: [Quantity] { get }
  /// Whether it records a value for each tensor, or one for the step.
  var isPerTensor: Bool { get }

  /// Writes the values of one step: of each quantity one, or one for each tensor. NaN where there is
  /// none.
  func observe(_ step: StepView, into values: UnsafeMutablePointer<Float>)
}

/// What an instrument sees of a step that has been made; valid while it observes.
struct StepView {
  let layout: ParameterLayout
  let measured: StepMeasurements
  /// The gradient before clipping.
  let gradient: UnsafePointer<Float>
  /// The parameters after the step.
  let parameters: UnsafePointer<Float>
  let optimizerState: NamedArrays
  /// What each transform of the clipping strategy did; empty where nobody asked.
  let transforms: [TransformMeasurement]
}

/// An instrument that an experiment can ask for under `record:`.
package struct InstrumentEntry: Sendable {
  /// The key in the experiment file.
  package let name: String
  /// What it records, in a line.
  package let summary: String
  /// The instrument for a method; nil where the method has nothing of the kind.
  let make: @Sendable (Method, ParameterLayout) -> (any Instrument)?
}

package enum Instruments {
  /// Every instrument that can be asked for.
  package static let all: [InstrumentEntry] = [.optimizerState, .clippingTransforms]

  /// The instruments of a run: those that every run has, then those that the plan asks for.
  static func make(
    for method: Method, layout: ParameterLayout, named names: [String]
  ) -> [any Instrument] {
    let asked = all.filter { names.contains($0.name) }
    return [ClipTelemetry(method)].compactMap { $0 } + asked.compactMap { $0.make(method, layout) }
  }
}
