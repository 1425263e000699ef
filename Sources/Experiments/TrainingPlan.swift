public import Records
internal import Settings

/// How long a run trains, when it is evaluated, when it ends early: the same for all runs of one
/// problem in an experiment.
public struct TrainingPlan: Sendable, Equatable {
  /// Updates to make.
  public var steps: Int
  /// The run also ends when the next update might need more gradient evaluations in all.
  public var gradientEvaluations: Int?
  /// When the run is evaluated.
  public var evaluation: EvaluationSchedule
  /// A run whose loss exceeds the lower bound by this factor times its scale has exploded.
  public var explosionFactor: Double
  /// Whether it ends there; otherwise it goes on while its numbers are finite, and its end tells.
  public var endsExplodedRuns: Bool
  /// The run stops as `stalled` when the gradient norm falls to this value or below.
  public var gradientTolerance: Double?
  /// The run stops as `stalled` after this many evaluations in a row without a new best loss.
  public var patience: Int?
  /// The run stops as `timed_out` after this many seconds.
  public var timeLimitSeconds: Double?
  /// Whether the norms of every tensor are recorded at every step.
  public var recordsTensors: Bool
  /// The names of the instruments that watch each run, among `Instruments.all`.
  public var instruments: [String]
  /// Whether denormal numbers count as zero.
  public var flushesDenormals: Bool

  public init(
    steps: Int, evaluation: EvaluationSchedule, gradientEvaluations: Int? = nil,
    explosionFactor: Double = Outcome.defaultExplosionFactor, endsExplodedRuns: Bool = true,
    gradientTolerance: Double? = nil, patience: Int? = nil, timeLimitSeconds: Double? = nil,
    recordsTensors: Bool = false, instruments: [String] = [], flushesDenormals: Bool = true
  ) {
    self.steps = steps
    self.evaluation = evaluation
    self.gradientEvaluations = gradientEvaluations
    self.explosionFactor = explosionFactor
    self.endsExplodedRuns = endsExplodedRuns
    self.gradientTolerance = gradientTolerance
    self.patience = patience
    self.timeLimitSeconds = timeLimitSeconds
    self.recordsTensors = recordsTensors
    self.instruments = instruments
    self.flushesDenormals = flushesDenormals
  }

  public init(
    steps: Int, evaluateEvery interval: Int, gradientEvaluations: Int? = nil,
    instruments: [String] = []
  ) {
    self.init(
      steps: steps, evaluation: EvaluationSchedule(.every(interval)),
      gradientEvaluations: gradientEvaluations, instruments: instruments)
  }

  /// Everything that the plan says, as JSON: what of it determines a run, which is all.
  var json: String {
    let numbers: [(String, Double?)] = [
      ("steps", Double(steps)), ("gradient_evaluations", gradientEvaluations.map(Double.init)),
      ("evaluate_every", evaluation.interval.map(Double.init)),
      ("explosion_factor", explosionFactor),
      ("gradient_tolerance", gradientTolerance), ("patience", patience.map(Double.init)),
      ("time_limit_seconds", timeLimitSeconds), ("records_tensors", recordsTensors ? 1 : 0),
      ("flushes_denormals", flushesDenormals ? 1 : 0),
    ]
    let fields = numbers.map { "\"\($0.0)\":\($0.1.map { jsonNumber($0) } ?? "null")" }
    // Named only where there are any, so that a run without them is what it was.
    let watched =
      instruments.isEmpty ? [] : ["\"instruments\":\"\(instruments.joined(separator: " "))\""]
    let clock = gradientEvaluations == nil ? [] : ["\"schedule_over\":\"gradient_evaluations\""]
    let explosions = endsExplodedRuns ? [] : ["\"ends_exploded_runs\":false"]
    return
      "{\((fields + clock + watched + evaluation.jsonMembers + explosions).joined(separator: ","))}"
  }
}
