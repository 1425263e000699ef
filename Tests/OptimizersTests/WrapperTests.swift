@testable import Optimizers
import Settings
import Tensors
import Testing

/// What a rule around another passes on.
@Suite struct WrapperTests {
  private func optimizer(_ text: String) throws -> any Optimizer {
    try OptimizerChoice.read(try .parse(text, file: "wrapper.yml")).optimizer
  }

  private func run(_ text: String) throws -> OptimizerRun {
    OptimizerRun(
      try optimizer(text), layout: layout([[3]]), learningRate: 0.1, initial: [1, -2, 0.5])
  }

  @Test func samIsEvaluatedWhereItsBaseIs() throws {
    // With a radius of 0 the base sees the gradient that it would see alone.
    var alone = try run("schedule-free-sgd")
    var around = try run("{name: sam, rho: 0, base: schedule-free-sgd}")
    for step in 0..<5 {
      let gradient = [1, -0.5, Float(step)]
      alone.take(gradient)
      around.take(gradient)
      #expect(around.parameters.values == alone.parameters.values)
      #expect(around.evaluated == alone.evaluated)
      if step > 0 { #expect(around.evaluated != around.parameters.values) }
    }
  }

  @Test func lookaheadIsEvaluatedWhereItsBaseIsFromTheSlowWeights() throws {
    // With k = 1 and α = 1 the slow weights are the base's.
    var alone = try run("schedule-free-sgd")
    var around = try run("{name: lookahead, k: 1, alpha: 1, base: schedule-free-sgd}")
    for step in 0..<5 {
      let gradient = [1, -0.5, Float(step)]
      alone.take(gradient)
      around.take(gradient)
      for (ours, theirs) in zip(around.evaluated, alone.evaluated) {
        #expect(abs(ours - theirs) < 1e-5)
      }
    }
    #expect(around.evaluated != around.parameters.values)
    // Between two synchronisations: x = φ + (1 − 1/β)(z − φ) with the slow weights φ.
    var slow = try run("{name: lookahead, k: 10, base: schedule-free-sgd}")
    for _ in 0..<3 { slow.take([1, -0.5, 2]) }
    let (phi, z) = (slow.state.arrays[0].values, slow.state.parts[0].arrays[0].values)
    #expect(phi == [1, -2, 0.5])
    for index in 0..<3 {
      let right = phi[index] + Float(1 - 1 / 0.9) * (z[index] - phi[index])
      #expect(abs(slow.evaluated[index] - right) < 1e-6)
    }
  }

  @Test(
    arguments: [
      ("sgd", 1...1, false, false),
      ("{name: lookahead, base: sgd}", 1...1, false, false),
      ("sam", 2...2, true, false),
      ("{name: sam, base: {name: sam, base: sgd}}", 3...3, true, false),
      ("{name: lookahead, base: {name: sam, base: sgd}}", 2...2, true, false),
      ("sophia-g", 1...2, false, true),
      ("{name: lookahead, base: sophia-g}", 1...2, false, true),
      ("{name: sam, base: sophia-g}", 2...3, true, true),
      (
        "{name: sam, base: {name: lookahead, base: {name: sam, base: sophia-g}}}", 3...4, true, true
      ),
      ("{name: lbfgs, max_iter: 1, max_eval: 7}", 1...7, false, false),
      ("{name: lbfgs, max_iter: 9, max_eval: 7, line_search_fn: strong_wolfe}", 1...8, true, false),
    ])
  func demandsAddUp(
    text: String, evaluations: ClosedRange<Int>, isElsewhere: Bool, samplesLabels: Bool
  ) throws {
    #expect(
      try optimizer(text).demand
        == GradientDemand(
          evaluations: evaluations, isElsewhere: isElsewhere, samplesLabels: samplesLabels))
  }

  @Test func aStepAtAnotherRateIsOtherwiseTheSame() {
    let values = FloatBuffer([1, 2, 3])
    let update = FloatBuffer(count: 3)
    let step = OptimizerStep(
      layout: layout([[3]]), step: 4, learningRate: 0.1, loss: 2.5,
      parameters: UnsafePointer(values.pointer), gradient: UnsafePointer(values.pointer),
      gradientNorm: 7, update: update.pointer)
    let slower = step.with(learningRate: 0.01)
    #expect(slower.learningRate == 0.01 && slower.loss == 2.5 && slower.step == 4)
    #expect(slower.gradientNorm == 7 && slower.gradient == step.gradient)
    let other = step.with(gradient: UnsafePointer(values.pointer), update: update.pointer)
    #expect(other.loss == 2.5 && other.gradientNorm == Vector.norm(values.pointer, count: 3))
  }
}
