internal import Settings
internal import Tensors

/// signSGD and Signum (Bernstein et al., 2018): steps of one size in each coordinate.
///
///     m ← m + (1 − μ)(g − m)        u = −η·sign(m) − ηλθ
///
/// with momentum μ, 0 for signSGD: m = g. sign(0) = 0. The mean has no bias correction, which would
/// change no sign; a buffer b ← μb + g has the same signs. Weight decay is decoupled as in the
/// paper's algorithm. Deviation from PyTorch's and the authors' `sign`: sign(NaN) is NaN.
struct Signum: DirectOptimizer, MomentumOptimizer {
  let momentum: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    momentum == 0 ? .empty : NamedArrays(arrays: [("momentum_buffer", layout.count)])
  }

  var offersMomentum: Bool { momentum != 0 }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    let rate = Lanes(repeating: Float(-step.learningRate))
    if momentum == 0 {
      step.writeUpdate(PlainKernel(rate: rate), weightDecay: weightDecay, maximize: maximize)
    } else {
      step.writeUpdate(
        MeanKernel(mean: ExponentialMean(state[0], decay: momentum), rate: rate),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    }
  }

  private struct PlainKernel: UpdateKernel {
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      rate * signs(of: gradient)
    }
  }

  private struct MeanKernel: DirectionKernel {
    let mean: ExponentialMean
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      mean.take(gradient, at: place)
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      rate * signs(of: direction)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  /// `signum` without momentum.
  static var signsgd: Self {
    signum(name: "signsgd", summary: "steps along the gradient's signs", momentum: 0)
  }

  static var signum: Self {
    signum(name: "signum", summary: "steps along the signs of the mean gradient", momentum: 0.9)
  }

  private static func signum(name: String, summary: String, momentum: Double) -> Self {
    CatalogEntry(
      name: name, summary: summary,
      reference: "Bernstein, Wang, Azizzadenesheli & Anandkumar, 2018",
      hyperparameters: [
        .learningRate(0.001),
        Hyperparameter(
          "momentum", .number(.fraction), default: .number(momentum), scale: .logarithmic,
          // Without momentum it is another method.
          search: momentum > 0 ? [.firstDecay] : [],
          "decay of the mean gradient, μ"),
        .weightDecay(0, "decoupled weight decay, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      Signum(
        momentum: options.number("momentum"), weightDecay: WeightDecay(.decoupled, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
