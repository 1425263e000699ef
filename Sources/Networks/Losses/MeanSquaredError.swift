import Settings
import Tensors

/// The squared distance between the outputs and the label's one-hot vector, averaged over the
/// classes and the batch: Σ_j (z_j − [j = y])² / classes. PyTorch's `MSELoss` on one-hot targets.
public struct MeanSquaredError: Loss {
  public init() {}

  public var name: String { "mean-squared-error" }
  public var lowerBound: Double { 0 }

  /// (1 − 1/classes)/classes: every output is 1/classes.
  public func unit(classes: Int) -> Double {
    let share = 1 / Double(classes)
    return classes > 1 ? share * (1 - share) : 1
  }

  public func sum(
    outputs: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, classes: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    let share = 2 / (Float(rows) * Float(classes))
    var total = 0.0
    for row in 0..<rows {
      let z = outputs + row * classes
      let label = Int(labels[row])
      var squares = 0.0
      for column in 0..<classes {
        let difference = z[column] - (column == label ? 1 : 0)
        squares += Double(difference) * Double(difference)
        if let gradient { gradient[row * classes + column] = share * difference }
      }
      total += squares / Double(classes)
    }
    return total
  }

  static let entry = CatalogEntry<any Loss>(
    name: "mean-squared-error",
    summary: "squared error to the one-hot label, mean over classes and batch",
    reference: "Hui & Belkin (2021)", hyperparameters: []
  ) { _ in MeanSquaredError() }
}
