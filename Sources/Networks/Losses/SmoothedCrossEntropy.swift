import Settings
import Tensors

/// `CrossEntropy` with targets (1 − ε)·[j = y] + ε/classes.
///
/// Its least value is the entropy of the targets, which depends on the number of classes; the lower
/// bound given is 0.
public struct SmoothedCrossEntropy: Loss {
  /// ε, from 0 to 1.
  public let labelSmoothing: Double

  public init(labelSmoothing: Double) {
    precondition((0...1).contains(labelSmoothing), "no label smoothing by \(labelSmoothing)")
    self.labelSmoothing = labelSmoothing
  }

  public var name: String {
    "cross-entropy with label smoothing \(numberLabel(labelSmoothing))"
  }
  public var lowerBound: Double { 0 }
  public func unit(for kind: TargetKind) -> Double { CrossEntropy().unit(for: kind) }

  /// The entropy of the smoothed frequencies.
  public func constantLoss(means: [Double], meanSquares: [Double]) -> Double {
    let share = labelSmoothing / Double(means.count)
    return CrossEntropy().constantLoss(
      means: means.map { (1 - labelSmoothing) * $0 + share }, meanSquares: meanSquares)
  }

  public func accepts(_ kind: TargetKind) -> Bool { CrossEntropy().accepts(kind) }

  public func sum(
    outputs: UnsafePointer<Float>, targets: Targets, rows: Int, width: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    guard case .classes(let labels) = targets else {
      preconditionFailure("cross-entropy has labels")
    }
    return CrossEntropy.sum(
      outputs, labels: labels, rows: rows, classes: width, smoothing: labelSmoothing,
      gradient: gradient)
  }
}
