internal import Tensors

/// A line search for the strong Wolfe conditions (Wolfe, 1969; Nocedal & Wright, 2006, algorithms
/// 3.5 and 3.6) with cubic interpolation, as in PyTorch's `strong_wolfe` and minFunc before it.
///
/// φ(t) = f(x + td): it brackets an interval that contains a good step and then narrows it, until
/// φ(t) ≤ φ(0) + c₁tφ′(0) and |φ′(t)| ≤ −c₂φ′(0), c₁ = 1e-4, c₂ = 0.9, or until its tries are spent.
struct StrongWolfeSearch {
  /// A step that has been tried.
  struct Trial {
    var step: Double
    var loss: Double
    var slope: Double
    /// Which of `gradients` holds the gradient there.
    var slot: Int
  }

  /// x, where the search starts.
  let start: UnsafePointer<Float>
  /// d.
  let direction: UnsafePointer<Float>
  /// x + td, scratch.
  let point: UnsafeMutablePointer<Float>
  /// Memory for four gradients, one after the other; slot 0 holds the one at the start.
  let gradients: UnsafeMutablePointer<Float>
  let count: Int
  /// The most evaluations after the first.
  let mostTries: Int

  static let leastChange = 1e-9
  private static let sufficientDecrease = 1e-4
  private static let curvature = 0.9

  /// The step to take, and the evaluations spent.
  func run(
    from origin: Trial, firstStep: Double, asking source: inout some GradientSource
  ) -> (best: Trial, evaluations: Int) {
    var search = Progress(origin: origin)
    let isDone = bracket(&search, firstStep: firstStep, asking: &source)
    if !isDone { zoom(&search, asking: &source) }
    return (search.low, search.evaluations)
  }

  /// Two steps around a good one; of equal losses the first counts as the lower.
  private struct Progress {
    let origin: Trial
    private var first: Trial
    private var second: Trial
    private var isFirstLower = true
    var evaluations = 0
    /// The tries after the first.
    var iterations = 0

    init(origin: Trial) {
      self.origin = origin
      first = origin
      second = origin
    }

    var low: Trial {
      get { isFirstLower ? first : second }
      set { if isFirstLower { first = newValue } else { second = newValue } }
    }

    var high: Trial {
      get { isFirstLower ? second : first }
      set { if isFirstLower { second = newValue } else { first = newValue } }
    }

    mutating func enclose(_ first: Trial, _ second: Trial) {
      self.first = first
      self.second = second
      compare()
    }

    mutating func compare() { isFirstLower = first.loss <= second.loss }

    func decreasesEnough(_ trial: Trial) -> Bool {
      !(trial.loss > origin.loss + sufficientDecrease * trial.step * origin.slope)
    }

    func isFlatEnough(_ trial: Trial) -> Bool { abs(trial.slope) <= -curvature * origin.slope }

    /// A slot that neither end uses, nor the start.
    var freeSlot: Int {
      var slot = 1
      while slot == first.slot || slot == second.slot { slot += 1 }
      return slot
    }
  }

  private func evaluate(
    _ step: Double, slot: Int, _ search: inout Progress, asking source: inout some GradientSource
  ) -> Trial {
    let gradient = gradients + slot * count
    Vector.combine(1, start, step, direction, into: point, count: count)
    let loss = source.loss(at: point, gradient: gradient)
    search.evaluations += 1
    return Trial(
      step: step, loss: loss, slope: Vector.dot(gradient, direction, count: count), slot: slot)
  }

  /// Widens until two steps enclose a good one; true when the last one tried is good itself.
  private func bracket(
    _ search: inout Progress, firstStep: Double, asking source: inout some GradientSource
  ) -> Bool {
    var previous = search.origin
    var trial = evaluate(firstStep, slot: 1, &search, asking: &source)
    while search.iterations < mostTries {
      let hasRisen = search.iterations > 1 && trial.loss >= previous.loss
      if !search.decreasesEnough(trial) || hasRisen {
        search.enclose(previous, trial)
        return false
      }
      if search.isFlatEnough(trial) {
        search.low = trial
        return true
      }
      if trial.slope >= 0 {
        search.enclose(previous, trial)
        return false
      }
      let next = Self.cubicMinimum(
        previous, trial, from: trial.step + 0.01 * (trial.step - previous.step),
        to: trial.step * 10)
      // The one before the last is not needed any more.
      let slot = previous.slot == 0 ? 2 : previous.slot
      previous = trial
      trial = evaluate(next, slot: slot, &search, asking: &source)
      search.iterations += 1
    }
    search.enclose(search.origin, trial)
    return false
  }

  private func zoom(_ search: inout Progress, asking source: inout some GradientSource) {
    let length = orderedNorm(direction, count: count, order: .infinity)
    var isStuck = false
    while search.iterations < mostTries {
      let least = min(search.low.step, search.high.step)
      let most = max(search.low.step, search.high.step)
      if (most - least) * length < Self.leastChange { return }
      var step = Self.cubicMinimum(search.low, search.high, from: least, to: most)

      // Near an end of the interval twice in a row, or on it: a tenth of the interval inside.
      let margin = 0.1 * (most - least)
      if min(most - step, step - least) < margin {
        if isStuck || step >= most || step <= least {
          step = abs(step - most) < abs(step - least) ? most - margin : least + margin
          isStuck = false
        } else {
          isStuck = true
        }
      } else {
        isStuck = false
      }

      let trial = evaluate(step, slot: search.freeSlot, &search, asking: &source)
      search.iterations += 1
      if !search.decreasesEnough(trial) || trial.loss >= search.low.loss {
        search.high = trial
        search.compare()
        continue
      }
      let isGood = search.isFlatEnough(trial)
      if !isGood, trial.slope * (search.high.step - search.low.step) >= 0 {
        search.high = search.low
      }
      search.low = trial
      if isGood { return }
    }
  }

  /// Where the cubic through two values and slopes is least, held within the bounds; the middle of
  /// the bounds where it has no minimum.
  private static func cubicMinimum(
    _ first: Trial, _ second: Trial, from least: Double, to most: Double
  ) -> Double {
    let (a, b) = first.step <= second.step ? (first, second) : (second, first)
    let sum = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step)
    let square = sum * sum - a.slope * b.slope
    guard square >= 0 else { return (least + most) / 2 }
    let root = square.squareRoot()
    let minimum =
      b.step - (b.step - a.step) * ((b.slope + root - sum) / (b.slope - a.slope + 2 * root))
    return min(max(minimum, least), most)
  }
}
