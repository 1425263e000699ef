internal import Records

/// What the datasets of one problem must have room for: the union of what its runs recorded.
struct ProblemShape: Equatable, Sendable {
  /// The steps of the longest run.
  var steps = 0
  /// The steps at which any run was evaluated, increasing.
  var evaluationSteps: [Int32] = []
  /// What any run recorded at every step besides `StepSeries`, in order of appearance.
  var further: [Quantity] = []
  /// Which metrics any run has, in the order of `EvaluationMetric`.
  var hasMetric = EvaluationMetric.allCases.map { _ in false }
  /// The hyperparameters along `run`, in order of appearance.
  var hyperparameters: [String] = []
  /// The steps of the longest flight recording; 0 without any.
  var flightSteps = 0
  /// The tensors of the flight recordings.
  var flightTensors: [String] = []
  /// The tensors recorded at every step; nil where no run has such a recording.
  var tensors: [String]?

  /// Room for nothing.
  init() {}

  /// Room for one run.
  init(_ run: RunRecord) {
    steps = run.trajectory.steps
    further = run.trajectory.further.map(\.quantity)
    evaluationSteps = run.evaluations.steps
    hasMetric = run.evaluations.values.map { values in values.contains { !$0.isNaN } }
    hyperparameters = run.hyperparameters.map(\.name)
    if let flight = run.flight, !flight.steps.isEmpty {
      flightSteps = flight.steps.count
      flightTensors = flight.tensors
    }
    tensors = run.tensors?.tensors
  }

  /// Makes room for what `other` has room for.
  mutating func formUnion(_ other: ProblemShape) {
    steps = max(steps, other.steps)
    further += other.further.filter { new in !further.contains { $0.name == new.name } }
    if evaluationSteps != other.evaluationSteps {
      evaluationSteps = Set(evaluationSteps).union(other.evaluationSteps).sorted()
    }
    hasMetric = zip(hasMetric, other.hasMetric).map { $0 || $1 }
    hyperparameters += other.hyperparameters.filter { !hyperparameters.contains($0) }
    flightSteps = max(flightSteps, other.flightSteps)
    if flightTensors.isEmpty { flightTensors = other.flightTensors }
    tensors = tensors ?? other.tensors
  }
}
