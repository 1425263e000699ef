internal import Settings
internal import Tensors

/// Resilient backpropagation (Riedmiller & Braun, 1993), in the variant without weight
/// backtracking that PyTorch has (iRprop⁻: Igel & Hüsken, 2000).
///
/// Each element has a step size s, which starts at the learning rate of the first update. With g₋
/// the gradient kept from the update before:
///
///     s ← η⁺s where g·g₋ > 0, η⁻s where g·g₋ < 0, held within `step_sizes`
///     g ← 0 where g·g₋ < 0        u = −s·sign(g)        g₋ ← g
///
/// A later learning rate changes nothing: a schedule has no effect. As in PyTorch the sign of NaN is
/// 0, so a NaN gradient moves nothing; the trainer's record still counts it.
struct Rprop: DirectOptimizer {
  let shrink: Double
  let grow: Double
  let least: Double
  let greatest: Double
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("prev", layout.count), ("step_size", layout.count)], numbers: [("updates", 0)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    if state.numbers[0] == 0 { state.arrays[1].fill(Float(step.learningRate)) }
    state.numbers[0] += 1
    step.writeUpdate(
      Kernel(
        previous: state[0], sizes: state[1], shrink: Lanes(repeating: Float(shrink)),
        grow: Lanes(repeating: Float(grow)), least: Lanes(repeating: Float(least)),
        greatest: Lanes(repeating: Float(greatest))), maximize: maximize)
  }

  private struct Kernel: UpdateKernel {
    let previous: UnsafeMutablePointer<Float>
    let sizes: UnsafeMutablePointer<Float>
    let shrink: Lanes
    let grow: Lanes
    let least: Lanes
    let greatest: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      // Of the sign alone, since a product of small gradients would be 0.
      let agreement = signs(of: gradient) * place.load(previous)
      var factor = Lanes.one
      factor.replace(with: grow, where: agreement .> 0)
      factor.replace(with: shrink, where: agreement .< 0)
      var size = place.load(sizes) * factor
      size.replace(with: least, where: size .< least)
      size.replace(with: greatest, where: size .> greatest)
      place.store(size, sizes)
      let kept = gradient.replacing(with: 0, where: agreement .< 0)
      place.store(kept, previous)
      var update = Lanes.zero
      update.replace(with: -size, where: kept .> 0)
      update.replace(with: size, where: kept .< 0)
      return update
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var rprop: Self {
    CatalogEntry(
      name: "rprop", summary: "a step size of its own for each element, led by the gradient's sign",
      reference: "Riedmiller & Braun, 1993; Igel & Hüsken, 2000",
      hyperparameters: [
        .learningRate(0.01),
        Hyperparameter(
          "etas", .numbers(.positive, count: 2), default: .numbers([0.5, 1.2]),
          "factors where the sign changes, η⁻ < 1, and where it does not, η⁺ > 1"),
        Hyperparameter(
          "step_sizes", .numbers(.positive, count: 2), default: .numbers([1e-6, 50]),
          scale: .logarithmic, "the least and the greatest step"),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let etas = options.numbers("etas")
      guard etas[0] < 1, etas[1] > 1 else {
        throw HyperparameterError(
          "etas",
          "[\(numberLabel(etas[0])), \(numberLabel(etas[1]))] does not shrink and grow; "
            + "allowed: the first < 1, the second > 1")
      }
      let sizes = options.numbers("step_sizes")
      guard sizes[0] <= sizes[1] else {
        throw HyperparameterError(
          "step_sizes",
          "the least step \(numberLabel(sizes[0])) exceeds the greatest "
            + "\(numberLabel(sizes[1])); exchange the two")
      }
      return Rprop(
        shrink: etas[0], grow: etas[1], least: sizes[0], greatest: sizes[1],
        maximize: options.boolean("maximize"))
    }
  }
}
