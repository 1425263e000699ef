internal import Analysis
internal import Digests
public import Records
internal import Settings

/// A run that another program trained, as a result file has it: the same columns as a run of our own, and
/// nothing where nothing was recorded.
public struct RecordedRun: Sendable {
  public var problem: ProblemRecord
  public var run: RunRecord
  /// What the run was given beside optimizer, clipping, learning rate and seed.
  public var hyperparameters: [(name: String, text: String)] = []
  /// Whether the seed was given, rather than numbered by the import.
  public var hasSeed = true

  /// The file or folder that it comes from, for messages.
  public var place: String

  /// A run whose record is whole already, such as one of a journal.
  public init(problem: ProblemRecord, run: RunRecord, place: String) {
    self.problem = problem
    self.run = run
    self.place = place
  }

  /// What the log `log` says, judged.
  ///
  /// - Parameter notes: Takes what must be said of how the log was read.
  init(
    _ log: LoggedRun, recordedBy format: String, _ options: ImportOptions, notes: inout [String]
  ) throws(ImportError) {
    place = log.place
    let steps = try RecordedSteps(log, options)
    notes += steps.notes.map { "\(log.name): \($0)" }
    let name = RunName(log.name)
    let identity = try Identity(log, name, options)
    problem = Self.problem(steps, identity.problem, format)
    let outcome = RecordedOutcome(
      steps, lowerBound: problem.lowerBound, ending: log.ending)
    if outcome.wentOn {
      notes.append(
        "\(log.name): it failed at step \(outcome.step) (\(outcome.subject)) and logged finite losses later, which are left out: no run goes on behind its failure"
      )
    }
    run = RunRecord(
      key: RunKey(problem: identity.problem, run: ""), optimizer: identity.optimizer,
      clipping: identity.clipping, trial: 0, seed: identity.seed ?? 0,
      baseLearningRate: identity.learningRate ?? Self.rate(steps.steps[.learningRate]) ?? .nan,
      isDefaultLearningRate: false, hyperparameters: [], config: "")
    hasSeed = identity.seed != nil
    let logged = Set((steps.steps[.learningRate] ?? [:]).values)
    if identity.learningRate == nil, logged.count > 1 {
      notes.append(
        "\(log.name): its learning rate is the largest that was logged, \(numberLabel(run.baseLearningRate)); --learning-rate gives another"
      )
    }
    hyperparameters = identity.others
    run.provenance = log.provenance
    fill(from: steps, outcome)
    let metric = options.target ?? log.target
    if let metric { try take(target: metric, of: log, steps, options) }
  }

  /// The largest rate that was logged; one that went through single precision is the decimal that it was.
  private static func rate(_ logged: [Int: Double]?) -> Double? {
    guard let largest = logged?.values.filter(\.isFinite).max() else { return nil }
    return Double(Float(largest)) == largest ? Double("\(Float(largest))") ?? largest : largest
  }

  private static func problem(
    _ steps: RecordedSteps, _ name: String, _ format: String
  ) -> ProblemRecord {
    let losses =
      (steps.steps[.loss].map { Array($0.values) } ?? [])
      + steps.evaluations.filter { !$0.key.isAccuracy }.flatMap { Array($0.value.values) }
    var digest = Digest()
    digest.add("optbench recorded problem 1")
    digest.add(name)
    var problem = ProblemRecord(
      name: name, summary: "recorded by another program (\(format))", digest: digest.finish(),
      parameterCount: 0, layout: "[]",
      // Where a loss fell below zero nothing is known of how low it can get.
      lowerBound: losses.contains { $0 < 0 } ? .nan : 0, lossUnit: 1, targetMetric: "",
      targetValue: .nan, targetRule: "", steps: steps.lastStep, stepsPerEpoch: 0)
    problem.recordedBy = format
    return problem
  }
}

// MARK: Who it is

extension RecordedRun {
  /// Which run it is: what the user says, what its log says, what its name says.
  private struct Identity {
    let problem: String
    let optimizer: String
    let clipping: String
    let learningRate: Double?
    let seed: Int?
    let others: [(name: String, text: String)]

    static let optimizers = [
      "optimizer", "optimizer_name", "optimizer_type", "optim", "opt", "optim_name", "method",
      "algorithm",
    ]
    static let clippings = ["clipping", "clip", "gradient_clipping", "grad_clip"]
    static let learningRates = [
      "learning_rate", "base_learning_rate", "lr", "base_lr", "learning_rate_init", "max_lr",
      "peak_lr",
      "optimizer_lr", "optimizer_learning_rate", "optim_lr",
    ]
    static let seeds = ["seed", "random_seed", "rng_seed", "manual_seed", "global_seed"]
    static let problems = ["problem", "workload", "task", "dataset"]

    init(_ log: LoggedRun, _ name: RunName, _ options: ImportOptions) throws(ImportError) {
      func text(_ role: String, _ names: [String]) -> String? {
        log.parameter(options.names[role].map { [plainName($0)] } ?? names)
      }
      problem =
        (options.problem ?? log.problem ?? text("problem", Self.problems))
        ?? (name.problem.isEmpty ? options.name : name.problem)
      let method = options.optimizer ?? text("optimizer", Self.optimizers) ?? name.optimizer
      optimizer = method.isEmpty ? log.name : method
      clipping = options.clipping ?? text("clipping", Self.clippings) ?? ""
      let rate = text("learning_rate", Self.learningRates)
      if let rate, Double(rate) == nil {
        throw ImportError(
          log.place, "the learning rate of the run '\(log.name)' is '\(rate)', no number")
      }
      learningRate = options.learningRate ?? rate.flatMap { Double($0) } ?? name.learningRate
      let number = text("seed", Self.seeds)
      if let number, Int(exactly: Double(number) ?? .nan) == nil {
        throw ImportError(
          log.place, "the seed of the run '\(log.name)' is '\(number)', no integer")
      }
      seed = options.seed ?? number.flatMap { Int(exactly: Double($0) ?? .nan) } ?? name.seed
      for (what, value) in [("problem", problem), ("optimizer", optimizer)] {
        guard !value.isEmpty, value != ".", !value.contains("/"),
          !value.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
        else {
          throw ImportError(
            log.place,
            "'\(value)' cannot name a\(what == "problem" ? " problem" : "n optimizer"); give another with --\(what)"
          )
        }
      }
      let known = Set(
        Self.optimizers + Self.clippings + Self.learningRates + Self.seeds + Self.problems
          + options.names.values.map(plainName))
      // Names that begin with an underscore are the tool's own.
      var others = log.parameters.filter {
        !known.contains(plainName($0.name)) && !$0.name.hasPrefix("_")
          && !plainName($0.name).isEmpty
      }
      if !name.variant.isEmpty { others.append(("variant", name.variant)) }
      self.others = others
    }
  }
}

// MARK: What it did

extension RecordedRun {
  private mutating func fill(from all: RecordedSteps, _ outcome: RecordedOutcome) {
    let steps = all.kept
    run.outcome = outcome.outcome
    run.failureTensor = outcome.subject
    run.failureStep = outcome.step
    let isNonfinite = outcome.outcome == .nonfinite
    // What follows a failure are numbers of a model that is none any more.
    let end = isNonfinite ? outcome.step + 1 : Int.max
    let logged =
      steps.steps.values.compactMap { $0.keys.filter { $0 < end }.max() }.max().map { $0 + 1 } ?? 0
    run.trajectory.clipFired = Array(repeating: -1, count: logged)
    func column(_ values: [Int: Double]) -> [Float] {
      var column = [Float](repeating: .nan, count: logged)
      for (step, value) in values where step < logged { column[step] = Float(value) }
      return column
    }
    for series in StepSeries.allCases {
      run.trajectory[series] = column(steps.steps[series] ?? [:])
    }
    if logged > 0 {
      run.trajectory.further = steps.furtherSteps.map { name, values in
        RecordedSeries(Quantity(name: name, longName: "\(name), as it was logged"), column(values))
      }
    }
    fillEvaluations(from: steps, upTo: isNonfinite ? end : .max)
    let gradients = all.steps[.gradientNorm] ?? [:]
    let nonfinite = gradients.filter { $0.key < end && !Float($0.value).isFinite }.keys
    run.nonfiniteGradients = nonfinite.count
    let scan = SpikeScan(
      loss: run.trajectory[.loss], gradientNorm: run.trajectory[.gradientNorm])
    run.spikes = scan.spikes
    run.spikesRecovered = scan.recovered
    run.firstAlarmStep =
      [scan.firstStep, nonfinite.min() ?? -1, run.failureStep].filter { $0 >= 0 }.min() ?? -1
    let losses = (all.steps[.loss] ?? [:]).filter { $0.key < end }
    run.worstStep =
      losses.filter { !Float($0.value).isFinite }.keys.min()
      ?? losses.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? -1
    run.gradientEvaluations = Int64(min(steps.lastStep, end))
    run.wallSeconds = .nan
    run.trainingSeconds = steps.seconds.filter { $0.key <= end }.values.max() ?? .nan
    run.peakMemoryBytes = -1
  }

  private mutating func fillEvaluations(from steps: RecordedSteps, upTo end: Int) {
    let series = steps.evaluations.map(\.value) + steps.furtherEvaluations.map(\.values)
    let updates = Set(series.flatMap(\.keys)).filter { $0 <= end }.sorted()
    run.evaluations.steps = updates.map { Int32($0) }
    for metric in EvaluationMetric.allCases {
      let values = steps.evaluations[metric] ?? [:]
      run.evaluations[metric] = updates.map { values[$0] ?? .nan }
    }
    run.evaluations.gradientEvaluations = updates.map { Int64($0) }
    run.evaluations.elapsedSeconds = updates.map { steps.seconds[$0] ?? .nan }
    run.evaluations.further = steps.furtherEvaluations.map { name, values in
      RecordedSeries(
        Quantity(name: name, longName: "\(name), as it was logged"),
        updates.map { Float(values[$0] ?? .nan) })
    }
  }

  /// Notes the target and the first evaluation that meets it.
  private mutating func take(
    target: LoggedRun.Target, of log: LoggedRun, _ steps: RecordedSteps, _ options: ImportOptions
  ) throws(ImportError) {
    let meaning = MetricMeaning(of: target.metric)
    let name: String
    let values: [Int: Double]
    if case .evaluation(let metric) = meaning {
      name = metric.rawValue
      values = steps.evaluations[metric] ?? [:]
    } else {
      name = plainName(target.metric)
      values = steps.furtherEvaluations.first { $0.name == name }?.values ?? [:]
    }
    let isHigher = options.isHigherBetter ?? EvaluationMetric.isHigherBetter(name)
    problem.targetMetric = name
    problem.targetValue = target.value
    problem.targetRule = isHigher ? "at least, as it was recorded" : "at most, as it was recorded"
    let last = run.outcome == .nonfinite ? run.failureStep + 1 : .max
    run.targetStep =
      values.filter { updates, value in
        updates <= last && (isHigher ? value >= target.value : value <= target.value)
      }.keys.min() ?? -1
  }
}
