public import Settings
public import Tensors

/// A loss between a model's outputs and class labels, averaged over the examples of a batch.
public protocol Loss: Sendable {
  /// The name in an experiment file.
  var name: String { get }
  /// The greatest lower bound of the loss.
  var lowerBound: Double { get }

  /// The loss of a model that knows nothing, which gives every class the same output: the natural
  /// unit of the loss.
  func unit(classes: Int) -> Double

  /// Σ over the rows of each example's loss, in `Double`; where `gradient` is given, it receives
  /// the gradient of the mean over the rows.
  ///
  /// - Parameters:
  ///   - outputs: `[rows, classes]`, row-major, followed by `activationSlack` floats.
  ///   - labels: A class from 0 for each row.
  ///   - gradient: `[rows, classes]`, row-major, followed by `activationSlack` floats.
  func sum(
    outputs: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, classes: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double
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
    kind: "loss", [CrossEntropy.entry, MeanSquaredError.entry])
}
