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
    let name = analysis.problem.name
    let grid = analysis.methods.map {
      StabilityRow(
        problem: name, scope: "grid", method: $0.method, stability: $0.stability,
        learningRates: $0.learningRates)
    }
    let defaults = analysis.methods.compactMap { method in
      method.outOfTheBox.map {
        StabilityRow(
          problem: name, scope: "default", method: method.method, stability: $0.stability,
          learningRates: nil)
      }
    }
    return grid + defaults
  }
}

enum StabilityColumns {
  static let all: [CSVColumn<StabilityRow>] =
    StabilityRow.identity + tallyColumns { $0.stability.runs }
    + estimateColumns("failure_rate") { $0.stability.failureRate } + [
      CSVColumn("median_steps_to_failure") { .integer($0.stability.medianStepsToFailure) },
      CSVColumn("spikes_per_1000_steps") { .number($0.stability.spikesPerThousandSteps) },
      CSVColumn("spikes_recovered_share") { .number($0.stability.recoveredSpikeShare) },
      CSVColumn("gradient_max_over_median") { .number($0.stability.largestGradientRatio) },
      CSVColumn("gradient_p99_over_median") { .number($0.stability.highGradientRatio) },
      CSVColumn("clip_fire_rate") { .number($0.stability.clipFireRate) },
      CSVColumn("clip_skip_rate") { .number($0.stability.skipRate) },
      CSVColumn("clip_asked_rate") { .number($0.stability.askedClipRate) },
      CSVColumn("runs_never_moved") { .integer($0.stability.runs.stoodStill) },
      CSVColumn("clip_coefficient") { .number($0.stability.meanClipCoefficient) },
      CSVColumn("clip_norm_removed") { .number($0.stability.lostNormShare) },
      CSVColumn("nonfinite_gradients_survived") {
        .integer($0.stability.nonfiniteGradientsSurvived)
      },
      CSVColumn("grid_decades") { .number($0.learningRates?.gridDecades) },
      CSVColumn("stable_decades") { .number($0.learningRates?.stableDecades) },
      CSVColumn("largest_stable_learning_rate") { .number($0.learningRates?.largestStableRate) },
      CSVColumn("smallest_failing_learning_rate") {
        .number($0.learningRates?.smallestUnstableRate)
      },
      CSVColumn("learning_rate_sensitivity") { .number($0.learningRates?.sensitivity) },
    ]

  /// How often and how runs failed.
  static let failures: [MarkdownColumn<StabilityRow>] = [
    MarkdownColumn("Method", isNumber: false) { $0.method.label },
    MarkdownColumn(
      "Failed", "Runs that failed, of the runs done, over all learning rates and seeds."
    ) { "\($0.stability.runs.failed) of \($0.stability.runs.done)" },
    MarkdownColumn(
      "Failure rate", "The same as a share, with its interval (Clopper–Pearson)."
    ) { MarkdownText.share($0.stability.failureRate) },
    MarkdownColumn(
      "Not finite",
      "Failed runs in which the loss, the update or a parameter became NaN or infinite, as Float32 numbers."
    ) { "\($0.stability.runs.count(.nonfinite))" },
    MarkdownColumn(
      "Exploded", "Failed runs whose loss stayed finite but rose beyond the explosion limit."
    ) { "\($0.stability.runs.count(.exploded))" },
    MarkdownColumn(
      "Worse than start",
      "Failed runs that used their whole budget and ended with a training loss above the first by more than 1% of its scale, max(first loss − lower bound, the problem's unit)."
    ) { "\($0.stability.runs.count(.worseThanStart))" },
    MarkdownColumn(
      "Half failed by step",
      "The step by which half of the runs had failed (Kaplan–Meier); – if more than half never did."
    ) { $0.stability.medianStepsToFailure.text { "\($0)" } },
    MarkdownColumn("Missing", "Planned runs that are not stored.") {
      "\($0.stability.runs.missing)"
    },
  ]

  /// How rough training was, and what clipping did.
  static let roughness: [MarkdownColumn<StabilityRow>] = [
    MarkdownColumn("Method", isNumber: false) { $0.method.label },
    MarkdownColumn(
      "Spikes per 1000 steps",
      "Steps at which loss or gradient norm jumped above the mean + 6 standard deviations of the steps before."
    ) { $0.stability.spikesPerThousandSteps.text { NumberText.significant($0) } },
    MarkdownColumn("Recovered", "The share of spikes after which the loss came back.") {
      $0.stability.recoveredSpikeShare.text(NumberText.percent)
    },
    MarkdownColumn(
      "Gradient max / median",
      "A run's largest gradient norm over its median norm, before clipping; the median over runs. ∞: the gradient itself became infinite."
    ) { $0.stability.largestGradientRatio.text { NumberText.significant($0) } },
    MarkdownColumn(
      "Gradient p99 / median",
      "The same for the norm that 1% of a run's steps exceed."
    ) { $0.stability.highGradientRatio.text { NumberText.significant($0) } },
    MarkdownColumn(
      "Clipping fired",
      "The share of steps whose gradient, update or parameters clipping changed. Further gradients that a method asks for, as SAM does, are counted apart (`clip_asked_rate` in the CSV)."
    ) {
      $0.stability.clipFireRate.text(NumberText.percent)
    },
    MarkdownColumn(
      "Steps refused",
      "The share of steps that clipping refused, so that nothing moved; – where it was not recorded."
    ) { $0.stability.skipRate.text(NumberText.percent) },
    MarkdownColumn(
      "Never moved",
      "Runs that did not fail and in which no step moved a parameter: they do not count as stable."
    ) { "\($0.stability.runs.stoodStill)" },
    MarkdownColumn(
      "Coefficient",
      "Gradient norm after clipping over the norm before, averaged over the steps where clipping changed it."
    ) { $0.stability.meanClipCoefficient.text { NumberText.significant($0) } },
    MarkdownColumn(
      "Norm removed",
      "The share of the summed gradient norm that clipping took away at those steps."
    ) { $0.stability.lostNormShare.text(NumberText.percent) },
    MarkdownColumn(
      "Bad gradients survived",
      "Steps with a NaN or infinite gradient in runs that did not end that way."
    ) { "\($0.stability.nonfiniteGradientsSurvived)" },
  ]

  /// How much of the grid a method can take.
  static let learningRates: [MarkdownColumn<StabilityRow>] = [
    MarkdownColumn("Method", isNumber: false) { $0.method.label },
    MarkdownColumn(
      "Stable decades",
      "How wide the part of the grid is in which every run was stable (none failed or never moved), in powers of ten, of the width of the whole grid. Each rate stands for the range half-way to its neighbours."
    ) { row in
      guard let rates = row.learningRates, let stable = rates.stableDecades else {
        return NumberText.none
      }
      return
        "\(NumberText.fixed(stable, digits: 2)) of \(NumberText.fixed(rates.gridDecades, digits: 2))"
    },
    MarkdownColumn(
      "Largest stable",
      "The largest learning rate at which every run was stable: none failed or never moved."
    ) {
      ($0.learningRates?.largestStableRate).text(NumberText.rate)
    },
    MarkdownColumn("Smallest failing", "The smallest learning rate at which any run failed.") {
      ($0.learningRates?.smallestUnstableRate).text(NumberText.rate)
    },
    MarkdownColumn(
      "Sensitivity",
      "How much final loss a learning rate drawn at random from the grid costs, compared with the grid's best; a failed run counts with its initial loss."
    ) { ($0.learningRates?.sensitivity).text { NumberText.significant($0) } },
  ]
}
