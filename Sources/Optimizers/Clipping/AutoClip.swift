internal import Settings
internal import Tensors

/// Clips the global norm at a percentile of its own history (AutoClip; Seetharaman, Wichern, Pardo &
/// Le Roux, 2020).
///
/// At each step the norm n = ‖g‖ joins the history, c becomes the p-th percentile of the history with
/// p = `clip_percentile` (interpolated linearly as `numpy.percentile`), and g ← g·min(1, c/(n + 1e-6)):
/// the authors' rule. So the first gradient meets its own norm and shrinks by n/(n + 1e-6) only.
///
/// Deviations: the history is the latest `history_size` norms, kept sorted beside their order of
/// arrival (the paper keeps all; the authors' TensorFlow version keeps 10,000 as well), stored as
/// floats (one beyond 3.4e38 as that). A norm that is NaN or ∞ does not enter it, where it would make every later threshold NaN;
/// the gradient is then clipped as by `global-norm`: NaN everywhere, or NaN at ±∞ and 0 elsewhere;
/// before the first finite norm it is left alone.
struct AutoClip: StepTransform {
  let percentile: Double
  let historySize: Int
  let allowedStages = ClippingStage.directions

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("history", historySize), ("sorted_history", historySize)], numbers: [("norms", 0)])
  }

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let norm = vector.norm()
    if norm.isFinite {
      remember(Float(min(norm, Double(Float.greatestFiniteMagnitude))), in: &state)
    }
    let count = min(Int(state.numbers[0]), historySize)
    guard count > 0 else { return ClippingTelemetry(fired: false) }
    let threshold = percentile(of: state[1], count: count)
    let clipping = GlobalNormClipping(maxNorm: threshold, order: 2)
    return ClippingTelemetry(fired: clipping.clip(&vector))
  }

  /// Puts `norm` in place of the oldest one, or beside the others while there is room.
  private func remember(_ norm: Float, in state: inout NamedArrays) {
    let history = state[0]
    let sorted = state[1]
    let seen = Int(state.numbers[0])
    let slot = seen % historySize
    // The free place in the sorted norms: where the oldest one was, or after the last.
    var free = seen
    if seen >= historySize {
      free = firstIndex(notBelow: history[slot], in: sorted, count: historySize)
    }
    history[slot] = norm
    while free > 0, sorted[free - 1] > norm {
      sorted[free] = sorted[free - 1]
      free -= 1
    }
    let last = min(seen, historySize - 1)
    while free < last, sorted[free + 1] < norm {
      sorted[free] = sorted[free + 1]
      free += 1
    }
    sorted[free] = norm
    state.numbers[0] += 1
  }

  /// The index of the first of `count` rising values that is at least `value`.
  private func firstIndex(
    notBelow value: Float, in sorted: UnsafeMutablePointer<Float>, count: Int
  ) -> Int {
    var low = 0
    var high = count - 1
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The percentile of `count` rising values, interpolated linearly between two neighbours.
  private func percentile(of sorted: UnsafeMutablePointer<Float>, count: Int) -> Double {
    let position = percentile / 100 * Double(count - 1)
    let lower = min(Int(position), count - 1)
    let upper = min(lower + 1, count - 1)
    let below = Double(sorted[lower])
    return below + (Double(sorted[upper]) - below) * (position - Double(lower))
  }
}

extension ClippingEntry {
  static var autoClip: Self {
    ClippingEntry(
      name: "autoclip", summary: "the global norm held at a percentile of its history",
      reference: "Seetharaman, Wichern, Pardo & Le Roux, 2020",
      hyperparameters: [
        Hyperparameter(
          "clip_percentile", .number(NumberRange(lower: 0, upper: 100)), default: .number(10),
          search: [.linear(1...90)],
          "the percentile of the norms seen that becomes the threshold, p"),
        Hyperparameter(
          "history_size", .integer(1...1_000_000), default: .integer(10_000), scale: .logarithmic,
          "how many of the latest norms count"),
      ]
    ) { options throws(HyperparameterError) in
      [
        AutoClip(
          percentile: options.number("clip_percentile"),
          historySize: options.integer("history_size"))
      ]
    }
  }
}
