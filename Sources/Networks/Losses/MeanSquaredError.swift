import Settings
import Tensors

/// The squared distance between the outputs and their targets, averaged over the outputs and the
/// batch: Σ_j (z_j − t_j)² / width, PyTorch's `MSELoss`. A class label y stands for its one-hot
/// vector: t_j = [j = y].
public struct MeanSquaredError: Loss {
  public init() {}

  public var name: String { "mean-squared-error" }
  public var lowerBound: Double { 0 }

  /// (1 − 1/classes)/classes for classes: every output is 1/classes. 1 for values.
  public func unit(for kind: TargetKind) -> Double {
    guard case .classes(let classes) = kind, classes > 1 else { return 1 }
    let share = 1 / Double(classes)
    return share * (1 - share)
  }

  /// The variance of the targets, averaged over the outputs.
  public func constantLoss(means: [Double], meanSquares: [Double]) -> Double {
    zip(means, meanSquares).reduce(0) { $0 + max($1.1 - $1.0 * $1.0, 0) } / Double(means.count)
  }

  public func accepts(_ kind: TargetKind) -> Bool { true }

  public func sum(
    outputs: UnsafePointer<Float>, targets: Targets, rows: Int, width: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    switch targets {
    case .classes(let labels):
      sum(outputs, rows, width, gradient) { row, column in column == Int(labels[row]) ? 1 : 0 }
    case .values(let values):
      sum(outputs, rows, width, gradient) { row, column in values[row * width + column] }
    }
  }

  @inline(__always)
  private func sum(
    _ outputs: UnsafePointer<Float>, _ rows: Int, _ width: Int,
    _ gradient: UnsafeMutablePointer<Float>?, target: (Int, Int) -> Float
  ) -> Double {
    let share = 2 / (Float(rows) * Float(width))
    var total = 0.0
    for row in 0..<rows {
      let z = outputs + row * width
      var squares = 0.0
      for column in 0..<width {
        let difference = z[column] - target(row, column)
        squares += Double(difference) * Double(difference)
        if let gradient { gradient[row * width + column] = share * difference }
      }
      total += squares / Double(width)
    }
    return total
  }

  static let entry = CatalogEntry<any Loss>(
    name: "mean-squared-error",
    summary: "squared error to the values or the one-hot label, mean over outputs and batch",
    reference: "Hui & Belkin (2021)", hyperparameters: []
  ) { _ in MeanSquaredError() }
}
