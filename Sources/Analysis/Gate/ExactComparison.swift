public import Records

/// Two results that should be the same, number by number: for a change of the code that must change
/// nothing. Times, memory and provenance may differ.
public struct ExactComparison: Sendable {
  /// How far the runs are apart at one step.
  public struct StepDistance: Sendable, Equatable {
    public let step: Int
    /// The runs of which any series differs there.
    public let runs: Int
    /// The largest distance of any series; `UInt32.max` where one number is NaN.
    public let unitsInLastPlace: UInt32
  }

  public let baseline: ExperimentHeader
  public let current: ExperimentHeader
  public let policy: GatePolicy
  public let obstacles: [GateObstacle]
  /// The runs that both results have.
  public let runs: Int
  /// The runs that differ, the one that parts at the earliest step first, equals in the order of the
  /// file.
  public let differences: [RunDifference]
  /// The steps at which runs differ, ascending.
  public let distances: [StepDistance]

  public init(baseline: ExperimentRecord, current: ExperimentRecord, policy: GatePolicy) {
    self.baseline = baseline.header
    self.current = current.header
    self.policy = policy
    var obstacles = GatePairs.definitionObstacles(baseline.header, current.header)
    obstacles += Self.indeterminacies(baseline, current)
    let isComparable = obstacles.isEmpty
    obstacles += GatePairs.incompleteness(.baseline, baseline)
    obstacles += GatePairs.incompleteness(.current, current)
    guard isComparable else {
      self.obstacles = obstacles
      runs = 0
      differences = []
      distances = []
      return
    }

    var byKey: [RunKey: RunRecord] = [:]
    for run in current.runs { byKey[run.key] = run }
    var common: [(baseline: RunRecord, current: RunRecord)] = []
    var missing: [String] = []
    for run in baseline.runs {
      if let other = byKey[run.key] {
        common.append((run, other))
      } else {
        missing.append("\(run.key.problem): \(run.key.run)")
      }
    }
    if !missing.isEmpty {
      obstacles.append(
        .missingRuns(.current, Array(missing.prefix(5)), count: missing.count))
    }
    if common.isEmpty { obstacles.append(.nothingInCommon) }
    self.obstacles = obstacles
    runs = common.count
    let limit = policy.unitsInLastPlace
    let found = common.compactMap { RunDifference($0.baseline, $0.current, limit: limit) }
    differences = found.indices.sorted { a, b in
      (found[a].step ?? .max, a) < (found[b].step ?? .max, b)
    }.map { found[$0] }
    let parted = Set(found.map(\.key))
    distances = Self.distances(common.filter { parted.contains($0.baseline.key) }, limit)
  }

  private static func indeterminacies(
    _ baseline: ExperimentRecord, _ current: ExperimentRecord
  ) -> [GateObstacle] {
    baseline.header.problems.compactMap { problem in
      let largest = [baseline, current].flatMap { $0.runs(of: problem.name) }
        .map(\.gradientDifference).filter { $0 > 0 }.max()
      return largest.map { .notDeterministic(problem.name, difference: $0) }
    }
  }

  /// Whether nothing is in the way and no run differs.
  public var isPassed: Bool { obstacles.isEmpty && differences.isEmpty }

  private static func distances(
    _ pairs: [(baseline: RunRecord, current: RunRecord)], _ limit: UInt32
  ) -> [StepDistance] {
    let steps = pairs.reduce(0) {
      max($0, min($1.baseline.trajectory.steps, $1.current.trajectory.steps))
    }
    var runs = [Int](repeating: 0, count: steps)
    var units = [UInt32](repeating: 0, count: steps)
    for (a, b) in pairs {
      for step in 0..<min(a.trajectory.steps, b.trajectory.steps) {
        var largest: UInt32 = a.trajectory.clipFired[step] == b.trajectory.clipFired[step] ? 0 : 1
        for series in StepSeries.allCases {
          let pair = RunDifference.values(a.trajectory, b.trajectory, series, step)
          largest = max(largest, RunDifference.unitsInLastPlaceOrMore(pair))
        }
        for name in RunDifference.furtherNames(a.trajectory, b.trajectory) {
          let pair = RunDifference.values(a.trajectory, b.trajectory, further: name, step)
          largest = max(largest, RunDifference.unitsInLastPlaceOrMore(pair))
        }
        if largest > limit { runs[step] += 1 }
        units[step] = max(units[step], largest)
      }
    }
    return (0..<steps).filter { runs[$0] > 0 }.map {
      StepDistance(step: $0, runs: runs[$0], unitsInLastPlace: units[$0])
    }
  }
}
