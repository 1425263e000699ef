import Settings

/// The pixels that a window sees beyond the edges of an image.
public enum Padding: Sendable, Equatable {
  /// As many at each edge.
  case pixels(Int)
  /// As many that ⌈size / stride⌉ windows fit, an odd one below and on the right: TensorFlow's
  /// `SAME`, which at stride 1 keeps the size and is PyTorch's `padding='same'`.
  case same

  /// The padding in a phrase, for summaries; empty if there is none.
  var label: String {
    switch self {
    case .pixels(0): ""
    case .pixels(let count): ", padding \(count)"
    case .same: ", padding same"
    }
  }

  /// The option `padding` of a layer.
  static func option(_ summary: String) -> Hyperparameter {
    Hyperparameter(
      "padding", .integerOrChoice(0...1_000_000, ["same"]), default: .integer(0), summary)
  }

  /// The value of the option `padding`.
  static func chosen(in options: Hyperparameters) -> Padding {
    if case .integer(let count) = options["padding"] { .pixels(count) } else { .same }
  }
}
