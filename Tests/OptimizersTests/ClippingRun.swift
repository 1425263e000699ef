import Optimizers
import Settings
import Tensors

/// One application of a clipping strategy to given values.
struct ClippingRun {
  let result: [Float]
  let telemetry: ClippingTelemetry
  /// The norm that the strategy left behind without a further pass.
  let knownNorm: Double?
  /// Whether the strategy wrote to its working memory.
  let copied: Bool

  init(
    _ strategy: ClippingStrategy, _ values: [Float], layout: ParameterLayout,
    stage: ClippingStage = .gradient, knownNorm: Double? = nil
  ) {
    let source = FloatBuffer(values)
    let working = FloatBuffer(count: values.count, repeating: -7)
    var vector = StepVector(
      layout: layout, values: UnsafePointer(source.pointer), working: working.pointer,
      knownNorm: knownNorm)
    var state = strategy.makeState(for: layout)
    telemetry = strategy.apply(
      stage: stage, to: &vector,
      context: ClippingContext(
        step: 0, learningRate: 0.1, parameters: UnsafePointer(source.pointer),
        gradient: UnsafePointer(source.pointer), seed: 0),
      state: &state)
    result = (0..<values.count).map { vector.values[$0] }
    self.knownNorm = vector.knownNorm
    copied = vector.values == UnsafePointer(working.pointer)
  }
}

/// A strategy from the text of a file.
func clipping(_ text: String) throws -> ClippingStrategy {
  try ClippingStrategy.read(try .parse(text, file: "clip.yml"))
}

/// A layout of tensors of the given shapes.
func layout(_ shapes: [[Int]]) -> ParameterLayout {
  ParameterLayout(
    shapes.enumerated().map { ("t\($0)", $1, $1.count > 1 ? .weight : .bias) })
}
