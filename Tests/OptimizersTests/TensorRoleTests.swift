import Optimizers
import Settings
import Tensors
import Testing

/// What rules do to some tensors and not to others, by the first update that the formulas give.
@Suite struct TensorRoleTests {
  private static let layout = ParameterLayout([
    ("dense.weight", [2, 2], .weight), ("dense.bias", [2], .bias), ("norm.weight", [2], .norm),
    ("tokens", [2, 2], .embedding),
  ])

  /// The first update by tensor, at the learning rate 0.5.
  private func firstUpdate(
    _ optimizer: String, initial: Float, gradient: [Float]
  ) throws -> [[Float]] {
    let choice = try OptimizerChoice.read(try .parse(optimizer, file: "test"))
    let layout = Self.layout
    var run = OptimizerRun(
      choice.optimizer, layout: layout, learningRate: 0.5,
      initial: [Float](repeating: initial, count: layout.count))
    run.take(gradient)
    return layout.tensors.map { tensor in
      (0..<tensor.count).map { run.update.pointer[tensor.offset + $0] }
    }
  }

  /// θ ← θ − ηλθ with η = λ = ½, and no gradient.
  @Test func weightsAndEmbeddingsDecayWhereOnlyWeightsAreToAndTheOthersDoNot() throws {
    let still = [Float](repeating: 0, count: Self.layout.count)
    let update = try firstUpdate(
      "{name: adamw, weight_decay: 0.5, weight_decay_on: weights}", initial: 1, gradient: still)
    #expect(update.map(Set.init) == [[-0.25], [0], [0], [-0.25]])
    let all = try firstUpdate("{name: adamw, weight_decay: 0.5}", initial: 1, gradient: still)
    #expect(all.allSatisfy { Set($0) == [-0.25] })
  }

  /// Adam's first direction is g/|g|, and a tensor that is all zeros has no norm to scale it by:
  /// u = −η·sign(g), not 0 for ever.
  @Test func lambMovesATensorThatIsAllZeros() throws {
    let gradient = (0..<Self.layout.count).map { Float($0 % 2 == 0 ? 2 : -3) }
    let update = try firstUpdate(
      "{name: lamb, weight_decay: 0}", initial: 0, gradient: gradient)
    for (value, slope) in zip(update.joined(), gradient) {
      #expect(abs(value - (slope > 0 ? -0.5 : 0.5)) < 1e-5)
    }
  }

  /// Muon's matrix becomes orthogonal, whatever its gradient's lengths; all else gets AdamW, whose
  /// first update is −η·sign(g).
  @Test func muonMakesWeightsOrthogonalAndLeavesEmbeddingsToAdam() throws {
    var gradient = [Float](repeating: -3, count: Self.layout.count)
    // Two rows at right angles, of lengths 5 and 10.
    gradient.replaceSubrange(0..<4, with: [3, 4, -8, 6])
    // The same gradient in the embedding.
    gradient.replaceSubrange(8..<12, with: [3, 4, -8, 6])
    let update = try firstUpdate("{name: muon, weight_decay: 0}", initial: 0, gradient: gradient)
    let (x, y) = (update[0][0..<2], update[0][2..<4])
    let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(dot) < 1e-3)
    // Five iterations bring the singular values to about 1, between 0.68 and 1.13.
    for row in [x, y] {
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot() / 0.5
      #expect(length > 0.65 && length < 1.15)
    }
    for (value, slope) in zip(update[3], gradient[8..<12]) {
      #expect(abs(value - (slope > 0 ? -0.5 : 0.5)) < 1e-5)
    }
  }
}
