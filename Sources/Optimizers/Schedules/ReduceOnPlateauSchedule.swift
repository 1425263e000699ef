internal import Settings
internal import Tensors

/// η, multiplied by `factor` each time that the observed loss has not improved for more than
/// `patience` observations.
///
/// PyTorch's `ReduceLROnPlateau(mode: min)`, stepped once per evaluated loss, with its defaults:
///
/// - a loss is better where it is < best·(1 − `threshold`) (`threshold_mode: rel`) or
///   < best − `threshold` (`abs`); NaN never is;
/// - the (`patience` + 1)-th loss in a row that is not better reduces the rate, where Keras and Optax
///   reduce at the `patience`-th;
/// - the `cooldown` observations after a reduction do not count against the rate; of Keras' the last
///   one counts, so that `cooldown` is one less there;
/// - the rate never falls below `min_lr`, and a change of no more than `eps` is left out.
///
/// The rate of a step takes account of all losses observed before it.
struct ReduceOnPlateauSchedule: Schedule {
  let factor: Double
  let patience: Int
  let threshold: Double
  let isRelative: Bool
  let cooldown: Int
  let minimum: Double
  let epsilon: Double

  var observesLoss: Bool { true }

  func makeState() -> NamedArrays {
    NamedArrays(numbers: [
      ("best", .infinity), ("bad_observations", 0), ("cooldown_left", 0), ("reductions", 0),
    ])
  }

  func observe(loss: Double, state: inout NamedArrays) {
    let best = state.numbers[0]
    if loss < (isRelative ? best * (1 - threshold) : best - threshold) {
      state.numbers[0] = loss
      state.numbers[1] = 0
    } else {
      state.numbers[1] += 1
    }
    if state.numbers[2] > 0 {
      state.numbers[2] -= 1
      state.numbers[1] = 0
    }
    if state.numbers[1] > Double(patience) {
      state.numbers[3] += 1
      state.numbers[2] = Double(cooldown)
      state.numbers[1] = 0
    }
  }

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double { base }

  func learningRate(
    base: Double, step: Int, totalSteps: Int, state: NamedArrays
  ) -> Double {
    var rate = base
    for _ in 0..<Int(state.numbers[3]) {
      let reduced = max(rate * factor, minimum)
      // What is too small a change now will be one ever after.
      guard rate - reduced > epsilon else { break }
      rate = reduced
    }
    return rate
  }
}

extension CatalogEntry where Product == any Schedule {
  static var reduceOnPlateau: Self {
    CatalogEntry(
      name: "reduce-on-plateau", summary: "multiplied by a factor when the loss stops improving",
      reference: "Paszke et al., 2019 (PyTorch)",
      hyperparameters: [
        Hyperparameter(
          "factor", .number(NumberRange(lower: 0, upper: 1, includesUpper: false)),
          default: .number(0.1), scale: .logarithmic, "factor of each reduction"),
        Hyperparameter(
          "patience", .integer(0 ... .max), default: .integer(10),
          "losses in a row without improvement that are borne"),
        Hyperparameter(
          "threshold", .number(.nonnegative), default: .number(1e-4), scale: .logarithmic,
          "the smallest improvement that counts"),
        Hyperparameter(
          "threshold_mode", .choice(["rel", "abs"]), default: .text("rel"),
          "whether threshold is a share of the best loss or a difference from it"),
        Hyperparameter(
          "cooldown", .integer(0 ... .max), default: .integer(0),
          "losses after a reduction that do not count"),
        Hyperparameter(
          "min_lr", .number(.nonnegative), default: .number(0), scale: .logarithmic,
          "the smallest learning rate"),
        Hyperparameter(
          "eps", .number(.nonnegative), default: .number(1e-8), scale: .logarithmic,
          "the largest change of the learning rate that is left out"),
      ]
    ) { options throws(HyperparameterError) in
      ReduceOnPlateauSchedule(
        factor: options.number("factor"), patience: options.integer("patience"),
        threshold: options.number("threshold"),
        isRelative: options.text("threshold_mode") == "rel",
        cooldown: options.integer("cooldown"), minimum: options.number("min_lr"),
        epsilon: options.number("eps"))
    }
  }
}
