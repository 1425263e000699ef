import Optimizers
import Tensors

/// A clipping strategy over many steps: its state and the memory that it works in.
struct ClippingSequence {
  let strategy: ClippingStrategy
  let layout: ParameterLayout
  let stage: ClippingStage
  let seed: UInt64
  let parameters: FloatBuffer
  var state: [NamedArrays]
  var step = 0
  private let source: FloatBuffer
  private let working: FloatBuffer

  /// - Parameter inPlace: Whether the strategy writes over the values it is given, as the trainer
  ///   lets it do with updates and parameters.
  init(
    _ text: String, layout: ParameterLayout, parameters: [Float]? = nil, seed: UInt64 = 0,
    inPlace: Bool = false
  ) throws {
    strategy = try clipping(text).resolved(for: layout)
    self.layout = layout
    stage = strategy.transforms.first?.stage ?? .gradient
    self.seed = seed
    self.parameters =
      parameters.map(FloatBuffer.init) ?? FloatBuffer(count: layout.count, repeating: 1)
    state = strategy.makeState(for: layout)
    source = FloatBuffer(count: layout.count)
    working = inPlace ? source : FloatBuffer(count: layout.count, repeating: -7)
  }

  struct Output {
    let values: [Float]
    let telemetry: ClippingTelemetry
    let knownNorm: Double?
    /// The values given, as they are afterwards.
    let source: [Float]
  }

  /// One step.
  ///
  /// - Parameter gradient: What a transform of a later place is told; the values themselves where nil.
  mutating func take(
    _ values: [Float], learningRate: Double = 0.1, gradient: [Float]? = nil
  ) -> Output {
    let told = FloatBuffer(gradient ?? values)
    source.copy(from: values)
    var vector = StepVector(
      layout: layout, values: UnsafePointer(source.pointer), working: working.pointer,
      knownNorm: Vector.norm(source.pointer, count: layout.count))
    let telemetry = strategy.apply(
      stage: stage, to: &vector,
      context: ClippingContext(
        step: step, learningRate: learningRate, parameters: UnsafePointer(parameters.pointer),
        gradient: UnsafePointer(told.pointer), seed: seed), state: &state)
    step += 1
    return Output(
      values: (0..<layout.count).map { vector.values[$0] }, telemetry: telemetry,
      knownNorm: vector.knownNorm, source: source.values)
  }

  /// The same sequence from here on, in memory of its own.
  func resumedCopy(_ text: String) throws -> ClippingSequence {
    var copy = try ClippingSequence(
      text, layout: layout, parameters: parameters.values, seed: seed)
    copy.state = state.map { $0.copy() }
    copy.step = step
    return copy
  }
}
