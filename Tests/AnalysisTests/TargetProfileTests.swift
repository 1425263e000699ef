import Analysis
import Records
import Testing

/// How fast targets are reached, and where methods stand at equal seconds.
@Suite struct TargetProfileTests {
  private static func analysis(
    seconds: (RunRecord) -> Double = { _ in .nan }
  ) throws -> (ExperimentRecord, RobustAnalysis) {
    var record = RobustExperiment().record()
    for index in record.runs.indices {
      record.runs[index].trainingSeconds = seconds(record.runs[index])
    }
    let analysis = ExperimentAnalysis(of: record, options: AnalysisOptions())
    return (record, try #require(analysis.problems[0].robust))
  }

  private static func method(_ label: String, of analysis: RobustAnalysis) throws -> RobustMethod {
    try #require(analysis.methods.first { $0.method.label == label })
  }

  /// Counted from the stored evaluations, pair by pair.
  @Test func everyPairOfSeedAndTargetIsReachedAtItsFirstEvaluation() throws {
    let (record, analysis) = try Self.analysis()
    for method in analysis.methods where method.ladder != nil {
      let profile = try #require(method.targets(on: analysis.scale))
      let keys = method.tunedRuns.map(\.key)
      var pairs: [Int64?] = []
      for level in TargetProfile.levels {
        // Cross-entropy with a lower bound of 0: a share of progress is a share of the loss.
        let target = (1 - level) * 2.3
        for key in keys {
          let run = try #require(record.runs.first { $0.key == key })
          let losses = run.evaluations[.testLoss]
          let first = losses.indices.first { losses[$0] <= target * (1 + 1e-12) }
          pairs.append(first.map { run.evaluations.gradientEvaluations[$0] })
        }
      }
      #expect(profile.runtimes.flatMap { $0 } == pairs)
      for within in [0, 25, 50, 100] as [Int64] {
        let count = pairs.count { $0.map { $0 <= within } ?? false }
        #expect(profile.share(within: within) == Double(count) / Double(pairs.count))
      }
      #expect(profile.steps.last?.share == profile.share)
    }
  }

  @Test func theExpectedRuntimeSpendsTheFailuresToo() throws {
    let (_, analysis) = try Self.analysis()
    let profile = try #require(
      try Self.method("adamw", of: analysis).targets(on: analysis.scale))
    for target in TargetProfile.levels.indices {
      let reached = profile.reached(target)
      let hit = profile.runtimes[target].compactMap { $0 }.reduce(0, +)
      let missed = zip(profile.runtimes[target], profile.spent).filter { $0.0 == nil }
        .reduce(0) { $0 + $1.1 }
      #expect(
        profile.expectedRuntime(target)
          == (reached == 0 ? nil : Double(hit + missed) / Double(reached)))
      if 2 * reached < profile.spent.count { #expect(profile.median(target) == nil) }
    }
  }

  @Test func aSlowerMethodIsLookedAtWithinItsRun() throws {
    let (record, analysis) = try Self.analysis { run in
      switch (run.optimizer, run.clipping) {
      case ("adamw", "none"): 10
      case ("adamw", _): 20
      case ("sgd", "none"): 5
      default: 1e4
      }
    }
    let time = try #require(EqualTime(analysis))
    #expect(time.seconds == 10)
    func standing(_ label: String) throws -> EqualTime.Standing? {
      time.standings[try #require(analysis.methods.firstIndex { $0.method.label == label })]
    }
    // Half of its run: the evaluation in the middle.
    let slow = try #require(try standing("adamw + global-norm(1)"))
    let runs = try Self.method("adamw + global-norm(1)", of: analysis).tunedRuns.map(\.key)
    let halfway = record.runs.filter { runs.contains($0.key) }
      .map { $0.evaluations[.testLoss][1] }.sorted()
    #expect(slow.share == 0.5 && slow.secondsPerRun == 20)
    let loss = try #require(slow.loss)
    #expect(loss >= halfway[0] && loss <= halfway[halfway.count - 1])
    // A faster one has ended.
    let fast = try #require(try standing("sgd"))
    #expect(fast.share == 1)
    let tuned = try #require(try Self.method("sgd", of: analysis).tunedLoss?.value)
    #expect(try abs(#require(fast.loss) - tuned) < 1e-12)
    // Nothing was evaluated so early.
    #expect(try standing("sgd + global-norm(1)")?.loss == nil)
    #expect(try standing("frozen") == nil)
  }

  @Test func withoutTimesThereIsNothingToCompare() throws {
    var record = RobustExperiment().record()
    for index in record.runs.indices { record.runs[index].wallSeconds = 0 }
    let analysis = ExperimentAnalysis(of: record, options: AnalysisOptions())
    #expect(EqualTime(try #require(analysis.problems[0].robust)) == nil)
  }
}
