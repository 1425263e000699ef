import Settings
import Tensors

/// A yes-or-no question for each output z with target t from 0 to 1, averaged over the outputs and the
/// batch: Σ_j (log(1 + exp z_j) − t_j·z_j) / width, PyTorch's `BCEWithLogitsLoss`. A class label y
/// stands for its one-hot vector: t_j = [j = y].
///
/// Computed as max(z, 0) − t·z + log(1 + exp(−|z|)), so that large outputs do not overflow. Whether
/// values lie between 0 and 1 is not checked, as in PyTorch.
public struct BinaryCrossEntropy: Loss {
  public init() {}

  public var name: String { "binary-cross-entropy" }
  public var lowerBound: Double { 0 }

  /// The entropy of a yes that comes once in `classes` times; log 2 for values.
  public func unit(for kind: TargetKind) -> Double {
    guard case .classes(let classes) = kind, classes > 1 else { return logarithm(2) }
    let share = 1 / Double(classes)
    return -share * logarithm(share) - (1 - share) * logarithm(1 - share)
  }

  /// The entropy of each output's mean answer, averaged over the outputs.
  public func constantLoss(means: [Double], meanSquares: [Double]) -> Double {
    means.reduce(0) { $0 + Self.entropy($1) } / Double(means.count)
  }

  /// −t log t − (1 − t) log(1 − t); NaN outside [0, 1].
  static func entropy(_ t: Double) -> Double {
    if t == 0 || t == 1 { return 0 }
    return -t * logarithm(t) - (1 - t) * logarithm(1 - t)
  }

  public func accepts(_ kind: TargetKind) -> Bool { true }

  public func sum(
    outputs: UnsafePointer<Float>, targets: Targets, rows: Int, width: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    let share = 1 / (Float(rows) * Float(width))
    var total = 0.0
    for row in 0..<rows {
      let start = row * width
      let g = gradient.map { $0 + start }
      switch targets {
      case .classes(let labels):
        let label = SIMD16<Int32>(repeating: labels[row])
        total += Self.sum(outputs + start, width, share, into: g) { column in
          let columns = Self.firstColumns &+ SIMD16<Int32>(repeating: Int32(column))
          return Lanes.zero.replacing(with: Lanes(repeating: 1), where: columns .== label)
        }
      case .values(let values):
        total += Self.sum(outputs + start, width, share, into: g) { column in
          Vector.load(values, start + column)
        }
      }
    }
    return total / Double(width)
  }

  private static var firstColumns: SIMD16<Int32> {
    SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  }

  /// The sum over a row, and share·(σ(z) − t), which spills into the next row.
  @inline(__always)
  private static func sum(
    _ z: UnsafePointer<Float>, _ width: Int, _ share: Float,
    into gradient: UnsafeMutablePointer<Float>?, targets: (Int) -> Lanes
  ) -> Double {
    let one = Lanes(repeating: 1)
    var sum = 0.0
    for column in stride(from: 0, to: width, by: 16) {
      let x = Vector.load(z, column)
      let target = targets(column)
      let positive = x.replacing(with: Lanes.zero, where: x .< Lanes.zero)
      let away = x.replacing(with: Lanes.zero - x, where: x .< Lanes.zero)
      let decay = LaneFunctions.exponential(Lanes.zero - away)
      let loss = positive - target * x + LaneFunctions.logarithmOfOnePlus(decay)
      sum += Double(Tail(count: width - column).join(loss, behind: .zero).sum())
      if let gradient {
        let logistic = one.replacing(with: decay, where: x .< Lanes.zero) / (one + decay)
        Vector.store((logistic - target) * Lanes(repeating: share), gradient, column)
      }
    }
    return sum
  }

  static let entry = CatalogEntry<any Loss>(
    name: "binary-cross-entropy",
    summary: "logistic loss of each output to the value or the one-hot label, mean over outputs",
    reference: "Cox (1958)", hyperparameters: []
  ) { _ in BinaryCrossEntropy() }
}
