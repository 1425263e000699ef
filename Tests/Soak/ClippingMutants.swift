import Experiments
import Optimizers

extension Mutant {
  private static func altered(
    on stage: ClippingStage = .gradient,
    _ clip: @escaping @Sendable (UnsafeMutablePointer<Float>, Int) -> Bool
  ) -> ClippingStrategy {
    ClippingStrategy(
      label: "altered", choices: [], transforms: [AlteredClip(allowedStages: [stage], clip: clip)])
  }

  private static func squaredNorm(_ values: UnsafeMutablePointer<Float>, _ count: Int) -> Double {
    (0..<count).reduce(0) { $0 + Double(values[$1]) * Double(values[$1]) }
  }

  /// Scales so that the norm is at most 1, by `factor` of the squared norm.
  private static func scaleDown(
    _ factor: @escaping @Sendable (Double) -> Double
  ) -> @Sendable (UnsafeMutablePointer<Float>, Int) -> Bool {
    { values, count in
      let squares = squaredNorm(values, count)
      guard squares > 1 else { return false }
      for index in 0..<count { values[index] *= Float(factor(squares)) }
      return true
    }
  }

  /// Mistakes in the clips.
  static let clipping: [Mutant] = [
    Mutant(
      "norm-threshold-doubled", "global-norm clips at 2 instead of 1",
      .material("it fires less often and lets twice the step through")
    ) {
      if $0.clipping == "global-norm(1)" { $0.takeClipping("{name: global-norm, max_norm: 2.0}") }
    },
    Mutant(
      "value-threshold-doubled", "value clips at 0.04 instead of 0.02",
      .material("it fires less often and lets twice the step through")
    ) { if $0.clipping == "value(0.02)" { $0.takeClipping("{name: value, max_value: 0.04}") } },
    Mutant(
      "tensor-for-global", "each tensor is clipped to the norm by itself",
      .material("the whole gradient may be √8 as long, and its direction changes")
    ) {
      if $0.clipping == "global-norm(1)" {
        $0.takeClipping("{name: per-tensor-norm, max_norm: 1.0}")
      }
    },
    Mutant(
      "clip-ignored", "global-norm measures and does nothing",
      .material("nothing holds large gradients back")
    ) { if $0.clipping == "global-norm(1)" { $0.takeClipping("none") } },
    Mutant(
      "clip-normalises", "global-norm also lengthens what is short",
      .material("the step no longer shrinks with the gradient")
    ) { if $0.clipping == "global-norm(1)" { $0.takeClipping("normalize") } },
    Mutant(
      "root-forgotten", "global-norm divides by the squared norm",
      .material("the larger the gradient, the smaller what is left of it")
    ) { if $0.clipping == "global-norm(1)" { $0.method.clipping = altered(scaleDown { 1 / $0 }) } },
    Mutant(
      "epsilon-large", "global-norm divides by norm + 0.01 instead of norm + 1e-6",
      .slight("the clipped norm is 1% smaller at most")
    ) {
      if $0.clipping == "global-norm(1)" {
        $0.method.clipping = altered(scaleDown { 1 / ($0.squareRoot() + 0.01) })
      }
    },
    Mutant(
      "update-clipped", "global-norm clips the update instead of the gradient",
      .material("it bounds the step itself, and Adam sees gradients as they are")
    ) {
      if $0.clipping == "global-norm(1)" {
        $0.method.clipping = altered(on: .update, scaleDown { 1 / $0.squareRoot() })
      }
    },
    Mutant(
      "one-sided", "value clips only what is positive",
      .material("large negative entries pass, so that the gradient is skewed")
    ) {
      guard $0.clipping == "value(0.02)" else { return }
      $0.method.clipping = altered { values, count in
        var fired = false
        for index in 0..<count where values[index] > 0.02 {
          values[index] = 0.02
          fired = true
        }
        return fired
      }
    },
  ]

  /// Mistakes in the schedule: cosine with 10 steps of warm-up.
  static let schedule: [Mutant] = [
    Mutant(
      "schedule-off-by-one", "the schedule is asked for the next step",
      .slight("every rate is used one step of a hundred early")
    ) {
      $0.method.schedule = AlteredSchedule(base: $0.method.schedule) { base, rate, step, total in
        base.learningRate(base: rate, step: min(step + 1, total - 1), totalSteps: total)
      }
    },
    Mutant(
      "warm-up-dropped", "the first step has the full rate",
      .material("the first steps at the large rates throw the network away")
    ) { $0.takeSchedule("cosine") },
    Mutant(
      "warm-up-doubled", "the warm-up takes 20 steps",
      .material("a tenth of the training is spent at half the rate, where the edge is decided")
    ) { $0.takeSchedule("{name: cosine, warmup_steps: 20}") },
    Mutant(
      "cosine-half-period", "the cosine reaches its minimum half-way",
      .material("half of the steps do nothing")
    ) { $0.takeSchedule("{name: cosine, warmup_steps: 10, steps: 50}") },
    Mutant(
      "cosine-dropped", "the rate stays where the warm-up left it",
      .material("without annealing the large rates end far above")
    ) {
      $0.method.schedule = AlteredSchedule(base: $0.method.schedule) { _, rate, step, _ in
        rate * min(1, Double(step + 1) / 10)
      }
    },
  ]
}
