import Problems
import Tensors

extension Mutant {
  /// Mistakes in the order of the examples: 38 batches an epoch, 2.6 epochs.
  static let dataOrder: [Mutant] = [
    Mutant(
      "order-seed-ignored", "every run draws the batches of seed 0",
      .material("seeds are no longer independent, and every interval over seeds is wrong")
    ) { $0.alterProblem(ProblemChange(orderSeed: { _ in 0 })) },
    Mutant(
      "order-shifted", "batches are drawn with seed + 1,000",
      .slight("other batches of the same distribution: no result of statistics changes")
    ) { $0.alterProblem(ProblemChange(orderSeed: { $0 + 1000 })) },
    Mutant(
      "not-shuffled", "batches come in the order of the file",
      .slight("the digits of the file are well mixed")
    ) {
      $0.alterProblem(
        ProblemChange(batch: { indices, step, _ in
          let start = 32 * (step % 37)
          for index in indices.indices { indices[index] = Int32(start + index) }
        }))
    },
    Mutant(
      "last-batch-dropped", "the last, smaller batch of each epoch is left out",
      .slight("two of a hundred steps see 32 examples instead of 13")
    ) {
      $0.alterProblem(
        ProblemChange(batch: { indices, _, order in
          if indices.count < 32 { indices = Array(order.next().indices) }
        }))
    },
    Mutant(
      "half-the-data", "only the first 600 examples are ever drawn",
      .material("the network generalises from half the data")
    ) {
      $0.alterProblem(
        ProblemChange(batch: { indices, _, _ in
          for index in indices.indices { indices[index] %= 600 }
        }))
    },
    Mutant(
      "same-batch-twice", "every batch is used for two steps",
      .material("the network sees half the data, and consecutive gradients are alike")
    ) { $0.alterProblem(ProblemChange(batchUses: 2)) },
    Mutant(
      "half-batches", "a batch holds its first half twice",
      .material("the noise of every gradient is that of half the batch")
    ) {
      $0.alterProblem(
        ProblemChange(batch: { indices, _, _ in
          let half = max(indices.count / 2, 1)
          for index in indices.indices { indices[index] = indices[index % half] }
        }))
    },
  ]

  /// Mistakes in the initial parameters: He's normal initialisation with gain 1.5.
  static let initialization: [Mutant] = [
    Mutant(
      "parameter-seed-ignored", "every run starts from the parameters of seed 0",
      .material("seeds are no longer independent, and every interval over seeds is wrong")
    ) { $0.alterProblem(ProblemChange(parameterSeed: { _ in 0 })) },
    Mutant(
      "gain-1.2", "initial weights are a fifth too large",
      .material("the outputs of four layers are twice as large")
    ) {
      $0.alterProblem(
        ProblemChange(parameters: { parameters, _ in
          for index in parameters.indices { parameters[index] *= 1.2 }
        }))
    },
    Mutant(
      "fan-out", "weights are scaled by the fan-out instead of the fan-in",
      .material("the first layer's weights are larger by √2, the last one's by √3")
    ) {
      $0.alterProblem(
        ProblemChange(parameters: { parameters, layout in
          for tensor in layout.tensors where tensor.shape.count == 2 {
            // Whichever of the two comes first in the shape: one is 32.
            let other = tensor.shape[0] == 32 ? tensor.shape[1] : tensor.shape[0]
            let isLast = tensor.offset > layout.count / 2
            let factor = (isLast ? 32 / Float(other) : Float(other) / 32).squareRoot()
            for index in tensor.offset..<(tensor.offset + tensor.count) {
              parameters[index] *= factor
            }
          }
        }))
    },
    Mutant(
      "last-layer-zero", "the last layer starts at zero",
      .material("the first gradients of all layers below are zero")
    ) {
      $0.alterProblem(
        ProblemChange(parameters: { parameters, layout in
          guard let layer = layout.tensors.last(where: { $0.shape.count == 2 }) else { return }
          for index in layer.offset..<(layer.offset + layer.count) { parameters[index] = 0 }
        }))
    },
    Mutant(
      "biases-0.01", "biases start at 0.01 instead of 0",
      .slight("a hundredth of what the layers put out")
    ) {
      $0.alterProblem(
        ProblemChange(parameters: { parameters, layout in
          for tensor in layout.tensors where tensor.shape.count == 1 {
            for index in tensor.offset..<(tensor.offset + tensor.count) { parameters[index] = 0.01 }
          }
        }))
    },
  ]

  /// Mistakes in the loss and its gradient: cross-entropy, the mean over a batch of 32.
  static let loss: [Mutant] = [
    Mutant(
      "sum-for-mean", "the gradient is summed over the batch",
      .material("it is 32 times as large")
    ) {
      $0.alterProblem(
        ProblemChange(gradient: { _, gradient, batch, layout in
          for index in 0..<layout.count { gradient[index] *= Float(batch) }
        }))
    },
    Mutant(
      "wrong-divisor", "the gradient is divided by 32 whatever the batch holds",
      .slight("only the last batch of an epoch holds less")
    ) {
      $0.alterProblem(
        ProblemChange(gradient: { _, gradient, batch, layout in
          for index in 0..<layout.count { gradient[index] *= Float(batch) / 32 }
        }))
    },
    Mutant(
      "gradient-cut", "the first layer gets no gradient",
      .material("the first layer stays as it was drawn")
    ) {
      $0.alterProblem(
        ProblemChange(gradient: { _, gradient, _, layout in
          for index in 0..<layout.tensors[0].count { gradient[index] = 0 }
        }))
    },
    Mutant(
      "gradient-halved-below", "every layer but the last gets half its gradient",
      .material("momentum moves those layers half as far")
    ) {
      $0.alterProblem(
        ProblemChange(gradient: { _, gradient, _, layout in
          guard let layer = layout.tensors.last(where: { $0.shape.count == 2 }) else { return }
          for index in 0..<layer.offset { gradient[index] *= 0.5 }
        }))
    },
    Mutant(
      "validation-for-test", "the test split is evaluated on the validation data",
      .material("the loss that ranks is another one")
    ) { $0.alterProblem(ProblemChange(split: { $0 == .test ? .validation : $0 })) },
  ]
}
