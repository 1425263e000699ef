public import Analysis
internal import LinearAlgebra
internal import Problems
public import Records
internal import Tensors

/// A stored run, trained once more by this program on this machine.
public struct RunReplay: Sendable {
  /// What was made now, with what it was asked to record besides.
  public let run: RunRecord
  /// Where it parts from the stored run; nil while every number is equal.
  public let difference: RunDifference?
  /// What of it the stored run has too, from the step on from which they are compared: with equal bits it has
  /// the same content digest.
  public let compared: RunRecord

  /// Trains the run `stored` once more.
  ///
  /// - Parameters:
  ///   - planned: The run, as `ExperimentPlan.run(_:among:)` finds it.
  ///   - first: The step from which on the two are compared. Training begins at the start in any case.
  ///   - instruments: The names of instruments that watch besides, among `Instruments.all`. Watching changes no
  ///     bit.
  ///   - recordsTensors: Whether the norms of every tensor are recorded at every step besides.
  /// - Returns: Nil if `isCancelled` became true on the way.
  public init?(
    of stored: RunRecord, as planned: PlannedRun, in plan: ExperimentPlan, from first: Int = 0,
    instruments: [String] = [], recordsTensors: Bool = false,
    isCancelled: () -> Bool = { false }
  ) {
    Threads.useOneThread()
    let own = plan.trainingPlan(for: planned)
    var watched = own
    watched.instruments += instruments.filter { !own.instruments.contains($0) }
    watched.recordsTensors = own.recordsTensors || recordsTensors
    let trainer = Trainer(problem: plan.problems[planned.problem], plan: watched)
    let made = FloatingPointMode.flushingDenormals(own.flushesDenormals) {
      trainer.train(
        plan.record(for: planned), with: plan.method(for: planned), isCancelled: isCancelled)
    }
    guard let made else { return nil }
    run = made
    compared = made.keeping(only: stored).taking(stored, before: first)
    difference = RunDifference(stored, compared, limit: 0)
  }
}

extension ExperimentPlan {
  /// The planned run called `key`, of whichever round.
  ///
  /// - Parameter stored: The runs of the experiment, from which later rounds are planned.
  /// - Returns: Nil where no round has such a run, or a round before it is not finished.
  public func run(_ key: RunKey, among stored: [RunRecord]) throws -> PlannedRun? {
    let byKey = Dictionary(stored.map { ($0.key, $0) }) { first, _ in first }
    return try run(key, by: spec.planner, among: byKey)
  }

  private func run(
    _ key: RunKey, by planner: some Planner, among stored: [RunKey: RunRecord]
  ) throws -> PlannedRun? {
    var planner = planner
    var known: [RunSummary] = []
    var planned: [PlannedRun] = []
    let problems = zip(self.problems, trainingPlans).map { ProblemRecord($0, steps: $1.steps) }
    while true {
      let records = planned[known.count...].compactMap { stored[$0.key] }
      guard records.count == planned.count - known.count else { return nil }
      let round = try planner.nextRound(of: self) {
        known += RunSummary.all(of: records, on: problems)
        return known
      }
      if let found = round.first(where: { $0.key == key }) { return found }
      guard !round.isEmpty else { return nil }
      planned += round
    }
  }
}

extension RunRecord {
  /// The run without what the stored one did not record.
  fileprivate func keeping(only stored: RunRecord) -> RunRecord {
    var run = self
    let names = Set(stored.trajectory.further.map(\.quantity.name))
    run.trajectory.further.removeAll { !names.contains($0.quantity.name) }
    func common(_ made: Recording?, _ other: Recording?) -> Recording? {
      guard var made, let other else { return nil }
      made.series.removeAll { other[$0.quantity.name] == nil }
      return made
    }
    // What follows from the other runs of an experiment is no property of this one.
    run.trial = stored.trial
    run.hyperparameters = stored.hyperparameters
    run.flight = common(flight, stored.flight)
    run.tensors = common(tensors, stored.tensors)
    return run
  }

  /// The run with the stored values of the steps before `first`.
  fileprivate func taking(_ stored: RunRecord, before first: Int) -> RunRecord {
    guard first > 0 else { return self }
    var run = self
    let count = min(first, run.trajectory.steps, stored.trajectory.steps)
    for series in StepSeries.allCases {
      run.trajectory[series].replaceSubrange(0..<count, with: stored.trajectory[series][0..<count])
    }
    run.trajectory.clipFired.replaceSubrange(
      0..<count, with: stored.trajectory.clipFired[0..<count])
    for index in run.trajectory.further.indices {
      let name = run.trajectory.further[index].quantity.name
      guard
        let values = stored.trajectory.further.first(where: { $0.quantity.name == name })?.values
      else { continue }
      run.trajectory.further[index].values.replaceSubrange(0..<count, with: values[0..<count])
    }
    for (place, step) in run.evaluations.steps.enumerated() where Int(step) < first {
      guard stored.evaluations.steps.indices.contains(place) else { break }
      for metric in EvaluationMetric.allCases {
        run.evaluations[metric][place] = stored.evaluations[metric][place]
      }
    }
    return run
  }
}
