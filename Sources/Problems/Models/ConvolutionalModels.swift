import Networks
import Settings

/// The options that the convolutional models share.
enum ConvolutionalModels {
  /// The option `bias`, from which all biases start.
  static func bias(default value: Double?) -> Hyperparameter {
    Hyperparameter(
      "bias", .number(NumberRange(lower: -1e6, upper: 1e6)),
      default: value.map { .number($0) } ?? .none,
      optional: true,
      "initial value of the biases; null for what the initialisation says")
  }

  /// The initialisation that the options `initialization`, `gain` and `bias` ask for.
  static func initialization(
    in options: Hyperparameters
  ) throws(HyperparameterError) -> any Initialization {
    let weights = try Initializations.chosen(in: options)
    return options.optionalNumber("bias").map { ConstantBiases($0, weights: weights) } ?? weights
  }

  /// The initialisation in a phrase: `truncated-normal × 0.05, biases 0.05`.
  static func label(in options: Hyperparameters) -> String {
    Initializations.label(in: options)
      + (options.optionalNumber("bias").map { ", biases \(numberLabel($0))" } ?? "")
  }
}
