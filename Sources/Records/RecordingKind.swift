/// One of the recordings that a run may have. Writing, reading, digest, equality and the memory of what
/// is recorded derive from the list `all`.
public struct RecordingKind: Sendable {
  /// What the rows of a recording are.
  public enum Rows: Sendable {
    /// Every step of the run, from 0.
    case steps
    /// The evaluations, which runs have at different steps.
    case evaluations
    /// The last steps before a failure.
    case lastSteps
  }

  /// The name of its group in a problem's group; empty for the problem's own.
  public let group: String
  /// What announces it in the content digest.
  public let label: String
  public let rows: Rows
  /// Whether each row holds a value for each tensor.
  public let isPerTensor: Bool
  /// The quantities that it has had from the first version on, in their order in the content digest.
  /// Whatever else it holds is declared in the file, Float32, and changes no digest while it is zero.
  public let builtIn: [Quantity]
  /// Whether a quantity of which no run has a value is left out of the file.
  public let isSparse: Bool
  /// The run's recording; nil where it has none.
  public let recording: @Sendable (RunRecord) -> Recording?
  /// Gives the run a recording.
  public let take: @Sendable (Recording, inout RunRecord) -> Void

  public static let all: [RecordingKind] = [trajectory, evaluations, flight, tensors]

  /// The quantities of every step.
  static let trajectory = RecordingKind(
    group: "", label: "trajectory", rows: .steps, isPerTensor: false,
    builtIn: StepSeries.allCases.map(\.quantity) + [.clipFired], isSparse: false,
    recording: { $0.trajectory.recording }, take: { $1.trajectory = Trajectory($0) })

  static let evaluations = RecordingKind(
    group: "evaluation", label: "evaluations", rows: .evaluations, isPerTensor: false,
    builtIn: EvaluationMetric.allCases.map(\.quantity) + [.elapsedSeconds, .gradientEvaluations],
    isSparse: true,
    recording: { $0.evaluations.recording }, take: { $1.evaluations = Evaluations($0) })

  /// The flight recorder of a run that failed.
  static let flight = RecordingKind(
    group: "flight", label: "flight", rows: .lastSteps, isPerTensor: true,
    builtIn: TensorNorm.allCases.map(\.quantity), isSparse: false,
    recording: { $0.flight }, take: { $1.flight = $0 })

  /// Norms and the like per tensor at every step, where the spec asks for them.
  static let tensors = RecordingKind(
    group: "tensors", label: "tensors", rows: .steps, isPerTensor: true,
    builtIn: TensorNorm.allCases.map(\.quantity), isSparse: false,
    recording: { $0.tensors }, take: { $1.tensors = $0 })
}
