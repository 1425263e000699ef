import Networks
import Tensors
import Testing

/// The loss of the best constant output, against a descent that looks for it.
struct ConstantLossTests {
  static let width = 5
  static let rows = 48
  static let losses: [any Loss] = [
    CrossEntropy(), SmoothedCrossEntropy(labelSmoothing: 0.2), BinaryCrossEntropy(),
    MeanSquaredError(), VAEEvidenceBound(),
  ]

  @Test(arguments: 0..<losses.count, [true, false])
  func noConstantOutputIsBetter(index: Int, classes: Bool) {
    let loss = Self.losses[index]
    guard loss.accepts(classes ? .classes(Self.width) : .values(Self.width)),
      !(classes && loss.reconstructsInput)
    else { return }
    var stream = RandomStream(seed: 5, name: "targets")
    let labels = (0..<Self.rows).map { _ in
      Int32(min(stream.integer(below: Self.width), stream.integer(below: Self.width)))
    }
    let values = (0..<Self.rows * Self.width).map {
      Float(stream.uniform()) * Float($0 % Self.width + 1) / 5
    }
    let targets = { (row: Int, column: Int) -> Double in
      classes
        ? (Int(labels[row]) == column ? 1 : 0) : Double(values[row * Self.width + column])
    }
    var means = [Double](repeating: 0, count: Self.width)
    var squares = means
    for row in 0..<Self.rows {
      for column in 0..<Self.width {
        means[column] += targets(row, column) / Double(Self.rows)
        squares[column] += targets(row, column) * targets(row, column) / Double(Self.rows)
      }
    }
    let least = labels.withUnsafeBufferPointer { labels in
      values.withUnsafeBufferPointer { values -> Double in
        guard let labels = labels.baseAddress, let values = values.baseAddress else { return .nan }
        return Self.descend(loss, classes ? .classes(labels) : .values(values))
      }
    }
    let constant = loss.constantLoss(means: means, meanSquares: squares)
    #expect(abs(least - constant) < 2e-6 * max(1, constant), "\(loss.name): \(least), \(constant)")
  }

  /// The least mean loss of outputs that are the same for every row.
  static func descend(_ loss: any Loss, _ targets: Targets) -> Double {
    let outputs = FloatBuffer(count: rows * width + activationSlack)
    let gradient = FloatBuffer(count: rows * width + activationSlack)
    outputs.fill(0)
    var best = Double.infinity
    for _ in 0..<3000 {
      let value =
        loss.sum(
          outputs: outputs.pointer, targets: targets, rows: rows, width: width,
          gradient: gradient.pointer) / Double(rows)
      best = min(best, value)
      for column in 0..<width {
        let slope = (0..<rows).reduce(Float(0)) { $0 + gradient.pointer[$1 * width + column] }
        for row in 0..<rows { outputs.pointer[row * width + column] -= 0.5 * slope }
      }
    }
    return best
  }

  @Test func aValueBeyondAQuestionHasNoConstantAnswer() {
    #expect(BinaryCrossEntropy().constantLoss(means: [1.5], meanSquares: [3]).isNaN)
  }
}
