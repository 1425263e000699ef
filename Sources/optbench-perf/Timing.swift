import Statistics

/// How long one unit of work takes, in seconds: the median over many repeats, with the quartiles as
/// its spread.
struct Timing {
  let median: Double
  let lowerQuartile: Double
  let upperQuartile: Double

  init(_ seconds: [Double]) {
    median = Statistics.median(seconds)
    lowerQuartile = quantile(seconds, 0.25)
    upperQuartile = quantile(seconds, 0.75)
  }

  init(median: Double, lowerQuartile: Double, upperQuartile: Double) {
    self.median = median
    self.lowerQuartile = lowerQuartile
    self.upperQuartile = upperQuartile
  }

  /// The time of one of `count` equal parts.
  func divided(by count: Int) -> Timing {
    let count = Double(count)
    return Timing(
      median: median / count, lowerQuartile: lowerQuartile / count,
      upperQuartile: upperQuartile / count)
  }
}

/// Work to be timed in blocks.
struct Workload {
  /// Prepares a block of at most `units` units, outside the measurement; what it returns does the
  /// next so many of them.
  let start: (_ units: Int) -> (_ count: Int) -> Void

  /// Work whose state is made anew for each block.
  init(start: @escaping (_ units: Int) -> (_ count: Int) -> Void) { self.start = start }

  /// Work that goes on where the last block ended.
  init(unit: @escaping () -> Void) {
    start = { _ in { count in for _ in 0..<count { unit() } } }
  }
}

/// Times several workloads side by side.
///
/// In each round every workload gets one block, so that a slow phase of the machine hits all of them
/// and not one; who comes first turns from round to round. A block begins with units that are not
/// timed.
///
/// - Parameters:
///   - rounds: The repeats that medians and quartiles are taken over.
///   - blockSeconds: About how long a block takes; a unit longer than that is a block of its own.
func time(_ workloads: [Workload], rounds: Int, blockSeconds: Double = 0.02) -> [Timing] {
  let clock = ContinuousClock()
  func seconds(_ body: () -> Void) -> Double { clock.measure(body) / .seconds(1) }

  let units = workloads.map { workload in
    let work = workload.start(6)
    work(2)
    let one = max(seconds { work(4) } / 4, 1e-9)
    return max(Int(blockSeconds / one), 1)
  }
  var samples = workloads.map { _ in [Double]() }
  for round in 0..<rounds {
    for turn in workloads.indices {
      let index = (turn + round) % workloads.count
      let warmUp = max(2, min(units[index] / 4, 50))
      let work = workloads[index].start(warmUp + units[index])
      work(warmUp)
      samples[index].append(seconds { work(units[index]) } / Double(units[index]))
    }
  }
  return samples.map(Timing.init)
}
