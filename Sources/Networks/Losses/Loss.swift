public import Settings
public import Tensors

/// What a model is to predict.
public enum TargetKind: Sendable, Hashable {
  /// One of so many classes.
  case classes(Int)
  /// So many real numbers.
  case values(Int)

  /// The outputs of a model for one prediction: as many as classes or values.
  public var outputs: Int {
    switch self {
    case .classes(let count), .values(let count): count
    }
  }

  /// The kind in a phrase: `10 classes`.
  public var label: String {
    switch self {
    case .classes(let count): "\(count) classes"
    case .values(let count): count == 1 ? "one real number" : "\(count) real numbers"
    }
  }
}

/// What the rows of a model's outputs are held against.
public enum Targets {
  /// A class from 0 for each row.
  case classes(UnsafePointer<Int32>)
  /// As many real numbers as outputs: `[rows, width]`, row-major.
  case values(UnsafePointer<Float>)
}

/// A loss between a model's outputs and targets, averaged over the predictions of a batch.
public protocol Loss: Sendable {
  /// The name in an experiment file.
  var name: String { get }
  /// The greatest lower bound of the loss.
  var lowerBound: Double { get }

  /// Whether the targets are the model's own inputs, whatever the data ask for.
  var reconstructsInput: Bool { get }

  /// Whether the loss is defined for such targets.
  func accepts(_ kind: TargetKind) -> Bool

  /// The loss of a model that knows nothing, which gives every class the same output: the natural
  /// unit of the loss.
  func unit(for kind: TargetKind) -> Double

  /// The least mean loss of outputs that are the same for every prediction: what a model reaches that
  /// has looked at no input. NaN where there is none.
  ///
  /// - Parameters:
  ///   - means: Of each output's target over the training set; a class stands for its one-hot vector.
  ///   - meanSquares: The same of the targets' squares.
  func constantLoss(means: [Double], meanSquares: [Double]) -> Double

  /// Σ over the rows of each prediction's loss, in `Double`; where `gradient` is given, it receives
  /// the gradient of the mean over the rows.
  ///
  /// - Parameters:
  ///   - outputs: `[rows, width]`, row-major, followed by `activationSlack` floats.
  ///   - targets: Of a kind that the loss accepts.
  ///   - rows: The predictions.
  ///   - width: The outputs for one prediction: the classes or values.
  ///   - gradient: `[rows, width]`, row-major, followed by `activationSlack` floats.
  func sum(
    outputs: UnsafePointer<Float>, targets: Targets, rows: Int, width: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double
}

extension Loss {
  public var reconstructsInput: Bool { false }
}

/// A loss whose value is −log p of a label, so that the outputs are a distribution of labels.
public protocol ProbabilisticLoss: Loss {
  /// Draws a label for each row from the distribution that the row's outputs stand for.
  func drawLabels(
    outputs: UnsafePointer<Float>, rows: Int, classes: Int, from stream: inout RandomStream,
    into labels: UnsafeMutablePointer<Int32>)
}

/// The losses that an experiment file can name.
public enum Losses {
  public static let catalog = Catalog<any Loss>(
    kind: "loss", synonyms: .losses,
    [
      CrossEntropy.entry, MeanSquaredError.entry, BinaryCrossEntropy.entry, VAEEvidenceBound.entry,
    ])
}
