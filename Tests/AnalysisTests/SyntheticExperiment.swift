import Records

/// Runs with chosen numbers: what the statistics should be is plain to see.
enum Synthetic {
  static func problem(
    _ name: String = "bowl", target: (metric: EvaluationMetric, value: Double)? = nil,
    steps: Int = 100
  ) -> ProblemRecord {
    ProblemRecord(
      name: name, summary: "a made-up problem, batch size 8", digest: "digest-of-\(name)",
      parameterCount: 1234, layout: "[]", lowerBound: 0, lossUnit: 1,
      targetMetric: target?.metric.rawValue ?? "", targetValue: target?.value ?? .nan,
      targetRule: target == nil ? "" : "set beforehand", steps: steps, stepsPerEpoch: 10)
  }

  /// A run whose evaluations lie at the first step, half-way and at the end.
  ///
  /// - Parameters:
  ///   - losses: The loss at the three evaluations, on every split of `splits`.
  ///   - failureStep: Where the run failed; later evaluations are cut off.
  static func run(
    _ optimizer: String, on problem: String = "bowl", clipping: String = "none", trial: Int = 0,
    rate: Double = 0.1, isDefault: Bool = false, seed: Int, losses: [Double] = [1, 0.5, 0.25],
    accuracy: Double? = nil, splits: [EvaluationMetric] = [.trainLoss, .validationLoss, .testLoss],
    outcome: Outcome = .completed, failureStep: Int = -1, failure: String = "",
    targetStep: Int = -1, steps: Int = 100, gradientNorms: [Float] = [], fired: Set<Int> = [],
    coefficient: Float = 0.5
  ) -> RunRecord {
    var run = RunRecord(
      key: RunKey(
        problem: problem, run: "\(optimizer) \(clipping) lr=\(rate) trial=\(trial) seed=\(seed)"),
      optimizer: optimizer, clipping: clipping, trial: trial, seed: seed, baseLearningRate: rate,
      isDefaultLearningRate: isDefault,
      hyperparameters: [("momentum", optimizer == "sgd" ? 0.9 : .nan)], config: "{}")
    run.outcome = outcome
    run.failureStep = failureStep
    run.failureTensor = failure
    run.targetStep = targetStep
    let done = failureStep >= 0 ? failureStep + 1 : steps
    run.gradientEvaluations = Int64(done)
    run.trajectory.clipFired = (0..<done).map { fired.contains($0) ? 1 : 0 }
    run.trajectory[.loss] = (0..<done).map { _ in Float(losses[0]) }
    let norms =
      gradientNorms.isEmpty ? Array(repeating: Float(1), count: done) : gradientNorms
    run.trajectory[.gradientNorm] = Array(norms.prefix(done))
    run.trajectory[.clippedGradientNorm] = run.trajectory[.gradientNorm].enumerated().map {
      fired.contains($0) ? $1 * coefficient : $1
    }
    run.trajectory[.clipCoefficient] = (0..<done).map { fired.contains($0) ? coefficient : 1 }
    for (index, step) in [0, steps / 2, steps].enumerated() where step <= done {
      run.evaluations.steps.append(Int32(step))
      run.evaluations.gradientEvaluations.append(Int64(step))
      run.evaluations.elapsedSeconds.append(Double(step) / 100)
      for metric in EvaluationMetric.allCases {
        let value: Double =
          splits.contains(metric)
          ? losses[index]
          : metric.rawValue.hasSuffix("accuracy") ? accuracy ?? .nan : .nan
        run.evaluations[metric].append(Double(Float(value)))
      }
    }
    return run
  }

  static func experiment(_ runs: [RunRecord], planned: Int? = nil) -> ExperimentRecord {
    experiment([problem()], runs, planned: planned)
  }

  static func experiment(
    _ problems: [ProblemRecord], _ runs: [RunRecord], planned: Int? = nil
  ) -> ExperimentRecord {
    var provenance = Provenance()
    provenance.optbenchVersion = "0.1.0"
    provenance.gitRevision = "0123abc"
    provenance.swiftVersion = "6.2"
    provenance.oneDNNVersion = "2.6.3"
    provenance.hdf5Version = "1.10.8"
    provenance.libcVersion = "2.36"
    provenance.cpu = "Made-up CPU"
    provenance.isa = "avx2"
    provenance.kernel = "Linux 6.1"
    provenance.cores = 2
    provenance.created = "2026-01-02T03:04:05Z"
    return ExperimentRecord(
      header: ExperimentHeader(
        name: "synthetic", title: "A made-up experiment", spec: "optbench: 1\n",
        specDigest: "spec-digest", provenance: provenance, problems: problems,
        plannedRuns: planned ?? runs.count),
      runs: runs)
  }
}
