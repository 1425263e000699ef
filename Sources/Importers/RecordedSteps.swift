internal import Records

/// What a log says of a run's steps and evaluations, in the numbers of a result: steps from 0, evaluations
/// by the updates before them. Nothing is judged yet.
struct RecordedSteps {
  /// By series, then step.
  private(set) var steps: [StepSeries: [Int: Double]] = [:]
  /// Further quantities of steps by name.
  private(set) var furtherSteps: [(name: String, values: [Int: Double])] = []
  /// By metric, then updates made.
  private(set) var evaluations: [EvaluationMetric: [Int: Double]] = [:]
  private(set) var furtherEvaluations: [(name: String, values: [Int: Double])] = []
  /// Seconds of training before evaluations, where that was logged.
  private(set) var seconds: [Int: Double] = [:]
  /// What must be said of how the log was read.
  private(set) var notes: [String] = []

  /// The most steps that a run's log may count: as many as a result can number.
  static let mostSteps = Int(Int32.max) - 1

  /// From how many steps on it matters how many of them were logged, and the share that must have been.
  private static let denseSteps = 100_000
  private static let leastShare = 1.0 / 8

  /// Whether so few of many steps were logged that a row for each would be next to nothing but NaN.
  private var isSparse: Bool {
    let logged = Set(steps.values.flatMap(\.keys))
    let rows = (logged.max() ?? -1) + 1
    return rows > Self.denseSteps && Double(logged.count) < Self.leastShare * Double(rows)
  }

  /// The same with what was logged of few among many steps among the evaluations, by the updates made.
  var kept: RecordedSteps {
    guard isSparse else { return self }
    var kept = self
    func shifted(_ values: [Int: Double]) -> [Int: Double] {
      Dictionary(uniqueKeysWithValues: values.map { ($0.key + 1, $0.value) })
    }
    for series in StepSeries.allCases {
      guard let values = steps[series] else { continue }
      if series == .loss, evaluations[.trainLoss] == nil {
        kept.evaluations[.trainLoss] = shifted(values)
      } else {
        kept.furtherEvaluations.append(("step_\(series.rawValue)", shifted(values)))
      }
    }
    kept.furtherEvaluations += furtherSteps.map { ($0.name, shifted($0.values)) }
    kept.steps = [:]
    kept.furtherSteps = []
    return kept
  }

  init(_ log: LoggedRun, _ options: ImportOptions) throws(ImportError) {
    let meanings = try Self.meanings(of: log, options)
    let numbers = Self.stepNumbers(of: log, meanings, options)
    if log.stepNumbers == nil, options.firstStep == nil, numbers.first == 1 {
      notes.append("its steps are numbered from 1; in the result the first one is 0")
    }
    var repeated: [String] = []
    for (series, meaning) in zip(log.series, meanings) {
      var values: [Int: Double] = [:]
      for point in series.points {
        let step = try Self.place(point.step, meaning, numbers, of: series.name, in: log)
        if let known = values.updateValue(point.value, forKey: step), known != point.value,
          !(known.isNaN && point.value.isNaN), !repeated.contains(series.name)
        {
          repeated.append(series.name)
        }
        if meaning.isEvaluation, !point.seconds.isNaN { seconds[step] = point.seconds }
      }
      switch meaning {
      case .step(let step): steps[step] = values
      case .evaluation(let metric): evaluations[metric] = values
      case .furtherStep: furtherSteps.append((plainName(series.name), values))
      case .furtherEvaluation: furtherEvaluations.append((plainName(series.name), values))
      case .bookkeeping: break
      }
    }
    if !repeated.isEmpty {
      notes.append(
        "\(repeated.joined(separator: ", ")): a step is logged twice, as by a run that was resumed; the later value counts"
      )
    }
    guard steps[.loss] != nil || !evaluations.isEmpty else {
      let names = log.series.map { "'\($0.name)'" }.joined(separator: ", ")
      throw ImportError(
        log.place,
        names.isEmpty
          ? "nothing is logged of the run '\(log.name)'"
          : "no loss among what is logged of the run '\(log.name)': \(names); say which it is with --map loss=NAME or --map validation_loss=NAME"
      )
    }
  }

  /// What each series of the log is: what the user says, what the format says, what its name says.
  private static func meanings(
    of log: LoggedRun, _ options: ImportOptions
  ) throws(ImportError) -> [MetricMeaning] {
    var owners: [String: String] = [:]
    var meanings: [MetricMeaning] = []
    let chosen = options.names.filter { MetricMeaning(role: $0.key) != nil }
    for series in log.series {
      var meaning = series.meaning ?? MetricMeaning(of: series.name)
      if let role = chosen.first(where: { $0.value == series.name })?.key,
        let mapped = MetricMeaning(role: role)
      {
        meaning = mapped
      } else if let role = meaning.role, let other = chosen[role],
        log.series.contains(where: { $0.name == other })
      {
        // The user says that another series is what this one's name says.
        meaning = meaning.isEvaluation ? .furtherEvaluation : .furtherStep
      }
      if meaning == .step(.loss), isEvaluated(series, in: log) { meaning = .evaluation(.trainLoss) }
      if let role = meaning.role, let other = owners.updateValue(series.name, forKey: role) {
        throw ImportError(
          log.place,
          "both '\(other)' and '\(series.name)' of the run '\(log.name)' could be its \(role); say which with --map \(role)=NAME"
        )
      }
      meanings.append(meaning)
    }
    return meanings
  }

  /// Whether a training loss is that of evaluations: another one is logged at steps of its own, and this one
  /// only where the log evaluates.
  private static func isEvaluated(_ series: LoggedRun.Series, in log: LoggedRun) -> Bool {
    guard series.meaning == nil else { return false }
    let others = log.series.filter {
      $0.name != series.name && ($0.meaning ?? MetricMeaning(of: $0.name)) == .step(.loss)
    }
    let evaluated = Set(
      log.series.filter { ($0.meaning ?? MetricMeaning(of: $0.name)).isEvaluation }
        .flatMap { $0.points.map(\.step) })
    let own = Set(series.points.map(\.step))
    return !own.isEmpty && own.isSubset(of: evaluated)
      && others.contains { !Set($0.points.map(\.step)).isSubset(of: evaluated) }
  }

  private static func stepNumbers(
    of log: LoggedRun, _ meanings: [MetricMeaning], _ options: ImportOptions
  ) -> LoggedRun.StepNumbers {
    if let first = options.firstStep { return first == 0 ? .fromZero : .updates }
    if let said = log.stepNumbers { return said }
    func numbers(_ isEvaluation: Bool) -> [Int] {
      zip(log.series, meanings).filter { $1 != .bookkeeping && $1.isEvaluation == isEvaluation }
        .flatMap { $0.0.points.map(\.step) }
    }
    let steps = numbers(false)
    let evaluated = numbers(true)
    // Without steps nothing says that an evaluation's number is not that of the updates before it.
    guard let least = steps.min(), let last = steps.max() else { return .mixed }
    if least == 1, steps.contains(2), evaluated.min() ?? 1 > 0 { return .updates }
    // Evaluated under a number that no update has: numbers of evaluations count the updates.
    return evaluated.contains { $0 > last } ? .mixed : .fromZero
  }

  private static func place(
    _ number: Int, _ meaning: MetricMeaning, _ numbers: LoggedRun.StepNumbers, of name: String,
    in log: LoggedRun
  ) throws(ImportError) -> Int {
    let (step, isTooLarge) =
      meaning.isEvaluation
      ? number.addingReportingOverflow(numbers.evaluationLag)
      : number.subtractingReportingOverflow(numbers.first)
    guard number >= 0, !isTooLarge, step >= 0, step <= mostSteps else {
      throw ImportError(
        log.place,
        "'\(name)' of the run '\(log.name)' is logged at step \(number); allowed: \(meaning.isEvaluation ? 0 : numbers.first) to \(mostSteps)"
      )
    }
    return step
  }
}

extension MetricMeaning {
  var isEvaluation: Bool {
    switch self {
    case .evaluation, .furtherEvaluation: true
    case .step, .furtherStep, .bookkeeping: false
    }
  }

  /// What `--map` calls it; nil for what cannot be mapped.
  fileprivate var role: String? {
    switch self {
    case .step(let series): series.rawValue
    case .evaluation(let metric): metric.rawValue
    case .furtherStep, .furtherEvaluation, .bookkeeping: nil
    }
  }
}
