internal import CVector
internal import Settings
internal import Tensors

/// Coordinate-wise clipping with thresholds that adapt (ACClip; Zhang, Karimireddy, Veit, Kim, Reddi,
/// Kumar & Sra, 2020). Elementwise, from m = τ = 0 and without bias correction:
///
///     m ← β₁m + (1 − β₁)g        τ^α ← β₂τ^α + (1 − β₂)|g|^α        g ← min(τ/(|m| + ε), 1)·m
///
/// The optimizer receives the clipped momentum: with plain `sgd` this is the paper's algorithm, with
/// `betas: [0, β₂]` it clips the gradient itself. α = 1 is the paper's choice; the one public
/// implementation takes α = 2, and its ε is the default here, as the paper gives none.
///
/// A coordinate that once was NaN or ±∞ stays NaN, as in Adam; others are not affected. Finite
/// gradients of any size keep τ finite, since the state is τ and not τ^α. The momentum differs from
/// the gradient at almost every step, so the transform fires at each.
struct ACClip: StepTransform {
  let betas: (momentum: Double, threshold: Double)
  let alpha: Double
  let epsilon: Double
  let allowedStages = [ClippingStage.gradient]

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(arrays: [("momentum", layout.count), ("threshold", layout.count)])
  }

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    switch alpha {
    case 1: vector.rewrite(with: rule(FirstMoment(), state))
    case 2: vector.rewrite(with: rule(SecondMoment(), state))
    default: vector.rewrite(with: rule(OtherMoment(order: alpha), state))
    }
    return ClippingTelemetry(fired: true)
  }

  private func rule<Order: MomentOrder>(_ order: Order, _ state: NamedArrays) -> Rule<Order> {
    Rule(
      order: order, momentum: ExponentialMean(state[0], decay: betas.momentum),
      thresholds: state[1], decay: Lanes(repeating: Float(betas.threshold)),
      gain: Lanes(repeating: Float(1 - betas.threshold)), epsilon: Lanes(repeating: Float(epsilon)))
  }

  private struct Rule<Order: MomentOrder>: LaneRewrite {
    let order: Order
    let momentum: ExponentialMean
    let thresholds: UnsafeMutablePointer<Float>
    let decay: Lanes
    let gain: Lanes
    let epsilon: Lanes

    @inline(__always)
    func rewritten(_ values: Lanes, at place: some LanePlace) -> Lanes {
      let mean = momentum.take(values, at: place)
      let threshold = order.mean(
        of: place.load(thresholds), weight: decay, and: cvector_abs(values), weight: gain)
      place.store(threshold, thresholds)
      let scale = cvector_abs(mean) + epsilon
      let ratio = threshold / scale
      // A ratio that is no normal float would lose a product that is one.
      let clipped = (ratio * mean).replacing(
        with: threshold * (mean / scale),
        where: ratio .< Lanes(repeating: .leastNormalMagnitude))
      // A NaN ratio is not ≥ 1 and comes through.
      return clipped.replacing(with: mean, where: ratio .>= Lanes(repeating: 1))
    }
  }
}

/// The mean of order α of two magnitudes, (ax^α + by^α)^(1/α), for one α.
private protocol MomentOrder {
  func mean(of x: Lanes, weight a: Lanes, and y: Lanes, weight b: Lanes) -> Lanes
}

private struct FirstMoment: MomentOrder {
  @inline(__always)
  func mean(of x: Lanes, weight a: Lanes, and y: Lanes, weight b: Lanes) -> Lanes { a * x + b * y }
}

/// A mean relative to the larger magnitude, so that no power leaves the float range.
private protocol ScaledMomentOrder: MomentOrder {
  func power(_ ratios: Lanes) -> Lanes
  func root(_ moments: Lanes) -> Lanes
}

extension ScaledMomentOrder {
  @inline(__always)
  func mean(of x: Lanes, weight a: Lanes, and y: Lanes, weight b: Lanes) -> Lanes {
    let larger = y.replacing(with: x, where: x .> y)
    let mean = larger * root(a * power(x / larger) + b * power(y / larger))
    return mean.replacing(with: Lanes.zero, where: larger .== Lanes.zero)
  }
}

private struct SecondMoment: ScaledMomentOrder {
  @inline(__always)
  func power(_ ratios: Lanes) -> Lanes { ratios * ratios }

  @inline(__always)
  func root(_ moments: Lanes) -> Lanes { cvector_sqrt(moments) }
}

/// Any α, at three calls of the power function for each element.
private struct OtherMoment: ScaledMomentOrder {
  let order: Double

  func power(_ ratios: Lanes) -> Lanes { raised(ratios, to: order) }

  func root(_ moments: Lanes) -> Lanes { raised(moments, to: 1 / order) }

  private func raised(_ values: Lanes, to exponent: Double) -> Lanes {
    var result = values
    for lane in 0..<16 { result[lane] = Float(Tensors.power(Double(values[lane]), exponent)) }
    return result
  }
}

extension ClippingEntry {
  static var acclip: Self {
    ClippingEntry(
      name: "accclip", summary: "momentum clipped by a running mean of each coordinate's magnitude",
      reference: "Zhang, Karimireddy, Veit, Kim, Reddi, Kumar & Sra, 2020",
      hyperparameters: [
        .betas(0.9, 0.99),
        Hyperparameter(
          "alpha", .number(NumberRange(lower: 0, includesLower: false, upper: 2)),
          default: .number(1), "order of the moment that the threshold follows, α"),
        Hyperparameter(
          "eps", .number(.positive), default: .number(1e-5), scale: .logarithmic,
          "keeps the quotient finite, ε"),
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return [
        ACClip(
          betas: (betas[0], betas[1]), alpha: options.number("alpha"),
          epsilon: options.number("eps"))
      ]
    }
  }
}
