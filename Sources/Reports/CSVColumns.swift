internal import Analysis
internal import Records

/// A row of a table by method: on which problem, which method, judged on which of its runs.
protocol MethodRow: SendableMetatype {
  var problem: String { get }
  /// `grid`, `chosen` or `default`.
  var scope: String { get }
  var method: Method { get }
}

extension MethodRow {
  static var identity: [CSVColumn<Self>] {
    [
      CSVColumn("problem") { .text($0.problem) },
      CSVColumn("scope") { .text($0.scope) },
      CSVColumn("method") { .text($0.method.label) },
      CSVColumn("optimizer") { .text($0.method.optimizer) },
      CSVColumn("clipping") { .text($0.method.clipping) },
    ]
  }
}

/// Value, lower and upper bound of an estimate.
func estimateColumns<Row>(
  _ name: String, _ estimate: @escaping @Sendable (Row) -> Estimate?
) -> [CSVColumn<Row>] {
  [
    CSVColumn(name) { .number(estimate($0)?.value) },
    CSVColumn("\(name)_lower") { .number(estimate($0)?.lower) },
    CSVColumn("\(name)_upper") { .number(estimate($0)?.upper) },
  ]
}

/// Planned, done, failed, missing and the counts by outcome.
func tallyColumns<Row>(_ tally: @escaping @Sendable (Row) -> RunTally) -> [CSVColumn<Row>] {
  [
    CSVColumn("runs_planned") { .integer(tally($0).planned) },
    CSVColumn("runs_done") { .integer(tally($0).done) },
    CSVColumn("runs_failed") { .integer(tally($0).failed) },
    CSVColumn("runs_missing") { .integer(tally($0).missing) },
  ]
    + Outcome.allCases.map { outcome in
      CSVColumn("runs_\(outcome.rawValue)") { .integer(tally($0).count(outcome)) }
    }
}

enum RunColumns {
  /// The columns of `runs`: with one more for each hyperparameter that varies in any problem.
  static func all(of runs: [RunSummary]) -> [CSVColumn<RunSummary>] {
    var names: [String] = []
    for run in runs {
      for hyperparameter in run.hyperparameters where !names.contains(hyperparameter.name) {
        names.append(hyperparameter.name)
      }
    }
    return fixed
      + names.map { name in
        CSVColumn("hyperparameter_\(name)") { run in
          let value = run.hyperparameters.first { $0.name == name }?.value
          return .number(value.flatMap { $0.isNaN ? nil : $0 })
        }
      }
  }

  private static let fixed: [CSVColumn<RunSummary>] =
    [
      CSVColumn("problem") { .text($0.key.problem) },
      CSVColumn("run") { .text($0.key.run) },
      CSVColumn("method") { .text($0.method.label) },
      CSVColumn("optimizer") { .text($0.method.optimizer) },
      CSVColumn("clipping") { .text($0.method.clipping) },
      CSVColumn("trial") { .integer($0.trial) },
      CSVColumn("seed") { .integer($0.seed) },
      CSVColumn("learning_rate") { .number($0.learningRate) },
      CSVColumn("is_default_learning_rate") { .boolean($0.isDefaultLearningRate) },
      CSVColumn("outcome") { .text($0.outcome.rawValue) },
      CSVColumn("is_failed") { .boolean($0.isFailed) },
      CSVColumn("failure_tensor") { .text($0.failureTensor) },
      CSVColumn("failure_step") { .integer(step($0.failureStep)) },
      CSVColumn("target_step") { .integer(step($0.targetStep)) },
      CSVColumn("evaluations_to_target") { .integer($0.evaluationsToTarget.map { Int($0) }) },
      CSVColumn("first_alarm_step") { .integer(step($0.firstAlarmStep)) },
      CSVColumn("worst_step") { .integer(step($0.worstStep)) },
      CSVColumn("steps") { .integer($0.steps) },
      CSVColumn("gradient_evaluations") { .integer(Int($0.gradientEvaluations)) },
      CSVColumn("initial_loss") { .number($0.initialLoss) },
      CSVColumn("best_loss") { .number($0.bestLoss) },
    ]
    + EvaluationMetric.allCases.map { metric in
      CSVColumn("final_\(metric.rawValue)") { .number($0.final(metric)) }
    } + [
      CSVColumn("last_evaluation_step") { .integer($0.lastEvaluationStep) },
      CSVColumn("mean_log10_loss") { .number($0.areaUnderLogLoss) },
      CSVColumn("spikes") { .integer($0.spikes) },
      CSVColumn("spikes_recovered") { .integer($0.spikesRecovered) },
      CSVColumn("nonfinite_gradients") { .integer($0.nonfiniteGradients) },
      CSVColumn("median_gradient_norm") { .number($0.medianGradientNorm) },
      CSVColumn("gradient_max_over_median") { .number($0.largestGradientRatio) },
      CSVColumn("gradient_p99_over_median") { .number($0.highGradientRatio) },
      CSVColumn("clip_fire_rate") { .number($0.clipFireRate) },
      CSVColumn("clip_skip_rate") { .number($0.skipRate) },
      CSVColumn("clip_asked_rate") { .number($0.askedClipRate) },
      CSVColumn("never_moved") { .boolean($0.hasStoodStill) },
      CSVColumn("clip_coefficient") { .number($0.meanClipCoefficient) },
      CSVColumn("clip_norm_removed") { .number($0.lostNormShare) },
      CSVColumn("wall_seconds") { .number($0.wallSeconds) },
      CSVColumn("peak_memory_bytes") { .integer(Int($0.peakMemoryBytes)) },
    ]

  private static func step(_ step: Int) -> Int? { step < 0 ? nil : step }
}
