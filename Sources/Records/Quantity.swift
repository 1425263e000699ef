/// Something that a run records: what it is called, what it is and how it is stored.
public struct Quantity: Sendable, Hashable {
  /// How a value is stored. Where there is none, NaN or −1 stands in the file.
  public enum Number: Sendable { case float32, float64, int8, int64 }

  /// The name of its dataset, unique among the datasets beside it.
  public let name: String
  /// What it is, for the `long_name` attribute.
  public let longName: String
  /// The unit as in CF; `1` for a number without one.
  public let units: String
  public let number: Number
  /// Whether the same run has the same values again: not so for times.
  public let isReproducible: Bool

  public init(
    name: String, longName: String, units: String = "1", number: Number = .float32,
    isReproducible: Bool = true
  ) {
    self.name = name
    self.longName = longName
    self.units = units
    self.number = number
    self.isReproducible = isReproducible
  }
}

extension Quantity {
  static let clipFired = Quantity(
    name: "clip_fired",
    longName: "whether clipping changed or refused the step: 1 or 0; -1 after the run",
    number: .int8)

  /// Recorded at every step where there is a clipping strategy.
  public static let clipSkipped = Quantity(
    name: "clip_skipped",
    longName: "whether clipping refused the step, so that nothing moved: 1 or 0")

  /// Recorded at every step of a method that asks for more gradients and clips gradients.
  public static let askedGradientsClipped = Quantity(
    name: "asked_gradients_clipped",
    longName: "gradients that the optimizer asked for besides the recorded one and clipping changed"
  )

  static let elapsedSeconds = Quantity(
    name: "elapsed_seconds", longName: "time since the run began, evaluations included",
    units: "s", number: .float64, isReproducible: false)

  static let gradientEvaluations = Quantity(
    name: "evaluation_gradient_evaluations",
    longName: "gradients computed before the evaluation; -1 where the run was not evaluated",
    number: .int64)
}

/// The quantities recorded at every step of every run, measured in the passes that a step makes anyway.
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

  public var quantity: Quantity { Quantity(name: rawValue, longName: longName) }
}

/// The quantities measured per tensor in the same passes.
public enum TensorNorm: String, Sendable, CaseIterable {
  case gradientNorm = "gradient_norm"
  case updateNorm = "update_norm"
  case parameterNorm = "parameter_norm"

  public var quantity: Quantity {
    let what =
      switch self {
      case .gradientNorm: "gradient before clipping"
      case .updateNorm: "applied update"
      case .parameterNorm: "parameters after the step"
      }
    return Quantity(
      name: rawValue, longName: "Euclidean norm of the tensor's part of the \(what)")
  }
}

/// The quantities measured at evaluations.
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

  public var quantity: Quantity {
    Quantity(
      name: rawValue, longName: rawValue.split(separator: "_").joined(separator: " "),
      number: isAccuracy ? .float64 : .float32)
  }
}
