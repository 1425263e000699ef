/// A quantity recorded at every step.
public enum StepSeries: String, Sendable, CaseIterable {
  case loss
  case gradientNorm = "gradient_norm"
  case clippedGradientNorm = "clipped_gradient_norm"
  case clipCoefficient = "clip_coefficient"
  case updateNorm = "update_norm"
  case parameterNorm = "parameter_norm"
  case gradientCosine = "gradient_cosine"
  case learningRate = "learning_rate"

  /// The position in `Trajectory.series`.
  public var index: Int {
    switch self {
    case .loss: 0
    case .gradientNorm: 1
    case .clippedGradientNorm: 2
    case .clipCoefficient: 3
    case .updateNorm: 4
    case .parameterNorm: 5
    case .gradientCosine: 6
    case .learningRate: 7
    }
  }

  /// What the quantity is, for the `long_name` attribute.
  public var longName: String {
    switch self {
    case .loss: "mini-batch loss at the parameters before the step"
    case .gradientNorm: "Euclidean norm of the gradient before clipping"
    case .clippedGradientNorm: "Euclidean norm of the gradient after clipping"
    case .clipCoefficient: "clipped norm divided by the norm before clipping"
    case .updateNorm: "Euclidean norm of the applied update"
    case .parameterNorm: "Euclidean norm of the parameters after the step"
    case .gradientCosine: "cosine between this step's gradient and the previous one, unclipped"
    case .learningRate: "learning rate used at this step"
    }
  }
}

/// What a run recorded at each of its steps, from step 0 up to and including the last one, which is
/// the failing one if the run failed.
public struct Trajectory: Sendable, Equatable {
  /// One array per `StepSeries`, in its order, all of the same length.
  public var series: [[Float]]
  /// Whether the clipping strategy changed anything at a step: 1 or 0.
  public var clipFired: [Int8]

  public init() {
    series = Array(repeating: [], count: StepSeries.allCases.count)
    clipFired = []
  }

  /// The number of steps recorded.
  public var steps: Int { clipFired.count }

  public subscript(_ name: StepSeries) -> [Float] {
    get { series[name.index] }
    set { series[name.index] = newValue }
  }
}

/// A quantity measured at evaluations.
public enum EvaluationMetric: String, Sendable, CaseIterable {
  case trainLoss = "train_loss"
  case validationLoss = "validation_loss"
  case testLoss = "test_loss"
  case trainAccuracy = "train_accuracy"
  case validationAccuracy = "validation_accuracy"
  case testAccuracy = "test_accuracy"

  /// The position in `Evaluations.values`.
  public var index: Int {
    switch self {
    case .trainLoss: 0
    case .validationLoss: 1
    case .testLoss: 2
    case .trainAccuracy: 3
    case .validationAccuracy: 4
    case .testAccuracy: 5
    }
  }
}

/// What a run measured between its steps: before the first, every k steps, after the last.
public struct Evaluations: Sendable, Equatable {
  /// The number of updates done before each evaluation, increasing from 0.
  public var steps: [Int32]
  /// One array per `EvaluationMetric`, in its order; NaN where the problem has no such metric.
  public var values: [[Float]]
  /// Seconds since the run began, evaluations included. Not part of the content digest.
  public var elapsedSeconds: [Double]
  /// Gradient evaluations spent before each evaluation.
  public var gradientEvaluations: [Int64]

  public init() {
    steps = []
    values = Array(repeating: [], count: EvaluationMetric.allCases.count)
    elapsedSeconds = []
    gradientEvaluations = []
  }

  public subscript(_ metric: EvaluationMetric) -> [Float] {
    get { values[metric.index] }
    set { values[metric.index] = newValue }
  }
}

/// Per-tensor detail of the last steps of a run that failed.
public struct FlightRecording: Sendable, Equatable {
  /// The most steps kept.
  public static let capacity = 64
  /// The steps, oldest first.
  public var steps: [Int32]
  /// The tensors' names, in layout order.
  public var tensors: [String]
  /// Norms by step, then tensor: `steps.count * tensors.count` values each.
  public var gradientNorm: [Float]
  public var updateNorm: [Float]
  public var parameterNorm: [Float]

  public init(
    steps: [Int32], tensors: [String], gradientNorm: [Float], updateNorm: [Float],
    parameterNorm: [Float]
  ) {
    self.steps = steps
    self.tensors = tensors
    self.gradientNorm = gradientNorm
    self.updateNorm = updateNorm
    self.parameterNorm = parameterNorm
  }
}

/// Per-tensor norms at every step, recorded where the spec asks for `record: {per_tensor: true}`.
public struct TensorRecording: Sendable, Equatable {
  public var tensors: [String]
  /// Norms by step, then tensor.
  public var gradientNorm: [Float]
  public var updateNorm: [Float]
  public var parameterNorm: [Float]

  public init(
    tensors: [String], gradientNorm: [Float], updateNorm: [Float], parameterNorm: [Float]
  ) {
    self.tensors = tensors
    self.gradientNorm = gradientNorm
    self.updateNorm = updateNorm
    self.parameterNorm = parameterNorm
  }
}
