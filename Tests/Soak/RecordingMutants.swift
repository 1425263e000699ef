import Records

extension Mutant {
  /// Mistakes in what is written down of a run that was right.
  static let recording: [Mutant] = [
    Mutant(
      "norm-after-clip", "the gradient norm is measured after clipping",
      .material("the tables of gradient norms show what clipping made of them")
    ) {
      $0.recording = { $0.trajectory[.gradientNorm] = $0.trajectory[.clippedGradientNorm] }
    },
    Mutant(
      "fired-forgotten", "no step is marked as clipped",
      .material("the fire rate is zero")
    ) {
      $0.recording = { run in
        for step in run.trajectory.clipFired.indices { run.trajectory.clipFired[step] = 0 }
      }
    },
    Mutant(
      "fired-late", "a clip is marked at the step after",
      .slight("one step of a hundred in each run")
    ) {
      $0.recording = { run in
        if run.trajectory.steps > 0 {
          run.trajectory.clipFired = [0] + run.trajectory.clipFired.dropLast()
        }
      }
    },
    Mutant(
      "loss-in-half-precision", "losses of the steps are rounded to three digits",
      .slight("no table is made of single losses of steps")
    ) {
      $0.recording = { run in
        for step in run.trajectory[.loss].indices {
          run.trajectory[.loss][step] = (run.trajectory[.loss][step] * 1000).rounded() / 1000
        }
      }
    },
    Mutant(
      "rate-before-schedule", "the learning rate is recorded without its schedule",
      .slight("no table shows the learning rates of steps")
    ) {
      $0.recording = { run in
        let rate = Float(run.baseLearningRate)
        for step in run.trajectory[.learningRate].indices {
          run.trajectory[.learningRate][step] = rate
        }
      }
    },
    Mutant(
      "evaluation-late", "each evaluation is written where the next belongs",
      .slight("at the end of the cosine two evaluations are almost the same")
    ) {
      $0.recording = { run in
        for metric in EvaluationMetric.allCases {
          let values = run.evaluations[metric]
          if let first = values.first { run.evaluations[metric] = [first] + values.dropLast() }
        }
      }
    },
    Mutant(
      "target-late", "the target's step is that of the next evaluation",
      .material("the evaluations to the target are those of another step")
    ) {
      $0.recording = { run in
        if run.targetStep >= 0 { run.targetStep = min(run.targetStep + 5, run.trajectory.steps) }
      }
    },
    Mutant(
      "failures-hidden", "a run that exploded is filed as completed, with the loss it began with",
      .material("the stability tables show no failures")
    ) {
      $0.recording = { run in
        guard run.outcome.isDiverged else { return }
        run.outcome = .completed
        run.failureStep = -1
        run.failureTensor = ""
        for metric in EvaluationMetric.allCases {
          let values = run.evaluations[metric]
          if let first = values.first, let last = values.indices.last {
            run.evaluations[metric][last] = first
          }
        }
        // As if it had been evaluated where it ended.
        if let last = run.evaluations.steps.indices.last {
          run.evaluations.steps[last] = numericCast(run.trajectory.steps)
        }
      }
    },
    Mutant(
      "evaluations-miscounted", "one gradient evaluation too many is counted",
      .slight("one of a hundred")
    ) {
      $0.recording = { run in
        for index in run.evaluations.gradientEvaluations.indices.dropFirst() {
          run.evaluations.gradientEvaluations[index] += 1
        }
        run.gradientEvaluations += 1
      }
    },
  ]
}
