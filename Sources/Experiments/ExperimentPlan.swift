internal import Analysis
internal import Digests
package import Optimizers
public import Problems
public import Records
internal import Settings
internal import Tensors

/// Why an experiment cannot be planned although its file is well formed.
public struct PlanError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// One run that an experiment consists of.
public struct PlannedRun: Sendable {
  public internal(set) var key: RunKey
  /// The position of the problem in the plan.
  public let problem: Int
  let optimizer: Int
  /// The position among the optimizer's variants.
  let variant: Int
  let clipping: Int
  var learningRate: Double
  /// The position of the setting in the optimizer's grid.
  var trial: Int
  var seed: Int
  var purpose = RunPurpose.grid
  /// Values for other options of the method than the file's; nil for those.
  var setting: MethodSetting?
}

/// Every run of an experiment, in the order in which they are stored: problem, optimizer, clipping,
/// further hyperparameters, learning rate, seed.
public struct ExperimentPlan: Sendable {
  public let spec: ExperimentSpec
  /// The test problems with their data.
  public let problems: [any TestProblem]
  public let runs: [PlannedRun]
  /// What is allowed and yet hardly meant, a line each.
  public let warnings: [String]
  /// How long the runs of each problem train.
  package let trainingPlans: [TrainingPlan]
  private let varyingHyperparameters: [String]

  /// Plans the experiment and loads its data sets.
  ///
  /// - Parameters:
  ///   - baseDirectory: The folder to which relative paths in the file refer.
  ///   - mostRuns: The most runs that the plan may have.
  public init(
    _ spec: ExperimentSpec, baseDirectory: String, mostRuns: Int = defaultMostRuns
  ) throws {
    self.spec = spec
    try Self.checkCount(of: spec, most: mostRuns)
    var datasets = LoadedDatasets()
    var problems: [any TestProblem] = []
    for problem in spec.problems {
      problems.append(try problem.make(using: &datasets, baseDirectory: baseDirectory))
    }
    self.problems = problems
    try Self.checkDemands(of: spec.optimizers, on: problems)
    for problem in problems where spec.protocol != .grid && !problem.referenceLoss.isFinite {
      throw PlanError(
        "problem '\(problem.name)' has no reference loss, that of what knows nothing, against which the "
          + "robust protocol measures progress; let the program say 'reference_loss', or use protocol: grid"
      )
    }
    let transforms = TransformCheck(spec.clippings)
    if let wrong = transforms.problem(with: spec.optimizers, on: problems) {
      throw PlanError(wrong)
    }
    try Self.checkBudget(of: spec)
    trainingPlans = try problems.map { try Self.trainingPlan(of: $0, in: spec) }
    warnings =
      try problems.flatMap(\.warnings)
      + ScheduleCheck(spec).warnings(on: problems, for: trainingPlans.map(\.steps))
    varyingHyperparameters = Self.varyingHyperparameters(in: spec)

    var runs: [PlannedRun] = []
    for (problemIndex, problem) in problems.enumerated() {
      for (optimizerIndex, optimizer) in spec.optimizers.enumerated() {
        let rates = spec.firstRates(of: optimizer)
        for clippingIndex in spec.clippings.indices {
          for variantIndex in optimizer.variants.indices {
            for (rateIndex, rate) in rates.enumerated() {
              for seed in spec.firstSeeds {
                var run = PlannedRun(
                  key: RunKey(problem: problem.name, run: ""), problem: problemIndex,
                  optimizer: optimizerIndex, variant: variantIndex, clipping: clippingIndex,
                  learningRate: rate.value, trial: variantIndex * rates.count + rateIndex,
                  seed: seed)
                run.purpose = rate.purpose
                run.key = Self.key(of: run, on: problem.name, in: spec)
                runs.append(run)
              }
            }
          }
        }
      }
    }
    self.runs = runs
  }

  /// The readable key, unique within the problem: `adam none lr=0.001 weight_decay=0.1 seed=3`.
  private static func key(
    of run: PlannedRun, on problem: String, in spec: ExperimentSpec
  ) -> RunKey {
    let optimizer = spec.optimizers[run.optimizer]
    let values = spec.variant(of: run).values
      .map { " \($0.name)=\($0.value.label)" }.joined()
    return RunKey(
      problem: problem,
      run: "\(optimizer.label) \(spec.clippings[run.clipping].label) "
        + "lr=\(numberLabel(run.learningRate))\(values) seed=\(run.seed)")
  }

  /// A run of the same method on the same problem at another learning rate.
  package func run(
    like run: PlannedRun, learningRate: Double, trial: Int, seed: Int,
    purpose: RunPurpose = .grid, setting: MethodSetting? = nil
  ) -> PlannedRun {
    var other = run
    other.setting = setting
    other.learningRate = learningRate
    other.trial = trial
    other.seed = seed
    other.purpose = purpose
    other.key = Self.key(of: other, on: problems[run.problem].name, in: spec)
    return other
  }

  /// The most runs of a plan that nobody asked to be larger.
  public static let defaultMostRuns = 100_000

  /// Counts the runs before any is made: a slip in a grid multiplies.
  private static func checkCount(of spec: ExperimentSpec, most: Int) throws(PlanError) {
    if case .robust(let tuning) = spec.protocol {
      let methods = Double(spec.optimizers.count) * Double(spec.clippings.count)
      let count = Double(spec.problems.count) * methods * Double(spec.mostRunsOfARobustMethod)
      guard count > Double(most) else { return }
      throw PlanError(
        "the file may take \(numberLabel(count)) runs (problems: \(spec.problems.count), methods: "
          + "\(numberLabel(methods)), each \(tuning.rates) rates\(spec.settingsText) × "
          + "\(tuning.seeds.count) seeds for tuning and \(StressLadder.multiples.count) × \(spec.seeds.count) for evaluation), more "
          + "than \(most); plan fewer, or allow them with --max-runs")
    }
    let settings = spec.optimizers.reduce(0) {
      $0 + $1.variants.count * (($1.learningRates ?? spec.learningRates)?.values.count ?? 0)
    }
    let count = [settings, spec.clippings.count, spec.seeds.count].reduce(
      Double(spec.problems.count)
    ) { $0 * Double($1) }
    guard count > Double(most) else { return }
    throw PlanError(
      "the file plans \(numberLabel(count)) runs (problems: \(spec.problems.count), optimizers with "
        + "their settings: \(settings), clipping: \(spec.clippings.count), seeds: "
        + "\(spec.seeds.count)), more than \(most); plan fewer, or allow them with --max-runs")
  }

  /// Refuses a budget that does not last for one step of every method.
  private static func checkBudget(of spec: ExperimentSpec) throws(PlanError) {
    guard case .gradientEvaluations(let budget) = spec.budget else { return }
    for optimizer in spec.optimizers {
      let most =
        optimizer.variants.map(\.optimizer.demand.evaluations.upperBound).max() ?? 1
      guard most > budget else { continue }
      throw PlanError(
        "optimizer '\(optimizer.label)' may spend \(most) gradient evaluations in one step, but "
          + "budget.gradient_evaluations is \(budget); allowed: at least \(most)")
    }
  }

  /// Refuses a method that asks for what a problem does not have.
  private static func checkDemands(
    of optimizers: [OptimizerChoice], on problems: [any TestProblem]
  ) throws(PlanError) {
    for problem in problems where !problem.samplesLabels {
      for optimizer in optimizers where optimizer.optimizer.demand.samplesLabels {
        throw PlanError(
          "optimizer '\(optimizer.label)' draws labels from the model's predictions, which problem "
            + "'\(problem.name)' does not have; allowed: problems with the loss cross-entropy")
      }
    }
  }

  /// The updates that all runs together plan, at most.
  public var plannedSteps: Int {
    problems.indices.reduce(0) { sum, problem in
      sum + mostRuns(among: runs.filter { $0.problem == problem }) * trainingPlans[problem].steps
    }
  }

  /// What a result file says about the experiment.
  public func header(provenance: Provenance) -> ExperimentHeader {
    var header = ExperimentHeader(
      name: spec.name, title: spec.title, spec: spec.text, specDigest: spec.digest,
      provenance: provenance,
      problems: zip(problems, trainingPlans).map { ProblemRecord($0, steps: $1.steps) },
      plannedRuns: runs.count, plan: runs.map { entry(for: $0, round: 0) })
    header.updateTraces = updateTraces()
    header.statedClaims = spec.claims.map(\.statement)
    return header
  }

  /// What a result file says about a planned run.
  package func entry(for run: PlannedRun, round: Int) -> PlanEntry {
    let record = record(for: run)
    let variant = spec.variant(of: run)
    var entry = PlanEntry(
      key: run.key, optimizer: record.optimizer, clipping: record.clipping,
      setting: RunSetting(
        [RunSetting.Value(name: "learning_rate", text: numberLabel(run.learningRate))]
          + variant.values.map { RunSetting.Value(name: $0.name, text: $0.value.label) }),
      trial: run.trial, seed: run.seed, isDefault: record.isDefaultLearningRate,
      identity: record.identity, round: round, purpose: run.purpose)
    entry.hyperparameters = record.hyperparameters.map {
      RunSetting.Value(name: $0.name, text: "\($0.value)")
    }
    return entry
  }

  /// What identifies a planned run, before it is trained.
  package func record(for run: PlannedRun) -> RunRecord {
    let optimizer = spec.optimizers[run.optimizer]
    let variant = spec.variant(of: run)
    let clipping = run.setting?.clipping ?? spec.clippings[run.clipping]
    let schedule = run.setting?.schedule ?? optimizer.schedule ?? spec.schedule
    let values = Self.numericHyperparameters(variant, clipping, schedule)
    let config =
      "{\"optimizer\":\(variant.json(learningRate: run.learningRate)),\"clipping\":\(clipping.json),"
      + "\"schedule\":\(schedule.choice.json),\"learning_rate\":\(jsonNumber(run.learningRate))}"
    var record = RunRecord(
      key: run.key, optimizer: optimizer.label, clipping: clipping.label, trial: run.trial,
      seed: run.seed, baseLearningRate: run.learningRate,
      isDefaultLearningRate: variant.isDefault
        && run.learningRate == optimizer.defaultLearningRate,
      hyperparameters: varyingHyperparameters.map { name in
        (name: name, value: values.first { $0.name == name }?.value ?? .nan)
      }, config: config)
    var identity = Digest()
    identity.add("optbench run identity 1")
    for text in [problems[run.problem].digest, config, trainingPlan(for: run).json] {
      identity.add(text)
    }
    identity.add(run.seed)
    record.identity = identity.finish()
    return record
  }

  /// SHA-256 of what determines a planned run.
  public func runIdentity(of run: PlannedRun) -> String { record(for: run).identity }

  /// How a planned run trains: one that tunes never reads the test split.
  package func trainingPlan(for run: PlannedRun) -> TrainingPlan {
    var plan = trainingPlans[run.problem]
    if case .tuning = run.purpose, problems[run.problem].stepsPerEpoch > 0 {
      plan.evaluation.test = .never
    }
    return plan
  }

  /// What a planned run trains with.
  package func method(for run: PlannedRun) -> Method {
    let optimizer = spec.optimizers[run.optimizer]
    return Method(
      optimizer: spec.variant(of: run).optimizer,
      clipping: run.setting?.clipping ?? spec.clippings[run.clipping],
      schedule: (run.setting?.schedule ?? optimizer.schedule ?? spec.schedule).schedule,
      baseLearningRate: run.learningRate)
  }

  private static func trainingPlan(
    of problem: any TestProblem, in spec: ExperimentSpec
  ) throws(PlanError) -> TrainingPlan {
    let steps: Int
    var evaluations: Int?
    switch spec.budget {
    case .steps(let count): steps = count
    // A method spends at least one gradient evaluation per step, and stops when all are spent.
    case .gradientEvaluations(let count):
      steps = count
      evaluations = count
    case .epochs(let epochs):
      guard problem.stepsPerEpoch > 0 else {
        throw PlanError(
          "problem '\(problem.name)' has no epochs because it has no data set; give budget.steps")
      }
      let exact = epochs * Double(problem.stepsPerEpoch)
      guard exact <= Double(Int32.max) else {
        throw PlanError("budget.epochs: \(numberLabel(epochs)) epochs are too many steps")
      }
      steps = max(1, Int(exact.rounded()))
    }
    return TrainingPlan(
      steps: steps,
      evaluation: spec.evaluation.schedule(
        of: problem, steps: steps, isRobust: spec.protocol != .grid),
      gradientEvaluations: evaluations,
      explosionFactor: spec.explosionFactor, endsExplodedRuns: spec.protocol == .grid,
      gradientTolerance: spec.gradientTolerance,
      patience: spec.patience, timeLimitSeconds: spec.timeLimitSeconds,
      recordsTensors: spec.recordsTensors, instruments: spec.instruments)
  }
}

extension ProblemRecord {
  /// What a result file says about `problem`.
  init(_ problem: any TestProblem, steps: Int) {
    let tensors = problem.layout.tensors.map { tensor in
      "{\"name\":\(jsonText(tensor.name)),"
        + "\"shape\":[\(tensor.shape.map(String.init).joined(separator: ","))],"
        + "\"role\":\"\(tensor.role.rawValue)\"}"
    }
    self.init(
      name: problem.name, summary: problem.summary, digest: problem.digest,
      dataPlace: problem.dataPlace, dataDigest: problem.dataDigest,
      parameterCount: problem.layout.count, layout: "[\(tensors.joined(separator: ","))]",
      lowerBound: problem.lowerBound, referenceLoss: problem.referenceLoss,
      lossUnit: problem.lossUnit,
      targetMetric: problem.target?.metric ?? "", targetValue: problem.target?.value ?? .nan,
      targetRule: problem.target?.rule ?? "", steps: steps, stepsPerEpoch: problem.stepsPerEpoch)
  }
}
