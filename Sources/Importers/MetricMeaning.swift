public import Records

/// What a logged quantity is.
public enum MetricMeaning: Sendable, Equatable {
  /// A quantity of every step.
  case step(StepSeries)
  /// A quantity of an evaluation.
  case evaluation(EvaluationMetric)
  /// Something else that was measured at evaluations.
  case furtherEvaluation
  /// Something else that was measured at steps.
  case furtherStep
  /// Where the training stood or how long it took: no quantity of a run.
  case bookkeeping

  /// What the quantity called `name` is, in the words of the common libraries.
  public init(of name: String) {
    let plain = Self.plain(name)
    if let known = Self.names[plain] {
      self = known
    } else if plain.hasPrefix("lr_") {
      self = .step(.learningRate)
    } else if let series = StepSeries(rawValue: plain) {
      self = .step(series)
    } else if let metric = EvaluationMetric(rawValue: plain) {
      self = .evaluation(metric)
    } else if Self.bookkeepingNames.contains(plain)
      || ["_per_second", "runtime", "_seconds", "_duration", "_num_examples"].contains(
        where: plain.hasSuffix)
    {
      self = .bookkeeping
    } else {
      self =
        plain.hasPrefix("validation_") || plain.hasPrefix("test_")
        ? .furtherEvaluation : .furtherStep
    }
  }

  /// The role that `--map` calls `role`: a series of every step or a metric of evaluations.
  public init?(role: String) {
    if let series = StepSeries(rawValue: role) {
      self = .step(series)
    } else if let metric = EvaluationMetric(rawValue: role) {
      self = .evaluation(metric)
    } else {
      return nil
    }
  }

  /// The roles that can be mapped.
  public static let roles =
    StepSeries.allCases.map(\.rawValue) + EvaluationMetric.allCases.map(\.rawValue)

  /// Lower case with underscores, `validation_` for what evaluates.
  private static func plain(_ name: String) -> String {
    let plain = plainName(name)
    for prefix in ["val_", "valid_", "eval_", "dev_"] where plain.hasPrefix(prefix) {
      return "validation_" + plain.dropFirst(prefix.count)
    }
    return plain
  }

  private static let names: [String: MetricMeaning] = [
    "train_loss": .step(.loss), "training_loss": .step(.loss), "loss_train": .step(.loss),
    "train_loss_step": .step(.loss), "batch_loss": .step(.loss), "step_loss": .step(.loss),
    "grad_norm": .step(.gradientNorm), "train_grad_norm": .step(.gradientNorm),
    "train_gradient_norm": .step(.gradientNorm), "total_norm": .step(.gradientNorm),
    "global_norm": .step(.gradientNorm), "gradnorm": .step(.gradientNorm),
    "grad_norm_clipped": .step(.clippedGradientNorm), "param_norm": .step(.parameterNorm),
    "weight_norm": .step(.parameterNorm), "lr": .step(.learningRate),
    "train_lr": .step(.learningRate), "train_learning_rate": .step(.learningRate),
    "epoch_loss": .step(.loss), "train_epoch_loss": .step(.loss),
    "epoch_learning_rate": .step(.learningRate),
    "train_epoch_learning_rate": .step(.learningRate),
    "validation_epoch_loss": .evaluation(.validationLoss),
    "validation_epoch_accuracy": .evaluation(.validationAccuracy),
    "train_epoch_accuracy": .evaluation(.trainAccuracy),
    "train_loss_epoch": .evaluation(.trainLoss), "validation_acc": .evaluation(.validationAccuracy),
    "test_acc": .evaluation(.testAccuracy), "accuracy": .evaluation(.trainAccuracy),
    "acc": .evaluation(.trainAccuracy), "train_acc": .evaluation(.trainAccuracy),
    "validation_loss_epoch": .evaluation(.validationLoss),
    "evaluation_train_loss": .evaluation(.trainLoss),
    "evaluation_validation_loss": .evaluation(.validationLoss),
    "evaluation_test_loss": .evaluation(.testLoss),
    "evaluation_train_accuracy": .evaluation(.trainAccuracy),
    "evaluation_validation_accuracy": .evaluation(.validationAccuracy),
    "evaluation_test_accuracy": .evaluation(.testAccuracy),
  ].merging(
    StepSeries.allCases.map { ("step_\($0.rawValue)", .step($0)) }, uniquingKeysWith: { $1 })

  private static let bookkeepingNames: Set<String> = [
    "epoch", "step", "global_step", "iteration", "batch", "time", "timestamp", "elapsed",
    "step_avg", "train_time", "hp_metric", "num_examples", "train_num_examples", "total_flos",
    "clip_fired", "score", "preemption_count", "accumulated_submission_time",
    "accumulated_eval_time", "accumulated_logging_time", "validation_score",
  ]
}

/// A name in lower case, with underscores for whatever else stands between its words.
func plainName(_ name: String) -> String {
  let plain = name.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
  return plain.split(separator: "_").joined(separator: "_")
}

extension EvaluationMetric {
  /// Whether more of a metric called `name` is better, judged by its words.
  static func isHigherBetter(_ name: String) -> Bool {
    let words = Set(plainName(name).split(separator: "_").map(String.init))
    return !words.isDisjoint(with: [
      "accuracy", "acc", "bleu", "ssim", "map", "precision", "recall", "f1", "auc", "auroc",
      "psnr", "reward", "return", "score", "iou", "dice", "rouge",
    ])
  }
}
