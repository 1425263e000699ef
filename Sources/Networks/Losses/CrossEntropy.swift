import Settings
public import Tensors

/// Softmax cross-entropy: −log(exp z_y / Σ exp z_j) for outputs z and label y.
///
/// Computed as log Σ exp(z_j − m) − (z_y − m) with m = max z, so that large finite outputs do not
/// overflow. As in PyTorch, an infinite or NaN output makes the example's loss and gradient NaN,
/// except −∞ beside finite outputs, which is a probability of 0 (and a loss of +∞ at the label).
/// Rows are computed in `Float` and added in `Double`; PyTorch adds in `Float`.
///
/// With `label_smoothing` ε (Szegedy et al., 2016) the target is (1 − ε)·[j = y] + ε/classes, as in
/// PyTorch. Labels can then not be drawn from the outputs, since the loss is no −log p of a label:
/// methods that ask for sampled labels are refused.
public struct CrossEntropy: ProbabilisticLoss {
  public init() {}

  public var name: String { "cross-entropy" }
  public var lowerBound: Double { 0 }
  public func unit(for kind: TargetKind) -> Double { logarithm(Double(kind.outputs)) }

  /// The entropy of the classes' frequencies, −Σ p log p.
  public func constantLoss(means: [Double], meanSquares: [Double]) -> Double {
    means.reduce(0) { $1 > 0 ? $0 - $1 * logarithm($1) : $0 }
  }

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
    return Self.sum(
      outputs, labels: labels, rows: rows, classes: classes, smoothing: 0, gradient: gradient)
  }

  /// The same for targets of which a share ε, `smoothing`, is spread evenly over the classes:
  /// (1 − ε)·[j = y] + ε/classes.
  static func sum(
    _ outputs: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, classes: Int,
    smoothing: Double, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    let share = Lanes(repeating: 1 / Float(rows))
    let spread = share * Lanes(repeating: Float(smoothing / Double(classes)))
    let labelShare = smoothing > 0 ? share[0] * Float(1 - smoothing) : share[0]
    var total = 0.0
    for row in 0..<rows {
      let z = outputs + row * classes
      let label = Int(labels[row])
      let maximum = Self.maximum(z, count: classes)
      let sum = Self.sumOfExponentials(
        z, minus: maximum, count: classes, into: gradient.map { $0 + row * classes })
      var score = Double(z[label] - maximum)
      if smoothing > 0 {
        score =
          (1 - smoothing) * score
          + smoothing * Self.meanDifference(z, from: maximum, count: classes)
      }
      total += logarithm(Double(sum)) - score
      if let gradient {
        // The last columns spill into the next row, which is written after.
        let g = gradient + row * classes
        let factor = share / Lanes(repeating: sum)
        var index = 0
        while index < classes {
          var new = Vector.load(g, index) * factor
          if smoothing > 0 { new -= spread }
          Vector.store(new, g, index)
          index += 16
        }
        g[label] -= labelShare
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

  /// The mean of z_j − m over the columns.
  private static func meanDifference(
    _ z: UnsafePointer<Float>, from maximum: Float, count: Int
  ) -> Double {
    let shift = Lanes(repeating: maximum)
    var sum = Lanes.zero
    var index = 0
    while index < count {
      let difference = Vector.load(z, index) - shift
      sum += Tail(count: count - index).join(difference, behind: .zero)
      index += 16
    }
    return Double(sum.sum()) / Double(count)
  }

  static let entry = CatalogEntry<any Loss>(
    name: "cross-entropy", summary: "softmax cross-entropy, mean over the batch",
    reference: "Bridle (1990); Szegedy et al. (2016)",
    hyperparameters: [
      Hyperparameter(
        "label_smoothing", .number(.unit), default: .number(0),
        "share of each target that is spread evenly over the classes, ε")
    ]
  ) { options in
    let smoothing = options.number("label_smoothing")
    return smoothing == 0 ? CrossEntropy() : SmoothedCrossEntropy(labelSmoothing: smoothing)
  }
}
