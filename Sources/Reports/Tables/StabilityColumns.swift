internal import Analysis
internal import Records

/// One row of the stability tables.
struct StabilityRow: MethodRow {
  let problem: String
  let scope: String
  let method: Method
  let stability: StabilityAnalysis
  /// nil where only the default learning rate is judged.
  let learningRates: LearningRateAnalysis?

  /// Over the whole grid, then at the default learning rate.
  static func rows(_ analysis: ProblemAnalysis) -> [StabilityRow] {
    let defaults = analysis.methods.compactMap { method in
      method.outOfTheBox.map {
        StabilityRow(
          problem: analysis.problem.name, scope: "default", method: method.method,
          stability: $0.stability, learningRates: nil)
      }
    }
    return grid(analysis) + defaults
  }

  /// At the tuned rate.
  static func tuned(_ analysis: ProblemAnalysis) -> [StabilityRow] {
    analysis.methods.map {
      StabilityRow(
        problem: analysis.problem.name, scope: "tuned", method: $0.method, stability: $0.stability,
        learningRates: nil)
    }
  }

  static func grid(_ analysis: ProblemAnalysis) -> [StabilityRow] {
    analysis.methods.map {
      StabilityRow(
        problem: analysis.problem.name, scope: "grid", method: $0.method, stability: $0.stability,
        learningRates: $0.learningRates)
    }
  }
}

enum StabilityColumns {
  private typealias Quantity = Column<StabilityRow>

  static let all: [Column<StabilityRow>] =
    StabilityRow.identity + TallyColumns.all.map { $0.of(\.stability.runs) }
    + [failureRate, halfFailed] + roughnessQuantities
    + [.number("grid_decades") { $0.learningRates?.gridDecades }]
    + [.number("stable_decades") { $0.learningRates?.stableDecades }]
    + [largestStable, smallestFailing, sensitivity]

  /// The columns that need no grid.
  static let tuned: [Column<StabilityRow>] =
    StabilityRow.identity + TallyColumns.all.map { $0.of(\.stability.runs) }
    + [failureRate, halfFailed] + roughnessQuantities

  /// How often and how runs failed.
  static let failures =
    [
      StabilityRow.methodColumn,
      TallyColumns.failedOfDone(
        "Failed", "Runs that failed, of the runs done, over all learning rates and seeds."
      ).of(\.stability.runs),
    ] + ways

  /// The same at the tuned rate.
  static let endings =
    [
      StabilityRow.methodColumn,
      TallyColumns.failedOfDone(
        "Failed", "Runs at the tuned rate that failed, of the runs done."
      ).of(\.stability.runs),
    ] + ways

  private static let ways: [Column<StabilityRow>] = [
    failureRate,
    TallyColumns.outcome(.nonfinite).of(\.stability.runs),
    TallyColumns.outcome(.exploded).of(\.stability.runs),
    TallyColumns.outcome(.worseThanStart).of(\.stability.runs),
    halfFailed,
    TallyColumns.missing.of(\.stability.runs),
  ]

  /// How rough training was, and what clipping did.
  static let roughness = [StabilityRow.methodColumn] + roughnessQuantities

  /// How much of the grid a method can take.
  static let learningRates: [Column<StabilityRow>] = [
    StabilityRow.methodColumn,
    Column(
      "Stable decades",
      "How wide the part of the grid is in which every run was stable (none failed or never moved), in powers of ten, of the width of the whole grid. Each rate stands for the range half-way to its neighbours, so the number belongs to this grid."
    ) { row in
      guard let rates = row.learningRates, let stable = rates.stableDecades else {
        return Prose(NumberText.none)
      }
      return "\(QuantityText.decades(stable)) of \(QuantityText.decades(rates.gridDecades))"
    },
    largestStable, smallestFailing, sensitivity,
  ]

  private static let failureRate = Quantity.estimate(
    "failure_rate", "Failure rate", "The same as a share, with its interval (Clopper–Pearson).",
    as: QuantityText.share
  ) { $0.stability.failureRate }

  private static let halfFailed = Quantity.integer(
    "median_steps_to_failure", "Half failed by step",
    "The step by which half of the runs had failed (Kaplan–Meier); – if more than half never did."
  ) { $0.stability.medianStepsToFailure }

  private static let roughnessQuantities: [Column<StabilityRow>] = [
    .number(
      "spikes_per_1000_steps", "Spikes per 1000 steps",
      "Steps at which loss or gradient norm jumped above the mean + 6 standard deviations of the steps before.",
      as: { NumberText.significant($0) }
    ) { $0.stability.spikesPerThousandSteps },
    .number(
      "spikes_recovered_share", "Recovered",
      "The share of spikes after which the loss came back.", as: NumberText.percent
    ) { $0.stability.recoveredSpikeShare },
    .number(
      "gradient_max_over_median", "Gradient max / median",
      "A run's largest gradient norm over its median norm, before clipping; the median over runs. ∞: the gradient itself became infinite.",
      as: { NumberText.significant($0) }
    ) { $0.stability.largestGradientRatio },
    .number(
      "gradient_p99_over_median", "Gradient p99 / median",
      "The same for the norm that 1% of a run's steps exceed.",
      as: { NumberText.significant($0) }
    ) { $0.stability.highGradientRatio },
    .number(
      "clip_fire_rate", "Clipping fired",
      "The share of steps whose gradient, update or parameters clipping changed. Further gradients that a method asks for, as SAM does, are counted apart (\(code: "clip_asked_rate") in the CSV).",
      as: NumberText.percent
    ) { $0.stability.clipFireRate },
    .number(
      "clip_skip_rate", "Steps refused",
      "The share of steps that clipping refused, so that nothing moved; – where it was not recorded.",
      as: NumberText.percent
    ) { $0.stability.skipRate },
    .number("clip_asked_rate") { $0.stability.askedClipRate },
    .integer(
      "runs_never_moved", "Never moved",
      "Runs that did not fail and in which no step moved a parameter: they do not count as stable."
    ) { $0.stability.runs.stoodStill },
    .number(
      "clip_coefficient", "Coefficient",
      "Gradient norm after clipping over the norm before, averaged over the steps where clipping changed it.",
      as: { NumberText.significant($0) }
    ) { $0.stability.meanClipCoefficient },
    .number(
      "clip_norm_removed", "Norm removed",
      "The share of the summed gradient norm that clipping took away at those steps.",
      as: NumberText.percent
    ) { $0.stability.lostNormShare },
    .integer(
      "nonfinite_gradients_survived", "Bad gradients survived",
      "Steps with a NaN or infinite gradient in runs that did not end that way."
    ) { $0.stability.nonfiniteGradientsSurvived },
  ]

  private static let largestStable = Quantity.number(
    "largest_stable_learning_rate", "Largest stable",
    "The largest learning rate at which every run was stable: none failed or never moved.",
    as: NumberText.rate
  ) { $0.learningRates?.largestStableRate }

  private static let smallestFailing = Quantity.number(
    "smallest_failing_learning_rate", "Smallest failing",
    "The smallest learning rate at which any run failed.", as: NumberText.rate
  ) { $0.learningRates?.smallestUnstableRate }

  private static let sensitivity = Quantity.number(
    "learning_rate_sensitivity", "Sensitivity",
    "How much final loss a learning rate drawn at random from the grid costs, compared with the grid's best; a failed run counts with its initial loss.",
    as: { NumberText.significant($0) }
  ) { $0.learningRates?.sensitivity }
}
