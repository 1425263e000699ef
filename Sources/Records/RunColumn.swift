/// One value per run: a property of `RunRecord` and the dataset that holds it. Writing, reading, digest,
/// equality and the names reserved for hyperparameters derive from the one list `all`.
package struct RunColumn: Sendable {
  package enum Property: Sendable {
    case text(any WritableKeyPath<RunRecord, String> & Sendable)
    case int32(any WritableKeyPath<RunRecord, Int> & Sendable)
    case int64(any WritableKeyPath<RunRecord, Int64> & Sendable)
    case float64(any WritableKeyPath<RunRecord, Double> & Sendable)
    case flag(any WritableKeyPath<RunRecord, Bool> & Sendable)
  }

  package let name: String
  package let longName: String
  package let units: String
  package let property: Property
  /// The number that stands for none; nil where every run has one.
  package let none: Int32?
  /// Whether equality and digest take it in: not so for what differs between repetitions, and for
  /// what is a digest of other columns itself.
  package let isReproducible: Bool

  private init(
    _ name: String, _ property: Property, _ longName: String, units: String = "",
    none: Int32? = nil, isReproducible: Bool = true
  ) {
    self.name = name
    self.longName = longName
    self.units = units
    self.property = property
    self.none = none
    self.isReproducible = isReproducible
  }

  /// Whether two runs have the same value.
  func isEqual(_ a: RunRecord, _ b: RunRecord) -> Bool {
    switch property {
    case .text(let path): a[keyPath: path] == b[keyPath: path]
    case .int32(let path): a[keyPath: path] == b[keyPath: path]
    case .int64(let path): a[keyPath: path] == b[keyPath: path]
    case .float64(let path):
      a[keyPath: path] == b[keyPath: path] || a[keyPath: path].isNaN && b[keyPath: path].isNaN
    case .flag(let path): a[keyPath: path] == b[keyPath: path]
    }
  }

  /// The name of the column that says what determines the run.
  package static let identity = "run_identity"

  package static let all: [RunColumn] = [
    RunColumn("optimizer", .text(\.optimizer), "label of the optimizer"),
    RunColumn("clipping", .text(\.clipping), "label of the clipping strategy"),
    RunColumn("seed", .int32(\.seed), "seed of everything random in the run", units: "1"),
    RunColumn(
      "trial", .int32(\.trial), "place of the setting in its method's grid, from 0", units: "1"),
    RunColumn(
      "base_learning_rate", .float64(\.baseLearningRate), "learning rate before the schedule",
      units: "1"),
    RunColumn(
      "is_default_learning_rate", .flag(\.isDefaultLearningRate),
      "whether base_learning_rate is the optimizer's default (1) or not (0)"),
    RunColumn("outcome", .text(\.outcomeName), "how the run ended"),
    RunColumn(
      "failure_tensor", .text(\.failureTensor), "what became non-finite or exploded, or empty"),
    RunColumn(
      "failure_step", .int32(\.failureStep), "the failing step, or -1", units: "1", none: -1),
    RunColumn(
      "target_step", .int32(\.targetStep), "first evaluation that met the target, or -1",
      units: "1", none: -1),
    RunColumn(
      "first_alarm_step", .int32(\.firstAlarmStep),
      "first step with a spike, a non-finite gradient or a failure, or -1", units: "1",
      none: -1),
    RunColumn(
      "worst_step", .int32(\.worstStep), "step with the highest loss, or -1", units: "1", none: -1),
    RunColumn(
      "spikes", .int32(\.spikes), "steps with loss or gradient norm above mean + 6 sigma",
      units: "1"),
    RunColumn(
      "spikes_recovered", .int32(\.spikesRecovered), "spikes after which the loss came back",
      units: "1"),
    RunColumn(
      "nonfinite_gradients", .int32(\.nonfiniteGradients),
      "steps whose gradient before clipping was NaN or infinite", units: "1"),
    RunColumn(
      "gradient_evaluations", .int64(\.gradientEvaluations), "gradients computed in the run",
      units: "1"),
    RunColumn(
      "wall_seconds", .float64(\.wallSeconds), "time the run took", units: "s",
      isReproducible: false),
    RunColumn(
      "training_seconds", .float64(\.trainingSeconds), "time the run took without its evaluations",
      units: "s", isReproducible: false),
    RunColumn(
      "peak_memory_bytes", .int64(\.peakMemoryBytes),
      "most memory the process had used when the run ended", units: "bytes",
      isReproducible: false),
    RunColumn(
      "gradient_difference", .float64(\.gradientDifference),
      "relative difference of the first gradient from itself, asked for twice; NaN if it was not",
      units: "1", isReproducible: false),
    RunColumn(
      "objective_messages", .text(\.messages),
      "last lines on standard error of the program whose objective failed, or empty",
      isReproducible: false),
    RunColumn("config", .text(\.config), "the whole method as JSON"),
    RunColumn(
      identity, .text(\.identity), "SHA-256 of what determines the run", isReproducible: false),
    RunColumn(
      "initial_parameters_digest", .text(\.initialParametersDigest),
      "SHA-256 of the initial parameters"),
    RunColumn(
      "data_order_digest", .text(\.dataOrderDigest), "SHA-256 of the order of training examples"),
  ]
}

extension RunRecord {
  /// The outcome by name; an unknown name changes nothing, the reader refuses it beforehand.
  fileprivate var outcomeName: String {
    get { outcome.rawValue }
    set { outcome = Outcome(rawValue: newValue) ?? outcome }
  }
}
