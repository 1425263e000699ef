internal import Records
internal import Settings
internal import Statistics

/// Two results brought side by side: which runs are compared with which, and what is in the way.
struct GatePairs {
  let baseline: GateRuns
  let current: GateRuns
  /// The settings that have all paired seeds in both results.
  let settings: [GateRuns.Setting]
  /// Seeds of the baseline with those of the current result.
  let seeds: [(baseline: Int, current: Int)]
  let obstacles: [GateObstacle]

  init(_ baseline: ExperimentRecord, _ current: ExperimentRecord, _ policy: GatePolicy) {
    var obstacles = Self.definitionObstacles(baseline.header, current.header)
    let isSameExperiment = obstacles.isEmpty
    obstacles += Self.incompleteness(.baseline, baseline)
    obstacles += Self.incompleteness(.current, current)

    // The baseline's, so that both are measured by the same loss.
    var metrics: [String: ProblemMetrics] = [:]
    for problem in baseline.header.problems {
      metrics[problem.name] = ProblemMetrics(baseline.runs(of: problem.name))
    }
    let before = GateRuns(baseline, metrics: metrics)
    let after = GateRuns(current, metrics: metrics)
    self.baseline = before
    self.current = after
    guard isSameExperiment else {
      settings = []
      seeds = []
      self.obstacles = obstacles
      return
    }

    let pairs: [(baseline: Int, current: Int)]
    switch policy.pairing {
    case .seed:
      let common = before.seeds.filter { after.seeds.contains($0) }
      let missing = before.seeds.filter { !after.seeds.contains($0) }
      if !missing.isEmpty { obstacles.append(.missingSeeds(missing)) }
      pairs = common.map { ($0, $0) }
    case .order:
      if after.seeds.count < before.seeds.count {
        obstacles.append(
          .fewerSeeds(baseline: before.seeds.count, current: after.seeds.count))
      }
      pairs = zip(before.seeds, after.seeds).map { ($0, $1) }
    }
    obstacles += Self.missingRuns(before, after, pairs)
    let common = before.settings.filter { setting in
      before.isComplete(setting, seeds: pairs.map(\.baseline))
        && after.isComplete(setting, seeds: pairs.map(\.current))
    }
    if common.isEmpty || pairs.isEmpty { obstacles.append(.nothingInCommon) }
    obstacles += Self.collapses(before, after, common, pairs)
    obstacles += Self.repeatedDraws(before, after, pairs)
    settings = common
    seeds = pairs
    self.obstacles = obstacles
  }

  /// Seeds of one result paired with others of the same result.
  init(
    within runs: GateRuns, settings: [GateRuns.Setting], seeds: [(baseline: Int, current: Int)]
  ) {
    baseline = runs
    current = runs
    self.settings = settings
    self.seeds = seeds
    obstacles = Self.collapses(runs, runs, settings, seeds)
  }

  /// What makes two results those of different experiments.
  static func definitionObstacles(
    _ baseline: ExperimentHeader, _ current: ExperimentHeader
  ) -> [GateObstacle] {
    var obstacles: [GateObstacle] = []
    if baseline.specDigest != current.specDigest {
      let differences = differences(baseline.spec, current.spec)
      if differences?.isEmpty != true { obstacles.append(.otherSpec(differences ?? [])) }
    }
    for problem in baseline.problems {
      let other = current.problems.first { $0.name == problem.name }
      if let other, other.digest != problem.digest || other.layout != problem.layout {
        obstacles.append(
          .otherProblem(problem.name, baseline: problem.summary, current: other.summary))
      }
    }
    return obstacles
  }

  /// The keys of an experiment file that change no run, and the seeds, which are compared for
  /// themselves.
  private static let keysApart: Set<String> = ["title", "baseline", "published", "claim", "seeds"]

  /// Where else two experiment files differ; nil where one of them cannot be read.
  private static func differences(_ baseline: String, _ current: String) -> [ValueDifference]? {
    guard let before = try? Setting.parse(baseline, file: "baseline"),
      let after = try? Setting.parse(current, file: "current")
    else { return nil }
    return ValueDifference.all(before, after).filter { difference in
      !keysApart.contains(String(difference.path.prefix { $0 != "." && $0 != "[" }))
    }
  }

  static func incompleteness(
    _ side: GateObstacle.Side, _ record: ExperimentRecord
  ) -> [GateObstacle] {
    let judged = record.runs.count { $0.outcome != .objectiveFailed }
    return judged == record.header.plannedRuns
      ? [] : [.incomplete(side, stored: judged, planned: record.header.plannedRuns)]
  }

  /// The most runs that an obstacle names.
  private static let namedRuns = 5

  private static func missingRuns(
    _ before: GateRuns, _ after: GateRuns, _ pairs: [(baseline: Int, current: Int)]
  ) -> [GateObstacle] {
    func missing(
      _ side: GateObstacle.Side, from runs: GateRuns, in other: GateRuns,
      seeds: [(own: Int, other: Int)]
    ) -> [GateObstacle] {
      var names: [String] = []
      for setting in other.settings {
        for seed in seeds where runs.run(setting, seed: seed.own) == nil {
          if let run = other.run(setting, seed: seed.other) {
            names.append("\(run.key.problem): \(run.key.run)")
          }
        }
      }
      if names.isEmpty { return [] }
      return [.missingRuns(side, Array(names.prefix(namedRuns)), count: names.count)]
    }
    return missing(
      .current, from: after, in: before, seeds: pairs.map { ($0.current, $0.baseline) })
      + missing(.baseline, from: before, in: after, seeds: pairs.map { ($0.baseline, $0.current) })
  }

  /// What every paired seed draws otherwise than in the baseline: the pairs then share nothing, and
  /// with it goes most of the power to find a difference.
  var redraws: [GateRedraw] {
    guard seeds.count > 1, seeds.allSatisfy({ $0.baseline == $0.current }) else { return [] }
    let names = baseline.record.header.problems.map(\.name)
    return names.flatMap { problem in
      [
        (GateObstacle.Draw.initialParameters, \RunRecord.initialParametersDigest),
        (.dataOrder, \.dataOrderDigest),
      ].compactMap { draw, digest in
        let differs = seeds.allSatisfy { pair in
          let before = baseline.draw(digest, of: problem, seed: pair.baseline)
          let after = current.draw(digest, of: problem, seed: pair.current)
          return before != nil && after != nil && before != after
        }
        return differs ? GateRedraw(problem: problem, draw: draw) : nil
      }
    }
  }

  private static func repeatedDraws(
    _ before: GateRuns, _ after: GateRuns, _ pairs: [(baseline: Int, current: Int)]
  ) -> [GateObstacle] {
    before.record.header.problems.flatMap { problem in
      [
        (GateObstacle.Draw.initialParameters, \RunRecord.initialParametersDigest),
        (.dataOrder, \.dataOrderDigest),
      ].compactMap { draw, digest in
        let planned = before.distinct(digest, of: problem.name, seeds: pairs.map(\.baseline))
        let found = after.distinct(digest, of: problem.name, seeds: pairs.map(\.current))
        return found < planned
          ? .repeatedDraws(problem.name, draw, distinct: found, baseline: planned) : nil
      }
    }
  }

  private static func collapses(
    _ before: GateRuns, _ after: GateRuns, _ settings: [GateRuns.Setting],
    _ pairs: [(baseline: Int, current: Int)]
  ) -> [GateObstacle] {
    // One seed that fails is an accident of that seed.
    guard pairs.count > 1 else { return [] }
    return settings.filter { setting in
      pairs.allSatisfy { pair in
        before.run(setting, seed: pair.baseline)?.isFailed == false
          && after.run(setting, seed: pair.current)?.isFailed == true
      }
    }
    .map { .collapsed(GateCell($0)) }
  }
}
