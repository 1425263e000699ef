import Optimizers
import Settings
import TestSupport
import Tensors
import Testing

/// What each clip promises beyond PyTorch's cases.
@Suite struct ClippingRuleTests {
  static let sizes = [1, 3, 15, 16, 17, 512, 513, 1000]

  private func values(_ count: Int, scale: Float = 1, seed: UInt64 = 1) -> [Float] {
    var stream = RandomStream(seed: seed, name: "clipping test")
    return (0..<count).map { _ in Float(stream.normal()) * scale }
  }

  @Test(arguments: sizes)
  func valueClampsEachElementAndNothingElse(count: Int) throws {
    let gradient = values(count, scale: 3)
    let run = ClippingRun(
      try clipping("{name: value, max_value: 0.5}"), gradient, layout: layout([[count]]))
    #expect(run.result == gradient.map { min(max($0, -0.5), 0.5) })
    #expect(run.telemetry.fired == (run.result != gradient))
  }

  @Test(arguments: sizes, ["value", "per-tensor-norm", "global-norm"])
  func aGradientWithinBoundsIsNeitherCopiedNorCounted(count: Int, name: String) throws {
    let gradient = values(count, scale: 1e-3)
    let run = ClippingRun(try clipping(name), gradient, layout: layout([[count]]))
    #expect(run.result == gradient)
    #expect(!run.copied)
    #expect(!run.telemetry.fired && !run.telemetry.skip)
  }

  @Test(arguments: sizes)
  func perTensorNormHoldsEachTensorOnItsOwn(count: Int) throws {
    let first = values(count, scale: 10)
    let second = values(7, scale: 1e-3, seed: 2)
    let run = ClippingRun(
      try clipping("{name: per-tensor-norm, max_norm: 2}"), first + second,
      layout: layout([[count], [7]]))
    let norm = first.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(Array(run.result.suffix(7)) == second)
    for (ours, raw) in zip(run.result, first) {
      #expect(isClose(Double(ours), Double(raw) * min(1, 2 / norm), relative: 4e-7))
    }
    #expect(run.telemetry.fired == (norm > 2))
  }

  @Test func perTensorNormFollowsTheKerasRule() throws {
    // Keras 3.16, clipnorm: g·c/max(‖g‖, c), tensor by tensor.
    let strategy = try clipping("{name: per-tensor-norm, max_norm: 5}")
    let exact = ClippingRun(strategy, [3, 4], layout: layout([[2]]))
    #expect(exact.result == [3, 4])
    #expect(!exact.telemetry.fired)
    let nan = ClippingRun(strategy, [1, .nan, 30, 40], layout: layout([[2], [2]]))
    #expect(nan.result[0].isNaN && nan.result[1].isNaN)
    #expect(Array(nan.result.suffix(2)) == [3, 4])
    let infinite = ClippingRun(strategy, [1, -.infinity, 30, 40], layout: layout([[2], [2]]))
    #expect(infinite.result[0] == 0 && infinite.result[1].isNaN)
    #expect(Array(infinite.result.suffix(2)) == [3, 4])
    let zero = ClippingRun(strategy, [0, 0], layout: layout([[2]]))
    #expect(zero.result == [0, 0])
    let huge = ClippingRun(strategy, [3e30, 4e30], layout: layout([[2]]))
    #expect(isClose(Double(huge.result[0]), 3, relative: 4e-7))
    #expect(isClose(Double(huge.result[1]), 4, relative: 4e-7))
  }

  @Test(
    arguments: [
      "global-norm", "{name: global-norm, norm_type: 1}", "{name: global-norm, norm_type: .inf}",
      "{name: global-norm, norm_type: 0.5}", "{name: global-norm, norm_type: 3.5}",
      "per-tensor-norm",
    ], sizes)
  func theNormLeftBehindIsTheMeasuredOne(text: String, count: Int) throws {
    // The second tensor stays within bounds, yet weighs in the norm of the whole.
    let gradient = values(count, scale: 100) + [0.5, -0.5, 0.4]
    let total = gradient.count
    let norm = gradient.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { Vector.norm($0, count: total) }
    }
    let run = ClippingRun(
      try clipping(text), gradient, layout: layout([[count], [3]]), knownNorm: norm)
    let measured = run.result.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { Vector.norm($0, count: total) } ?? 0
    }
    #expect(run.telemetry.fired)
    let left = try #require(run.knownNorm)
    #expect(isClose(left, measured, relative: 1e-6))
  }

  @Test(arguments: [0.5, 1, 2, 3.5, Double.infinity], sizes)
  func globalNormBringsTheNormOfItsOrderToTheThreshold(order: Double, count: Int) throws {
    let text = order == .infinity ? ".inf" : "\(order)"
    let run = ClippingRun(
      try clipping("{name: global-norm, max_norm: 0.25, norm_type: \(text)}"),
      values(count, scale: 100), layout: layout([[count]]))
    let magnitudes = run.result.map { Double(abs($0)) }
    let norm =
      order == .infinity
      ? magnitudes.max() ?? 0
      : power(magnitudes.reduce(0) { $0 + power($1, order) }, 1 / order)
    #expect(isClose(norm, 0.25, relative: 1e-6))
  }

  @Test func globalNormTrustsTheNormThatTheTrainerMeasured() throws {
    // A known norm of 10 where the true one is 5: proof that the vector is not read again.
    let run = ClippingRun(
      try clipping("global-norm"), [3, 4], layout: layout([[2]]), knownNorm: 10)
    #expect(isClose(Double(run.result[0]), 0.3, relative: 1e-6))
  }

  @Test(arguments: ["1", "2", ".inf", "3"])
  func globalNormTreatsNonFiniteGradientsAsPyTorch(order: String) throws {
    let strategy = try clipping("{name: global-norm, norm_type: \(order)}")
    let nan = ClippingRun(strategy, [1, .nan, 2], layout: layout([[3]]))
    #expect(nan.result.allSatisfy(\.isNaN) && nan.telemetry.fired)
    let infinite = ClippingRun(strategy, [1, .infinity, 2], layout: layout([[3]]))
    #expect(infinite.result[0] == 0 && infinite.result[1].isNaN && infinite.result[2] == 0)
    let zero = ClippingRun(strategy, [0, 0, 0], layout: layout([[3]]))
    #expect(zero.result == [0, 0, 0] && !zero.telemetry.fired)
  }

  @Test func transformsApplyInTheOrderWritten() throws {
    let values: [Float] = [3, 4]
    let valueFirst = ClippingRun(
      try clipping("[{name: value, max_value: 1}, {name: per-tensor-norm, max_norm: 1}]"), values,
      layout: layout([[2]]))
    let normFirst = ClippingRun(
      try clipping("[{name: per-tensor-norm, max_norm: 1}, {name: value, max_value: 1}]"), values,
      layout: layout([[2]]))
    #expect(isClose(Double(valueFirst.result[0]), 0.5.squareRoot(), relative: 1e-6))
    #expect(isClose(Double(normFirst.result[0]), 0.6, relative: 1e-6))
    #expect(valueFirst.telemetry.fired && normFirst.telemetry.fired)
  }

  @Test(arguments: [ClippingStage.update, .parameters])
  func anotherStageIsLeftAlone(stage: ClippingStage) throws {
    let strategy = try clipping("global-norm")
    #expect(strategy.acts(on: .gradient) && !strategy.acts(on: stage))
    let run = ClippingRun(strategy, [3, 4], layout: layout([[2]]), stage: stage)
    #expect(run.result == [3, 4] && !run.telemetry.fired && !run.copied)
  }

  /// Refuses every step and counts how often it was asked.
  private struct Refusal: StepTransform {
    let allowedStages = [ClippingStage.gradient]
    let maySkip = true
    let skips: Bool

    func makeState(for layout: ParameterLayout) -> NamedArrays {
      NamedArrays(numbers: [("asked", 0)])
    }

    func apply(
      to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
    ) -> ClippingTelemetry {
      state.numbers[0] += 1
      return ClippingTelemetry(fired: skips, skip: skips)
    }
  }

  @Test func aRefusedStepEndsTheStrategy() {
    let strategy = ClippingStrategy(
      label: "test", choices: [],
      transforms: [Refusal(skips: false), Refusal(skips: true), Refusal(skips: false)])
    let one = FloatBuffer([1])
    var vector = StepVector(
      layout: layout([[1]]), values: UnsafePointer(one.pointer), working: one.pointer)
    var state = strategy.makeState(for: layout([[1]]))
    let telemetry = strategy.apply(
      stage: .gradient, to: &vector,
      context: ClippingContext(
        step: 0, learningRate: 1, parameters: UnsafePointer(one.pointer),
        gradient: UnsafePointer(one.pointer), seed: 0),
      state: &state)
    #expect(telemetry.fired && telemetry.skip)
    #expect(state.map { $0.numbers[0] } == [1, 1, 0])
  }
}
