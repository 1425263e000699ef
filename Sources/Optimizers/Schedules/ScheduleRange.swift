extension Schedule {
  /// The first step of a run of `totalSteps` whose learning rate no optimizer can use: not a number,
  /// negative, or beyond the largest float; nil where each can be used.
  ///
  /// A schedule that grows may have such a rate, `step` with `gamma` 10 for one, and a run that fails
  /// of it says nothing about its optimizer. Of a run beyond a million steps the first million and the
  /// last thousand are looked at.
  public func firstUnusableStep(base: Double, totalSteps: Int) -> Int? {
    func isUnusable(_ step: Int) -> Bool {
      let rate = learningRate(base: base, step: step, totalSteps: totalSteps)
      return !(rate >= 0 && rate <= Double(Float.greatestFiniteMagnitude))
    }
    let examined = min(totalSteps, 1_000_000)
    return (0..<examined).first(where: isUnusable)
      ?? (max(examined, totalSteps - 1000)..<totalSteps).first(where: isUnusable)
  }
}
