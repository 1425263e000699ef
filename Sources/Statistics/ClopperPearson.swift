/// The exact interval for a proportion after `successes` in `trials` (Clopper & Pearson, 1934).
///
/// Lower bound: the α/2 quantile of Beta(k, n − k + 1), 0 without successes; upper bound: the
/// 1 − α/2 quantile of Beta(k + 1, n − k), 1 without failures. It covers the true proportion with
/// at least the stated confidence, for every `n`. Without trials it is [0, 1].
public func clopperPearson(
  successes: Int, trials: Int, confidence: Double = 0.95
) -> Interval {
  precondition(
    trials >= 0 && (0...trials).contains(successes), "\(successes) successes of \(trials)")
  requireProbability(confidence)
  let tail = (1 - confidence) / 2
  let k = Double(successes)
  let n = Double(trials)
  let lower = successes == 0 ? 0 : inverseRegularizedIncompleteBeta(tail, k, n - k + 1)
  // By symmetry, so that the small tail keeps its precision.
  let upper =
    successes == trials ? 1 : 1 - inverseRegularizedIncompleteBeta(tail, n - k, k + 1)
  return Interval(lower: lower, upper: upper)
}
