/// Names one run of an experiment.
public struct RunKey: Hashable, Sendable {
  /// The test problem's name.
  public let problem: String
  /// The readable key, unique within the problem: `adam global-norm(1) lr=0.001 seed=3`.
  public let run: String

  public init(problem: String, run: String) {
    self.problem = problem
    self.run = run
  }
}

/// One run: what was trained, how it ended, what was recorded on the way.
public struct RunRecord: Sendable, Equatable {
  public var key: RunKey
  /// The optimizer's label, unique within the experiment.
  public var optimizer: String
  /// The clipping strategy's label, unique within the experiment.
  public var clipping: String
  /// The place of the setting in its method's grid, from 0.
  public var trial: Int
  public var seed: Int
  /// The learning rate before the schedule.
  public var baseLearningRate: Double
  /// Whether `baseLearningRate` is the catalog's default for the optimizer.
  public var isDefaultLearningRate: Bool
  /// The numeric hyperparameters that vary within the problem, by name; NaN where the method has
  /// none of that name. The same names in the same order for each run of a problem.
  public var hyperparameters: [(name: String, value: Double)]
  /// The whole method as JSON: optimizer, clipping, schedule, learning rate.
  public var config: String
  /// SHA-256 of what determines the run: problem and data, method and setting, budget and stops,
  /// seed; empty in files from before it was stored. Not part of the content digest, which covers
  /// what it is made of.
  public var identity = ""
  /// SHA-256 of the initial parameters' bytes.
  public var initialParametersDigest: String
  /// SHA-256 of the planned order of the training examples, the whole budget long.
  public var dataOrderDigest: String

  public var outcome: Outcome
  /// What became non-finite or exploded: `loss`, `update` or `parameters`, with the tensor's name
  /// where there is one, such as `update dense1.weight`; empty without failure.
  public var failureTensor: String
  /// The failing step, or −1.
  public var failureStep: Int
  /// The first evaluation's step that met the problem's target, or −1.
  public var targetStep: Int
  /// The first step with a spike, a non-finite gradient or a failure, or −1.
  public var firstAlarmStep: Int
  /// The step with the highest loss (non-finite counts as highest), or −1.
  public var worstStep: Int
  /// Steps at which loss or gradient norm rose above mean + 6σ of a trailing window.
  public var spikes: Int
  /// Spikes after which the loss came back below its level before.
  public var spikesRecovered: Int
  /// Steps whose raw gradient was NaN or infinite.
  public var nonfiniteGradients: Int
  public var gradientEvaluations: Int64
  /// Seconds the run took. Not part of the content digest.
  public var wallSeconds: Double
  /// The same without its evaluations; NaN where that was not measured. Not part of the content digest.
  public var trainingSeconds: Double
  /// The most memory the process had used when the run ended. Not part of the content digest.
  public var peakMemoryBytes: Int64

  /// How far the same gradient was from itself, relative to its norm, when it was asked for twice before
  /// the first step; 0 if it was the same to the bit, NaN where this program computed it and nobody
  /// asked. Not part of the content digest.
  public var gradientDifference: Double
  /// The last lines that another program wrote to its standard error before its objective failed, or
  /// empty. Not part of the content digest.
  public var messages: String

  /// Where and with what the run was made; nil where that is not said yet. Not part of the content digest.
  public var provenance: Provenance?

  public var trajectory: Trajectory
  public var evaluations: Evaluations
  /// Per-tensor detail of the last steps of a run that failed.
  public var flight: Recording?
  /// Per-tensor detail of every step, where the spec asks for it with `record`.
  public var tensors: Recording?

  public init(
    key: RunKey, optimizer: String, clipping: String, trial: Int, seed: Int,
    baseLearningRate: Double, isDefaultLearningRate: Bool,
    hyperparameters: [(name: String, value: Double)], config: String,
    initialParametersDigest: String = "", dataOrderDigest: String = ""
  ) {
    self.key = key
    self.optimizer = optimizer
    self.clipping = clipping
    self.trial = trial
    self.seed = seed
    self.baseLearningRate = baseLearningRate
    self.isDefaultLearningRate = isDefaultLearningRate
    self.hyperparameters = hyperparameters
    self.config = config
    self.initialParametersDigest = initialParametersDigest
    self.dataOrderDigest = dataOrderDigest
    outcome = .completed
    failureTensor = ""
    failureStep = -1
    targetStep = -1
    firstAlarmStep = -1
    worstStep = -1
    spikes = 0
    spikesRecovered = 0
    nonfiniteGradients = 0
    gradientEvaluations = 0
    wallSeconds = 0
    trainingSeconds = .nan
    peakMemoryBytes = 0
    gradientDifference = .nan
    messages = ""
    trajectory = Trajectory()
    evaluations = Evaluations()
    flight = nil
    tensors = nil
  }

  /// Equality of everything that is reproducible.
  public static func == (a: RunRecord, b: RunRecord) -> Bool {
    func values(_ run: RunRecord) -> [UInt64] {
      run.hyperparameters.map { ($0.value.isNaN ? .nan : $0.value + 0).bitPattern }
    }
    return a.key == b.key
      && RunColumn.all.allSatisfy { !$0.isReproducible || $0.isEqual(a, b) }
      && a.hyperparameters.map(\.name) == b.hyperparameters.map(\.name) && values(a) == values(b)
      && RecordingKind.all.allSatisfy { $0.recording(a) == $0.recording(b) }
  }
}
