public import Records
internal import Settings

/// Where two runs of one key part for the first time.
public struct RunDifference: Sendable, Equatable {
  /// What differs there.
  public enum Place: Sendable, Equatable {
    /// Before the first step: the initial parameters or the planned order of the examples.
    case start(String)
    /// At a step, in a recorded series.
    case step(Int, String)
    /// At an evaluation after so many steps, in a metric.
    case evaluation(Int, String)
    /// In nothing that has a step: how the run is described or how it ended.
    case summary(String)
  }

  public let key: RunKey
  public let place: Place
  /// The numbers that differ; nil where it is not a number.
  public let baseline: Double?
  public let current: Double?
  /// The values that differ, where they are no recorded numbers.
  public let texts: ValueDifference?
  /// The distance between them; nil without numbers and where one is NaN.
  public let unitsInLastPlace: UInt32?

  /// The step at which the difference can be seen, 0 before the first.
  public var step: Int? {
    switch place {
    case .start: 0
    case .step(let step, _): step
    case .evaluation(let step, _): step
    case .summary: nil
    }
  }

  /// The first difference beyond `limit` units in the last place; nil if there is none.
  package init?(_ baseline: RunRecord, _ current: RunRecord, limit: UInt32) {
    let (baseline, current) = Self.withCommonHyperparameters(baseline, current)
    if baseline == current { return nil }
    let found =
      Self.start(baseline, current, limit) ?? Self.course(baseline, current, limit)
      ?? Self.summary(baseline, current, limit)
    guard let found else { return nil }
    key = baseline.key
    place = found.place
    self.baseline = found.values.map { Double($0.0) }
    self.current = found.values.map { Double($0.1) }
    texts = found.texts
    unitsInLastPlace = found.values.flatMap { Analysis.unitsInLastPlace($0.0, $0.1) }
  }

  /// The two runs without the hyperparameters that only one file lists: which of them vary depends on
  /// the other runs beside. What the method has is compared in `config`.
  private static func withCommonHyperparameters(
    _ a: RunRecord, _ b: RunRecord
  ) -> (RunRecord, RunRecord) {
    let names = a.hyperparameters.map(\.name)
    if names == b.hyperparameters.map(\.name) { return (a, b) }
    var (first, second) = (a, b)
    second.hyperparameters = names.compactMap { name in
      b.hyperparameters.first { $0.name == name }
    }
    let common = Set(second.hyperparameters.map(\.name))
    first.hyperparameters = a.hyperparameters.filter { common.contains($0.name) }
    return (first, second)
  }

  private struct Found {
    var place: Place
    var values: (Float, Float)?
    var texts: ValueDifference?

    init(_ place: Place, _ values: (Float, Float)) {
      self.place = place
      self.values = values
    }

    init(_ place: Place, _ baseline: String, _ current: String, path: String = "") {
      self.place = place
      texts = ValueDifference(path: path, baseline: baseline, current: current)
    }
  }

  private static func start(_ a: RunRecord, _ b: RunRecord, _ limit: UInt32) -> Found? {
    // A digest knows no distance: with leave for some, the recorded numbers tell.
    if limit == 0, a.initialParametersDigest != b.initialParametersDigest {
      return Found(
        .start("initial parameters"), a.initialParametersDigest, b.initialParametersDigest)
    }
    if a.dataOrderDigest != b.dataOrderDigest {
      return Found(.start("order of the examples"), a.dataOrderDigest, b.dataOrderDigest)
    }
    return nil
  }

  /// The series in the order in which a step comes by them.
  static let causalOrder: [StepSeries] = [
    .learningRate, .loss, .gradientNorm, .gradientCosine, .clippedGradientNorm, .clipCoefficient,
    .updateNorm, .parameterNorm,
  ]

  /// The first step or evaluation that differs; an evaluation comes before the step that follows it.
  private static func course(_ a: RunRecord, _ b: RunRecord, _ limit: UInt32) -> Found? {
    let evaluation = firstEvaluation(a, b, limit)
    let step = firstStep(a.trajectory, b.trajectory, limit)
    switch (evaluation, step) {
    case (let evaluation?, let step?):
      return evaluation.step <= step.step ? evaluation.found : step.found
    case (let evaluation?, nil): return evaluation.found
    case (nil, let step?): return step.found
    case (nil, nil): return nil
    }
  }

  private static func firstStep(
    _ a: Trajectory, _ b: Trajectory, _ limit: UInt32
  ) -> (step: Int, found: Found)? {
    for step in 0..<min(a.steps, b.steps) {
      for series in causalOrder {
        let pair = values(a, b, series, step)
        if isBeyond(pair, limit) { return (step, Found(.step(step, series.rawValue), pair)) }
      }
      if a.clipFired[step] != b.clipFired[step] {
        let pair = (Float(a.clipFired[step]), Float(b.clipFired[step]))
        return (step, Found(.step(step, "clip_fired"), pair))
      }
      for name in furtherNames(a, b) {
        let pair = values(a, b, further: name, step)
        if isBeyond(pair, limit) { return (step, Found(.step(step, name), pair)) }
      }
    }
    if a.steps == b.steps { return nil }
    let last = min(a.steps, b.steps)
    return (last, Found(.step(last, "end of the run"), "\(a.steps) steps", "\(b.steps) steps"))
  }

  /// The two numbers at a step; NaN where a series was not recorded.
  static func values(
    _ a: Trajectory, _ b: Trajectory, _ series: StepSeries, _ step: Int
  ) -> (Float, Float) {
    func value(_ values: [Float]) -> Float { step < values.count ? values[step] : .nan }
    return (value(a[series]), value(b[series]))
  }

  /// The further series that either run recorded.
  static func furtherNames(_ a: Trajectory, _ b: Trajectory) -> [String] {
    let names = a.further.map(\.quantity.name)
    return names + b.further.map(\.quantity.name).filter { !names.contains($0) }
  }

  /// The two numbers of a further series at a step; 0 where it was not recorded.
  static func values(
    _ a: Trajectory, _ b: Trajectory, further name: String, _ step: Int
  ) -> (Float, Float) {
    func value(_ trajectory: Trajectory) -> Float {
      trajectory.further.first { $0.quantity.name == name }?.values[step] ?? 0
    }
    return (value(a), value(b))
  }

  private static func firstEvaluation(
    _ a: RunRecord, _ b: RunRecord, _ limit: UInt32
  ) -> (step: Int, found: Found)? {
    let count = min(a.evaluations.steps.count, b.evaluations.steps.count)
    for index in 0..<count {
      let step = Int(min(a.evaluations.steps[index], b.evaluations.steps[index]))
      if a.evaluations.steps[index] != b.evaluations.steps[index] {
        return (
          step,
          Found(
            .evaluation(step, "step of the evaluation"), "\(a.evaluations.steps[index])",
            "\(b.evaluations.steps[index])")
        )
      }
      for metric in EvaluationMetric.allCases {
        let pair = (Float(a.evaluations[metric][index]), Float(b.evaluations[metric][index]))
        if isBeyond(pair, limit) { return (step, Found(.evaluation(step, metric.rawValue), pair)) }
      }
      if a.evaluations.gradientEvaluations[index] != b.evaluations.gradientEvaluations[index] {
        return (
          step,
          Found(
            .evaluation(step, "gradient evaluations"),
            "\(a.evaluations.gradientEvaluations[index])",
            "\(b.evaluations.gradientEvaluations[index])")
        )
      }
    }
    return nil
  }

  private static func summary(_ a: RunRecord, _ b: RunRecord, _ limit: UInt32) -> Found? {
    if a.outcome != b.outcome {
      return Found(.summary("outcome"), a.outcome.rawValue, b.outcome.rawValue)
    }
    if a.config != b.config { return config(a.config, b.config) }
    if a.evaluations.steps.count != b.evaluations.steps.count {
      return Found(
        .summary("number of evaluations"), "\(a.evaluations.steps.count)",
        "\(b.evaluations.steps.count)")
    }
    // Everything else follows from the numbers above, which may differ within the limit.
    if limit > 0 { return nil }
    for (name, value) in counts {
      let (before, after) = (value(a), value(b))
      if before != after { return Found(.summary(name), before, after) }
    }
    return Found(.summary("norms of the tensors"), "one", "another")
  }

  /// What a run is besides its numbers, by the words of a report.
  private static let counts: [(String, @Sendable (RunRecord) -> String)] = [
    ("failure", { $0.failureTensor }), ("failing step", { "\($0.failureStep)" }),
    ("step that met the target", { "\($0.targetStep)" }),
    ("first alarm", { "\($0.firstAlarmStep)" }), ("worst step", { "\($0.worstStep)" }),
    ("spikes", { "\($0.spikes)" }), ("spikes recovered", { "\($0.spikesRecovered)" }),
    ("non-finite gradients", { "\($0.nonfiniteGradients)" }),
    ("gradient evaluations", { "\($0.gradientEvaluations)" }),
    ("learning rate", { "\($0.baseLearningRate)" }),
    ("labels", { "\($0.optimizer), \($0.clipping), \($0.trial), \($0.isDefaultLearningRate)" }),
    ("hyperparameters", { "\($0.hyperparameters.map { "\($0.name) \($0.value)" })" }),
  ]

  /// The first option in which two methods differ.
  private static func config(_ baseline: String, _ current: String) -> Found {
    let before = try? Setting.parse(baseline, file: "baseline")
    let after = try? Setting.parse(current, file: "current")
    guard let first = ValueDifference.all(before, after).first else {
      return Found(.summary("config"), baseline, current)
    }
    return Found(
      .summary("config"), first.baseline ?? "absent", first.current ?? "absent", path: first.path)
  }

  static func isBeyond(_ pair: (Float, Float), _ limit: UInt32) -> Bool {
    unitsInLastPlaceOrMore(pair) > limit
  }

  /// The distance, the largest where one is NaN.
  static func unitsInLastPlaceOrMore(_ pair: (Float, Float)) -> UInt32 {
    Analysis.unitsInLastPlace(pair.0, pair.1) ?? .max
  }
}
