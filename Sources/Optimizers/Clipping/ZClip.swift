internal import Settings
internal import Tensors

/// Clips global norms that are outliers among the recent ones (ZClip; Kumar, Owen, Chowdhury & Güra,
/// 2025).
///
/// The first W = `warmup_steps` steps collect n = ‖g‖ and then set μ to its mean and σ² to its
/// population variance. From then on, with z = (n − μ)/(σ + `eps`) and Z = `z_thresh`, an outlier has
/// the threshold τ:
///
///     mode zscore, z > Z         clip_option adaptive_scaling: τ = f·(μ + Zσ·Z/z), f = clip_factor
///                                clip_option mean:             τ = μ
///     mode percentile, n > μ + Zσ                              τ = μ + Zσ
///
/// The gradient is clipped to c = min(τ, `max_grad_norm`): g ← g·c/(n + 1e-6) where n > c. Then
/// μ ← αμ + (1 − α)n' and σ² ← ασ² + (1 − α)(n' − μ)² with the new μ and n' = τ for an outlier, n
/// otherwise; not at an outlier with `skip_update_on_spike`. During the warm-up the norm is clipped at
/// `max_grad_norm` as by `global-norm`.
///
/// These are the authors' semantics and defaults, among them `max_grad_norm` = 1, which makes the rule
/// a fixed clip wherever norms exceed 1: `null` lets the z-score decide. Deviation: a norm that is NaN
/// or ∞ enters no statistic (it would spoil μ for good) and is clipped to μ: NaN everywhere, or NaN at
/// ±∞ and 0 elsewhere; during a warm-up without `max_grad_norm` the gradient is left alone.
struct ZClip: StepTransform {
  enum Outlier: Sendable {
    case adaptiveScaling(factor: Double)
    case mean
    case percentile
  }

  let zThreshold: Double
  let outlier: Outlier
  let maxGradNorm: Double?
  let alpha: Double
  let epsilon: Double
  let warmupSteps: Int
  let skipsUpdateOnSpike: Bool
  let allowedStages = ClippingStage.directions

  /// `variance` is the sum of squared deviations until the warm-up is over.
  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(numbers: [("warmup_norms", 0), ("mean", 0), ("variance", 0)])
  }

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let norm = vector.norm()
    guard state.numbers[0] >= Double(warmupSteps) else {
      if norm.isFinite { collect(norm, in: &state) }
      guard let maxGradNorm else { return ClippingTelemetry(fired: false) }
      return ClippingTelemetry(
        fired: GlobalNormClipping(maxNorm: maxGradNorm, order: 2).clip(&vector))
    }
    let mean = state.numbers[1]
    let threshold = norm.isFinite ? threshold(for: norm, in: state) : mean
    let largest = min(threshold ?? norm, maxGradNorm ?? .infinity)
    if norm.isFinite, threshold == nil || !skipsUpdateOnSpike {
      follow(threshold ?? norm, in: &state)
    }
    guard !(norm <= largest) else { return ClippingTelemetry(fired: false) }
    return ClippingTelemetry(fired: GlobalNormClipping(maxNorm: largest, order: 2).clip(&vector))
  }

  /// The norm that an outlier is clipped to; nil for an ordinary norm.
  private func threshold(for norm: Double, in state: NamedArrays) -> Double? {
    let mean = state.numbers[1]
    let deviation = state.numbers[2].squareRoot()
    let score = (norm - mean) / (deviation + epsilon)
    switch outlier {
    case .percentile:
      let threshold = mean + zThreshold * deviation
      return norm > threshold ? threshold : nil
    case .mean:
      return score > zThreshold ? mean : nil
    case .adaptiveScaling(let factor):
      guard score > zThreshold else { return nil }
      return (mean + zThreshold * deviation / (score / zThreshold)) * factor
    }
  }

  /// Takes a norm of the warm-up into the mean and the sum of squared deviations (Welford, 1962).
  private func collect(_ norm: Double, in state: inout NamedArrays) {
    let count = state.numbers[0] + 1
    let before = norm - state.numbers[1]
    state.numbers[0] = count
    state.numbers[1] += before / count
    state.numbers[2] += before * (norm - state.numbers[1])
    if count == Double(warmupSteps) { state.numbers[2] /= count }
  }

  /// Lets the mean and the variance follow a norm.
  private func follow(_ norm: Double, in state: inout NamedArrays) {
    let mean = alpha * state.numbers[1] + (1 - alpha) * norm
    state.numbers[1] = mean
    state.numbers[2] = alpha * state.numbers[2] + (1 - alpha) * (norm - mean) * (norm - mean)
  }
}

extension ClippingEntry {
  static var zClip: Self {
    ClippingEntry(
      name: "zclip", summary: "global norms clipped where their z-score among recent ones is high",
      reference: "Kumar, Owen, Chowdhury & Güra, 2025",
      hyperparameters: [
        Hyperparameter(
          "z_thresh", .number(.positive), default: .number(2.5), search: [.linear(1...5)],
          "the z-score from which a norm is an outlier, Z"),
        Hyperparameter(
          "max_grad_norm", .number(.positive), default: .number(1), optional: true,
          scale: .logarithmic, "the largest norm in any case; null for none"),
        Hyperparameter(
          "alpha", .number(.unit), default: .number(0.97), scale: .logarithmic,
          "decay of the norm's mean and variance, α"),
        Hyperparameter(
          "mode", .choice(["zscore", "percentile"]), default: .text("zscore"),
          "how outliers are told: by z-score, or as above μ + Zσ and clipped to it"),
        Hyperparameter(
          "clip_option", .choice(["adaptive_scaling", "mean"]), default: .text("adaptive_scaling"),
          "what zscore clips an outlier to: the lower the higher its score, or the mean"),
        Hyperparameter(
          "clip_factor", .number(.positive), default: .number(1), scale: .logarithmic,
          "factor of the threshold of adaptive_scaling, f"),
        Hyperparameter(
          "warmup_steps", .integer(1 ... .max), default: .integer(25),
          "norms collected before outliers are told, W"),
        Hyperparameter(
          "skip_update_on_spike", .boolean, default: .boolean(false),
          "leave mean and variance alone at an outlier"),
        Hyperparameter(
          "eps", .number(.positive), default: .number(1e-6), scale: .logarithmic,
          "keeps the z-score finite, ε"),
      ]
    ) { options throws(HyperparameterError) in
      let outlier: ZClip.Outlier =
        if options.text("mode") == "percentile" {
          .percentile
        } else if options.text("clip_option") == "mean" {
          .mean
        } else {
          .adaptiveScaling(factor: options.number("clip_factor"))
        }
      return [
        ZClip(
          zThreshold: options.number("z_thresh"), outlier: outlier,
          maxGradNorm: options.optionalNumber("max_grad_norm"), alpha: options.number("alpha"),
          epsilon: options.number("eps"), warmupSteps: options.integer("warmup_steps"),
          skipsUpdateOnSpike: options.boolean("skip_update_on_spike"))
      ]
    }
  }
}
