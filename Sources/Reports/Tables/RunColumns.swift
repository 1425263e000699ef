internal import Analysis
internal import Records

/// One row per run.
enum RunColumns {
  /// The columns of `runs`: with one more for each hyperparameter that varies in any problem.
  static func all(of runs: [RunSummary]) -> [Column<RunSummary>] {
    var names: [String] = []
    for run in runs {
      for hyperparameter in run.hyperparameters where !names.contains(hyperparameter.name) {
        names.append(hyperparameter.name)
      }
    }
    let why = runs.contains { $0.purpose != .grid } ? purpose : []
    return fixed + why
      + names.map { name in
        .number("hyperparameter_\(name)") { run in
          let value = run.hyperparameters.first { $0.name == name }?.value
          return value.flatMap { $0.isNaN ? nil : $0 }
        }
      }
  }

  /// Why a run is there, where not all are points of a grid.
  private static let purpose: [Column<RunSummary>] = [
    .text("purpose") { $0.purpose.name },
    .number("multiple") { $0.purpose == .grid ? nil : $0.purpose.multiple },
  ]

  private static let key: [Column<RunSummary>] = [
    .text("problem") { $0.key.problem }, .text("run") { $0.key.run },
  ]

  private static let fixed: [Column<RunSummary>] =
    key + [
      .text("method") { $0.method.label },
      .text("optimizer") { $0.method.optimizer },
      .text("clipping") { $0.method.clipping },
      .integer("trial") { $0.trial },
      .integer("seed") { $0.seed },
      .number("learning_rate") { known($0.learningRate) },
      .boolean("is_default_learning_rate") { $0.isDefaultLearningRate },
      .text("outcome") { $0.outcome.rawValue },
      .boolean("is_failed") { $0.isFailed },
      .text("failure_tensor") { $0.failureTensor },
      .integer("failure_step") { step($0.failureStep) },
      .integer("target_step") { step($0.targetStep) },
      .integer("evaluations_to_target") { $0.evaluationsToTarget.map { Int($0) } },
      .integer("first_alarm_step") { step($0.firstAlarmStep) },
      .integer("worst_step") { step($0.worstStep) },
      .integer("steps") { $0.steps },
      .integer("gradient_evaluations") { Int($0.gradientEvaluations) },
      .number("initial_loss") { $0.initialLoss },
      .number("best_loss") { $0.bestLoss },
    ]
    + EvaluationMetric.allCases.map { metric in
      .number("final_\(metric.rawValue)") { $0.final(metric) }
    } + [
      .integer("last_evaluation_step") { $0.lastEvaluationStep },
      .number("mean_log10_loss") { $0.areaUnderLogLoss },
      .integer("spikes") { $0.spikes },
      .integer("spikes_recovered") { $0.spikesRecovered },
      .integer("nonfinite_gradients") { $0.nonfiniteGradients },
      .number("median_gradient_norm") { $0.medianGradientNorm },
      .number("gradient_max_over_median") { $0.largestGradientRatio },
      .number("gradient_p99_over_median") { $0.highGradientRatio },
      .number("clip_fire_rate") { $0.clipFireRate },
      .number("clip_skip_rate") { $0.skipRate },
      .number("clip_asked_rate") { $0.askedClipRate },
      .boolean("never_moved") { $0.hasStoodStill },
      .number("clip_coefficient") { $0.meanClipCoefficient },
      .number("clip_norm_removed") { $0.lostNormShare },
    ]

  /// What the runs took, which is another number every time.
  static let times: [Column<RunSummary>] =
    key + [
      .number("wall_seconds") { known($0.wallSeconds) },
      .number("training_seconds") { known($0.trainingSeconds) },
      .integer("peak_memory_bytes") { $0.peakMemoryBytes < 0 ? nil : Int($0.peakMemoryBytes) },
    ]

  private static func known(_ value: Double) -> Double? { value.isNaN ? nil : value }

  private static func step(_ step: Int) -> Int? { step < 0 ? nil : step }
}
