import Optimizers
import Tensors

extension Mutant {
  private static let adams: Set<String> = ["adam", "adamw"]

  /// Mistakes in the rules.
  static let optimizer: [Mutant] = [
    Mutant(
      "bias-correction-dropped", "Adam's means start at zero and nobody corrects for it",
      .material("the first steps are several times too long, which moves the edge of stability")
    ) { specimen in
      guard adams.contains(specimen.optimizer) else { return }
      specimen.alterOptimizer(
        OptimizerChange(state: { state, step in if step.step == 0 { state.numbers[0] = 1e6 } }))
    },
    Mutant(
      "bias-correction-late", "Adam counts its updates from 2",
      .slight("the first steps of a warm-up are shorter, the rest is the same")
    ) { specimen in
      guard adams.contains(specimen.optimizer) else { return }
      specimen.alterOptimizer(
        OptimizerChange(state: { state, step in if step.step == 0 { state.numbers[0] = 1 } }))
    },
    Mutant(
      "betas-swapped", "Adam takes β₁ for β₂ and the reverse",
      .material("the step divides by almost the gradient itself and averages it over 1,000 steps")
    ) { specimen in
      if specimen.optimizer == "adam" {
        specimen.takeOptimizer("{name: adam, betas: [0.999, 0.9]}")
      }
      if specimen.optimizer == "adamw" {
        specimen.takeOptimizer("{name: adamw, weight_decay: 0.5, betas: [0.999, 0.9]}")
      }
    },
    Mutant(
      "amsgrad-on", "Adam always divides by the largest mean square so far",
      .slight("within a hundred steps the mean square, over 1,000 steps, hardly falls")
    ) { specimen in
      if specimen.optimizer == "adam" { specimen.takeOptimizer("{name: adam, amsgrad: true}") }
    },
    Mutant(
      "epsilon-too-large", "Adam reads ε = 1e-8 as 1e-2",
      .material("gradients of the size of ε are divided by it: Adam turns into slow momentum")
    ) { specimen in
      if specimen.optimizer == "adam" { specimen.takeOptimizer("{name: adam, eps: 0.01}") }
    },
    Mutant(
      "epsilon-1e-5", "Adam reads ε = 1e-8 as 1e-5",
      .slight("most gradients here are larger than either")
    ) { specimen in
      if specimen.optimizer == "adam" { specimen.takeOptimizer("{name: adam, eps: 1.0e-5}") }
    },
    Mutant(
      "beta2-0.99", "Adam reads β₂ = 0.999 as 0.99",
      .slight(
        "within a hundred steps, corrected for their start, both means know the same gradients")
    ) { specimen in
      if specimen.optimizer == "adam" {
        specimen.takeOptimizer("{name: adam, betas: [0.9, 0.99]}")
      }
    },
    Mutant(
      "decay-0.45", "AdamW reads its decay of 0.5 as 0.45",
      .slight("a tenth of what the decay takes from the weights in a hundred steps")
    ) { specimen in
      if specimen.optimizer == "adamw" {
        specimen.takeOptimizer("{name: adamw, weight_decay: 0.45}")
      }
    },
    Mutant(
      "epsilon-below-root", "RMSprop adds ε to the mean square instead of to its root",
      .slight("√1e-8 = 1e-4 is still small beside most gradients here")
    ) { specimen in
      if specimen.optimizer == "rmsprop" {
        specimen.takeOptimizer("{name: rmsprop, eps_in_sqrt: true}")
      }
    },
    Mutant(
      "rmsprop-short-memory", "RMSprop averages over 10 steps instead of 100",
      .material("the mean square is ready at once, so the first steps are a third as long")
    ) { specimen in
      if specimen.optimizer == "rmsprop" { specimen.takeOptimizer("{name: rmsprop, alpha: 0.9}") }
    },
    Mutant(
      "decay-coupled", "AdamW's decay enters the gradient, as in Adam",
      .material("Adam normalises the decay away, so that λ means something else")
    ) { specimen in
      if specimen.optimizer == "adamw" {
        specimen.takeOptimizer("{name: adam, weight_decay: 0.5}")
      }
    },
    Mutant(
      "decay-dropped", "AdamW does not decay",
      .material("at λ = 0.5 and large rates the decay is what keeps the weights small")
    ) { specimen in
      if specimen.optimizer == "adamw" {
        specimen.takeOptimizer("{name: adamw, weight_decay: 0}")
      }
    },
    Mutant(
      "decay-without-rate", "AdamW's decay is not multiplied by the learning rate",
      .material("the weights halve at every step")
    ) { specimen in
      guard specimen.optimizer == "adamw" else { return }
      specimen.alterOptimizer(
        OptimizerChange(update: { update, step in
          for index in 0..<step.count {
            update[index] -= 0.5 * Float(1 - step.learningRate) * step.parameters[index]
          }
        }))
    },
    Mutant(
      "l2-dropped", "momentum leaves out its weight decay of 1e-3",
      .slight("a hundred steps of 1e-3 do not shrink weights by a hundredth")
    ) { specimen in
      if specimen.optimizer == "momentum" {
        specimen.takeOptimizer("{name: sgd, momentum: 0.9}")
      }
    },
    Mutant(
      "momentum-dropped", "momentum keeps nothing of its buffer",
      .material("the step is a tenth as long in the long run")
    ) { specimen in
      if specimen.optimizer == "momentum" {
        specimen.takeOptimizer("{name: sgd, weight_decay: 0.001}")
      }
    },
    Mutant(
      "momentum-dampened", "momentum adds a tenth of the gradient to its buffer",
      .material("the step is a tenth as long")
    ) { specimen in
      if specimen.optimizer == "momentum" {
        specimen.takeOptimizer("{name: sgd, momentum: 0.9, dampening: 0.9, weight_decay: 0.001}")
      }
    },
    Mutant(
      "nesterov-on", "momentum looks ahead although nobody asked",
      .material(
        "Nesterov's edge of stability is another one, and its steps weigh the last gradient more")
    ) { specimen in
      if specimen.optimizer == "momentum" {
        specimen.takeOptimizer("{name: sgd, momentum: 0.9, nesterov: true, weight_decay: 0.001}")
      }
    },
    Mutant(
      "stale-gradient", "every optimizer gets the gradient of the step before",
      .material("a delay of one step lowers the largest stable rate")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(gradient: { gradient, memory, step in
          for index in 0..<step.count {
            let last = memory[index]
            memory[index] = gradient[index]
            if step.step > 0 { gradient[index] = last }
          }
        }))
    },
    Mutant(
      "state-forgotten", "the optimizer's memory is lost at the start of each epoch",
      .material("means start from zero again, their correction does not")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(state: { state, step in
          guard step.step > 0, step.step % 38 == 0 else { return }
          for array in state.arrays {
            for index in 0..<array.count { array.pointer[index] = 0 }
          }
        }))
    },
    Mutant(
      "sign-flipped", "the first layer's weights climb",
      .material("the layer works against the others")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(update: { update, step in
          for index in 0..<step.layout.tensors[0].count { update[index] = -update[index] }
        }))
    },
    Mutant(
      "layer-frozen", "the last layer's weights never move",
      .material("the network can learn only through the layers below")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(update: { update, step in
          guard let layer = step.layout.tensors.last(where: { $0.shape.count == 2 }) else { return }
          for index in layer.offset..<(layer.offset + layer.count) { update[index] = 0 }
        }))
    },
    Mutant(
      "bias-frozen", "the last layer's biases never move",
      .slight("ten parameters of some 4,600, for which the weights make up")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(update: { update, step in
          guard let layer = step.layout.tensors.last else { return }
          for index in layer.offset..<(layer.offset + layer.count) { update[index] = 0 }
        }))
    },
    Mutant(
      "rate-1.05", "every learning rate is 5% too large",
      .slight("a twentieth of the distance between two rates of the grid")
    ) { specimen in
      specimen.alterOptimizer(OptimizerChange(learningRate: { rate, _ in 1.05 * rate }))
    },
    Mutant(
      "rate-1.5", "every learning rate is half as large again",
      .material("a third of the distance between two rates of the grid, and over the edge at some")
    ) { specimen in
      specimen.alterOptimizer(OptimizerChange(learningRate: { rate, _ in 1.5 * rate }))
    },
    Mutant(
      "update-in-half-precision", "updates are rounded to 16 bits (IEEE 754)",
      .slight("a relative error of 2⁻¹¹ that averages out; only huge updates overflow")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(update: { update, step in
          for index in 0..<step.count { update[index] = halfPrecision(update[index]) }
        }))
    },
    Mutant(
      "parameters-in-bfloat16", "parameters are kept in 16 bits (bfloat16)",
      .material("updates below 2⁻⁹ of a weight are lost, which are most at the small rates")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(update: { update, step in
          for index in 0..<step.count {
            let parameter = step.parameters[index]
            update[index] = bfloat16(parameter + update[index]) - parameter
          }
        }))
    },
    Mutant(
      "gradient-in-bfloat16", "gradients are rounded to 16 bits (bfloat16)",
      .slight("a relative error of 2⁻⁹ of numbers that are far noisier")
    ) { specimen in
      specimen.alterOptimizer(
        OptimizerChange(gradient: { gradient, _, step in
          for index in 0..<step.count { gradient[index] = bfloat16(gradient[index]) }
        }))
    },
  ]

  /// The nearest number with 8 bits of precision.
  private static func bfloat16(_ value: Float) -> Float {
    guard value.isFinite else { return value }
    let bits = value.bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000)
  }

  /// The nearest number with 11 bits of precision, infinite from 65,520; below 2⁻¹⁴ a multiple of
  /// 2⁻²⁴.
  private static func halfPrecision(_ value: Float) -> Float {
    guard value.isFinite else { return value }
    let size = abs(value)
    if size >= 65520 { return value > 0 ? .infinity : -.infinity }
    let exponent = size < 0x1p-14 ? -14 : Int(size.exponent)
    let unit = Float(sign: .plus, exponent: exponent - 10, significand: 1)
    return (value / unit).rounded(.toNearestOrEven) * unit
  }
}
