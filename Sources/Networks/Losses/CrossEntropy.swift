import Settings
public import Tensors

/// Softmax cross-entropy: −log(exp z_y / Σ exp z_j) for outputs z and label y.
///
/// Computed as log Σ exp(z_j − m) − (z_y − m) with m = max z, so that large finite outputs do not
/// overflow. As in PyTorch, an infinite or NaN output makes the example's loss and gradient NaN,
/// except −∞ beside finite outputs, which is a probability of 0 (and a loss of +∞ at the label).
/// Rows are computed in `Float` and added in `Double`; PyTorch adds in `Float`.
public struct CrossEntropy: ProbabilisticLoss {
  public init() {}

  public var name: String { "cross-entropy" }
  public var lowerBound: Double { 0 }
  public func unit(for kind: TargetKind) -> Double { logarithm(Double(kind.outputs)) }

  public func accepts(_ kind: TargetKind) -> Bool {
    if case .classes = kind { true } else { false }
  }

  public func sum(
    outputs: UnsafePointer<Float>, targets: Targets, rows: Int, width classes: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    guard case .classes(let labels) = targets else {
      preconditionFailure("cross-entropy has labels")
    }
    let share = Lanes(repeating: 1 / Float(rows))
    var total = 0.0
    for row in 0..<rows {
      let z = outputs + row * classes
      let label = Int(labels[row])
      let maximum = Self.maximum(z, count: classes)
      let sum = Self.sumOfExponentials(
        z, minus: maximum, count: classes, into: gradient.map { $0 + row * classes })
      total += logarithm(Double(sum)) - Double(z[label] - maximum)
      if let gradient {
        // The last columns spill into the next row, which is written after.
        let g = gradient + row * classes
        let factor = share / Lanes(repeating: sum)
        var index = 0
        while index < classes {
          Vector.store(Vector.load(g, index) * factor, g, index)
          index += 16
        }
        g[label] -= share[0]
      }
    }
    return total
  }

  /// Inverts the softmax' cumulative sum, in Double, at one uniform number for each row; a row with
  /// a NaN gets the last class.
  public func drawLabels(
    outputs: UnsafePointer<Float>, rows: Int, classes: Int, from stream: inout RandomStream,
    into labels: UnsafeMutablePointer<Int32>
  ) {
    for row in 0..<rows {
      let z = outputs + row * classes
      let maximum = Double((0..<classes).reduce(-Float.infinity) { max($0, z[$1]) })
      var total = 0.0
      for label in 0..<classes { total += exponential(Double(z[label]) - maximum) }
      var remaining = stream.uniform() * total
      var label = 0
      while label < classes - 1 {
        remaining -= exponential(Double(z[label]) - maximum)
        if remaining < 0 { break }
        label += 1
      }
      labels[row] = Int32(label)
    }
  }

  /// Lanes past the end count as −∞.
  @inline(__always)
  private static func load(_ z: UnsafePointer<Float>, _ index: Int, count: Int) -> Lanes {
    let lanes = Vector.load(z, index)
    guard index + 16 > count else { return lanes }
    return Tail(count: count - index).join(lanes, behind: Lanes(repeating: -.infinity))
  }

  @inline(__always)
  private static func maximum(_ z: UnsafePointer<Float>, count: Int) -> Float {
    var largest = load(z, 0, count: count)
    var index = 16
    while index < count {
      let next = load(z, index, count: count)
      largest.replace(with: next, where: .!(largest .>= next))
      index += 16
    }
    return LaneFunctions.maximum(largest)
  }

  /// Σ exp(z_j − m), with the terms in `terms`, sixteen at a time.
  @inline(__always)
  private static func sumOfExponentials(
    _ z: UnsafePointer<Float>, minus maximum: Float, count: Int,
    into terms: UnsafeMutablePointer<Float>?
  ) -> Float {
    let shift = Lanes(repeating: maximum)
    var sum = Lanes.zero
    var index = 0
    while index < count {
      var term = LaneFunctions.exponential(load(z, index, count: count) - shift)
      if index + 16 > count { term = Tail(count: count - index).join(term, behind: .zero) }
      if let terms { Vector.store(term, terms, index) }
      sum += term
      index += 16
    }
    return sum.sum()
  }

  static let entry = CatalogEntry<any Loss>(
    name: "cross-entropy", summary: "softmax cross-entropy, mean over the batch",
    reference: "Bridle (1990)", hyperparameters: []
  ) { _ in CrossEntropy() }
}
