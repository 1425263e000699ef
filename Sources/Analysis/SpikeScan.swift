/// The spikes of a run: steps at which the loss or the gradient norm rose far above what it was
/// just before.
///
/// A step is a spike if the value exceeds m + 6·max(σ, 0.01·|m|), with mean m and standard deviation
/// σ of the 64 steps before it (at least 16); the floor keeps a smooth descent, whose σ is almost
/// zero, from counting rounding as spikes. Consecutive such steps are one spike. A spike has
/// recovered if the value later comes back to m + σ or below. Non-finite values are failures, not
/// spikes: the scan ends there.
package struct SpikeScan: Equatable {
  static let window = 64
  static let leastWindow = 16
  static let threshold = 6.0
  static let relativeFloor = 0.01

  package private(set) var spikes = 0
  package private(set) var recovered = 0
  /// The first spike's step, or −1.
  package private(set) var firstStep = -1

  package init(loss: [Float], gradientNorm: [Float]) {
    var isSpike = [Bool](repeating: false, count: loss.count)
    var recoveredAt = [Bool](repeating: false, count: loss.count)
    for series in [loss, gradientNorm] {
      for spike in SpikeScan.spikes(in: series) {
        for step in spike.steps { isSpike[step] = true }
        if spike.hasRecovered { recoveredAt[spike.steps.lowerBound] = true }
      }
    }
    var step = 0
    while step < isSpike.count {
      guard isSpike[step] else {
        step += 1
        continue
      }
      if firstStep < 0 { firstStep = step }
      spikes += 1
      var hasRecovered = false
      while step < isSpike.count, isSpike[step] {
        hasRecovered = hasRecovered || recoveredAt[step]
        step += 1
      }
      if hasRecovered { recovered += 1 }
    }
  }

  private static func spikes(in series: [Float]) -> [(steps: Range<Int>, hasRecovered: Bool)] {
    let values = series.prefix { $0.isFinite }.map(Double.init)
    var result: [(steps: Range<Int>, hasRecovered: Bool)] = []
    var step = leastWindow
    while step < values.count {
      let (mean, deviation) = moments(values[max(0, step - window)..<step])
      let limit = mean + threshold * max(deviation, relativeFloor * abs(mean))
      guard values[step] > limit else {
        step += 1
        continue
      }
      var end = step + 1
      while end < values.count, values[end] > limit { end += 1 }
      let level = mean + deviation
      result.append((step..<end, values[end...].contains { $0 <= level }))
      // The spike itself would inflate σ and hide the next one: start again behind it.
      step = max(end, step + 1)
    }
    return result
  }

  private static func moments(_ values: ArraySlice<Double>) -> (mean: Double, deviation: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    return (mean, variance.squareRoot())
  }
}
