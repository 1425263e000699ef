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
  /// Whether the clipping strategy changed the step's gradient, its update or its parameters, or
  /// refused the step: 1 or 0. Gradients that a rule asks for besides do not count.
  public var clipFired: [Int8]
  /// What else the run recorded at every step, each of the same length. What a run did not record,
  /// or a file was written without, is not among them.
  public var further: [RecordedSeries]

  public init() {
    series = Array(repeating: [], count: StepSeries.allCases.count)
    clipFired = []
    further = []
  }

  /// The number of steps recorded.
  public var steps: Int { clipFired.count }

  /// The values of a further quantity; nil where the run did not record it.
  public subscript(_ quantity: Quantity) -> [Float]? {
    further.first { $0.quantity.name == quantity.name }?.values
  }

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

  /// Whether larger is better.
  public var isAccuracy: Bool {
    switch self {
    case .trainLoss, .validationLoss, .testLoss: false
    case .trainAccuracy, .validationAccuracy, .testAccuracy: true
    }
  }

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
  ///
  /// Losses are Float32 numbers; accuracies, fractions of counts, are kept whole, so that one that
  /// equals a target such as 0.9 equals it for every reader.
  public var values: [[Double]]
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

  public subscript(_ metric: EvaluationMetric) -> [Double] {
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
