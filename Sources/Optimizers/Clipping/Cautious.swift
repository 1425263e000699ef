internal import Settings
internal import Tensors

/// Leaves out of an update what would climb along the gradient, and makes the rest larger for it
/// (Liang, Chen, Liu & Liu, 2024, cautious optimizers).
///
/// For each tensor of d elements, with the update u and the gradient g that the optimizer was given:
///
///     φ = 1 where u·g < 0, else 0        n = Σφ        u ← u·φ·d/(n + 1)
///
/// This is the `paper`'s scale, with ξ = 1; that of the authors' `code` is 1/max(n/d, 1e-3), which lets
/// a tensor that descends everywhere keep its bits. At `momentum` φ = 1 where the momentum has the sign
/// of g, and weight decay beside the rule is applied apart: C-AdamW and C-Lion as the authors' code has
/// them. At `update` decoupled decay is part of u, and the same for all rules that divide the momentum
/// by something positive where there is none. The signs are compared, so that products of small numbers
/// count. An element with NaN in g is left out; one with NaN in u stays NaN, one with ±∞ that is left out
/// becomes NaN. An optimizer that is to maximize is held back.
struct Cautious: StepTransform {
  enum Scale: String, CaseIterable {
    case paper, code
  }

  let scale: Scale
  let allowedStages = [ClippingStage.update, .momentum]

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let wanted = Lanes(repeating: context.stage == .update ? -1 : 1)
    var fired = false
    let tensors = vector.layout.tensors
    for index in tensors.indices where tensors[index].count > 0 {
      let tensor = tensors[index]
      let gradient = context.gradient + tensor.offset
      let values = vector.values + tensor.offset
      let kept = count(values, gradient, wanted, count: tensor.count)
      let factor = factor(kept: Double(kept), of: Double(tensor.count))
      guard kept < tensor.count || factor != 1 else { continue }
      keep(
        vector.mutableValues() + tensor.offset, along: gradient, wanted * factor,
        count: tensor.count)
      fired = true
    }
    return ClippingTelemetry(fired: fired)
  }

  private func factor(kept: Double, of count: Double) -> Float {
    switch scale {
    case .paper: Float(count / (kept + 1))
    case .code: Float(1 / max(kept / count, 1e-3))
    }
  }

  /// The product of the signs, times `weight` where that is positive, else 0.
  @inline(__always)
  private func mask(_ values: Lanes, _ gradient: Lanes, _ weight: Lanes) -> Lanes {
    let product = signs(of: values) * signs(of: gradient) * weight
    return Lanes.zero.replacing(with: product, where: product .> 0)
  }

  /// How many elements are kept.
  private func count(
    _ values: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, _ wanted: Lanes, count: Int
  ) -> Int {
    var total = 0
    var index = 0
    while index < count {
      // Counts of a block are exact in float.
      let end = min(index + 16_384, count)
      var sums = Lanes.zero
      while index + 16 <= end {
        sums += mask(Vector.load(values, index), Vector.load(gradient, index), wanted)
        index += 16
      }
      if index < end {
        let place = PartialLanes(index: index, count: end - index)
        sums += mask(place.load(values), place.load(gradient), wanted)
        index = end
      }
      total += Int(sums.sum())
    }
    return total
  }

  /// Multiplies what is kept by the size of `weight`, and the rest by 0.
  private func keep(
    _ values: UnsafeMutablePointer<Float>, along gradient: UnsafePointer<Float>, _ weight: Lanes,
    count: Int
  ) {
    var index = 0
    while index + 16 <= count {
      keep(values, gradient, weight, at: WholeLanes(index: index))
      index += 16
    }
    if index < count {
      keep(values, gradient, weight, at: PartialLanes(index: index, count: count - index))
    }
  }

  @inline(__always)
  private func keep(
    _ values: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ weight: Lanes,
    at place: some LanePlace
  ) {
    let before = place.load(values)
    place.store(before * mask(before, place.load(gradient), weight), values)
  }
}

extension ClippingEntry {
  static var cautious: Self {
    ClippingEntry(
      name: "cautious", summary: "the part of an update that climbs along the gradient left out",
      reference: "Liang, Chen, Liu & Liu, 2024",
      hyperparameters: [
        Hyperparameter(
          "scale", .choice(Cautious.Scale.allCases.map(\.rawValue)), default: .text("paper"),
          "how much larger the rest becomes")
      ]
    ) { options throws(HyperparameterError) in
      [Cautious(scale: Cautious.Scale(rawValue: options.text("scale")) ?? .paper)]
    }
  }
}
