internal import Analysis
internal import Digests
internal import Optimizers
package import Problems
package import Records
internal import Tensors

/// Trains one run from its first step to its end on the calling thread.
package struct Trainer {
  private let problem: any TestProblem
  private let plan: TrainingPlan
  private let seedMeasurements: SeedMeasurements

  /// - Parameter seedMeasurements: Shared by the runs of an experiment.
  package init(
    problem: any TestProblem, plan: TrainingPlan,
    seedMeasurements: SeedMeasurements = SeedMeasurements()
  ) {
    self.problem = problem
    self.plan = plan
    self.seedMeasurements = seedMeasurements
  }

  /// The finished run, or nil if `isCancelled` became true on the way.
  ///
  /// - Parameters:
  ///   - record: What identifies the run; what it did is filled in.
  ///   - session: Opens what the runs of the calling thread share; nil for a session of the run's own.
  ///   - checkpointing: From where the run goes on, and how it is kept on its way; nil for neither.
  package func train(
    _ record: RunRecord, with method: Method,
    in session: (() throws(ObjectiveFailure) -> any ProblemSession)? = nil,
    checkpointing: Checkpointing? = nil, isCancelled: () -> Bool
  ) -> RunRecord? {
    let seed = UInt64(record.seed)
    // A checkpoint would lack what another program keeps.
    let checkpointing = problem.keepsStateElsewhere ? nil : checkpointing
    var run: TrainingRun
    do throws(ObjectiveFailure) {
      run = try TrainingRun(
        problem: problem, method: method, plan: plan, seed: seed,
        session: try opened(session, for: record))
    } catch {
      if isCancelled() { return nil }
      var result = record
      Self.note(error, in: &result)
      return result
    }
    var evaluator = RunEvaluator(target: problem.target)
    var result = record
    result.initialParametersDigest = digest(of: run.parameters)
    if let start = run.objectiveStart {
      // A number that differs each time it is asked for identifies nothing.
      result.dataOrderDigest = start.difference == 0 ? start.gradientDigest : ""
      result.gradientDifference = start.difference
    } else {
      result.dataOrderDigest = seedMeasurements.orderDigest(of: problem.name, seed: seed) {
        dataOrderDigest(seed: seed)
      }
    }

    var step = 0
    if let checkpoint = checkpointing?.latest(), resume(&run, &evaluator, from: checkpoint) {
      step = checkpoint.step
    } else {
      let initial = seedMeasurements.initialEvaluation(of: problem.name, seed: seed) {
        let results = evaluator.measure { run.evaluate(on: plan.evaluation.splitsAtTheStart) }
        return run.objectiveFailure == nil ? results : nil
      }
      if let initial { evaluator.record(initial, after: 0, gradientEvaluations: 0) }
    }
    let judge = OutcomeJudge(
      initialLoss: evaluator.initialLoss, lowerBound: problem.lowerBound,
      lossUnit: problem.lossUnit, explosionFactor: plan.explosionFactor,
      endsExplodedRuns: plan.endsExplodedRuns)
    var timer = checkpointing.map { CheckpointTimer($0, after: step) }

    var failure: OutcomeJudge.Failure?
    var outcome = Outcome.completed
    var due = plan.evaluation.next(after: step, of: plan.steps)
    while run.objectiveFailure == nil, hasBudget(for: method.optimizer.demand, after: step, run) {
      let isStopping = isCancelled()
      if timer?.isDue(after: step, isStopping: isStopping) == true {
        timer?.keep(checkpoint(of: result, run, evaluator, after: step))
      }
      if isStopping { return nil }
      failure = run.advance(step, judge: judge)
      guard run.objectiveFailure == nil else { break }
      step += 1
      if failure != nil { break }
      if step == due {
        evaluate(&run, after: step, with: &evaluator)
        due = plan.evaluation.next(after: step, of: plan.steps)
      }
      if let early = earlyEnd(run, evaluator) {
        outcome = early
        break
      }
    }
    if failure == nil {
      if run.objectiveFailure == nil, !evaluator.hasEvaluated(after: step) {
        evaluate(&run, after: step, with: &evaluator)
      }
      if plan.evaluation.test == .end, run.objectiveFailure == nil {
        let results = evaluator.measure { run.evaluate(on: [.test]) }
        if run.objectiveFailure == nil { evaluator.complete(with: results) }
      }
      failure = judge.finalFailure(
        finalLoss: evaluator.trainLoss, hasSpentBudget: outcome == .completed)
    }
    if let failure { outcome = failure.outcome }
    fill(&result, from: run, evaluator, outcome: outcome, failure: failure)
    if let failure = run.objectiveFailure {
      // Whoever stops the experiment stops other programs too, which says nothing of them.
      if isCancelled() { return nil }
      Self.note(failure, in: &result)
    }
    return result
  }

  /// Goes on from a checkpoint; false, and nothing changed, if that is not whole.
  private func resume(
    _ run: inout TrainingRun, _ evaluator: inout RunEvaluator, from checkpoint: RunCheckpoint
  ) -> Bool {
    guard run.recorder.canResume(from: checkpoint.run, after: checkpoint.step),
      let state = RunState(checkpoint, of: run.state(after: 0)),
      evaluator.resume(from: checkpoint)
    else { return false }
    run.resume(from: state, recorded: checkpoint.run)
    return true
  }

  private func checkpoint(
    of record: RunRecord, _ run: TrainingRun, _ evaluator: RunEvaluator, after step: Int
  ) -> RunCheckpoint {
    var checkpoint = RunCheckpoint(run: record, step: step)
    checkpoint.run.trajectory = run.recorder.trajectory()
    checkpoint.run.evaluations = evaluator.evaluations
    checkpoint.run.flight = run.recorder.flightRecording()
    checkpoint.run.tensors = run.recorder.tensorRecording()
    run.state(after: step).write(to: &checkpoint)
    evaluator.write(to: &checkpoint)
    return checkpoint
  }

  /// The session, told of the run that is about to begin.
  private func opened(
    _ open: (() throws(ObjectiveFailure) -> any ProblemSession)?, for record: RunRecord
  ) throws(ObjectiveFailure) -> any ProblemSession {
    let session = if let open { try open() } else { try problem.openSession() }
    session.begin(run: record.key.run)
    return session
  }

  /// Notes that the objective failed at the step behind the last one that was made.
  private static func note(_ failure: ObjectiveFailure, in record: inout RunRecord) {
    record.outcome = .objectiveFailed
    record.failureTensor = "objective \(failure.reason)"
    record.failureStep = record.trajectory.steps
    record.messages = failure.messages
  }

  private func evaluate(
    _ run: inout TrainingRun, after step: Int, with evaluator: inout RunEvaluator
  ) {
    let results = evaluator.measure { run.evaluate(on: plan.evaluation.splitsOnTheWay) }
    guard run.objectiveFailure == nil else { return }
    evaluator.record(results, after: step, gradientEvaluations: run.gradientEvaluations)
    run.observe(loss: evaluator.selectionLoss)
  }

  /// Whether the run may make another update: no budget of gradient evaluations is overspent by a
  /// step that takes all that `demand` allows it.
  private func hasBudget(
    for demand: GradientDemand, after step: Int, _ run: TrainingRun
  ) -> Bool {
    guard step < plan.steps else { return false }
    guard let limit = plan.gradientEvaluations else { return true }
    return run.gradientEvaluations + Int64(demand.evaluations.upperBound) <= Int64(limit)
  }

  /// The outcome of a run that a preset stop or the time limit ends now.
  private func earlyEnd(_ run: TrainingRun, _ evaluator: RunEvaluator) -> Outcome? {
    if let tolerance = plan.gradientTolerance, Double(Float(run.last.gradientNorm)) <= tolerance {
      return .stalled
    }
    if let patience = plan.patience, evaluator.evaluationsSinceBest >= patience {
      return .stalled
    }
    if let limit = plan.timeLimitSeconds, evaluator.elapsedSeconds > limit { return .timedOut }
    return nil
  }

  private func fill(
    _ record: inout RunRecord, from run: TrainingRun, _ evaluator: RunEvaluator,
    outcome: Outcome, failure: OutcomeJudge.Failure?
  ) {
    let trajectory = run.recorder.trajectory()
    let scan = SpikeScan(
      loss: trajectory[.loss], gradientNorm: trajectory[.gradientNorm])
    record.outcome = outcome
    record.failureTensor = failure?.subject ?? ""
    record.failureStep = failure == nil ? -1 : trajectory.steps - 1
    record.targetStep = evaluator.targetStep
    record.firstAlarmStep =
      [scan.firstStep, run.firstNonfiniteGradientStep, record.failureStep]
      .filter { $0 >= 0 }.min() ?? -1
    record.worstStep = worstStep(of: trajectory[.loss])
    record.spikes = scan.spikes
    record.spikesRecovered = scan.recovered
    record.nonfiniteGradients = run.nonfiniteGradients
    record.gradientEvaluations = run.gradientEvaluations
    record.wallSeconds = evaluator.elapsedSeconds
    record.trainingSeconds = evaluator.trainingSeconds
    record.peakMemoryBytes = peakMemoryBytes()
    record.trajectory = trajectory
    record.evaluations = evaluator.evaluations
    record.flight = failure == nil ? nil : run.recorder.flightRecording()
    record.tensors = run.recorder.tensorRecording()
  }

  /// The step with the highest loss, a non-finite one before all others.
  private func worstStep(of loss: [Float]) -> Int {
    if let nonfinite = loss.firstIndex(where: { !$0.isFinite }) { return nonfinite }
    return loss.indices.max { loss[$0] < loss[$1] } ?? -1
  }

  private func digest(of parameters: FloatBuffer) -> String {
    var digest = Digest()
    digest.add(UnsafeRawBufferPointer(start: parameters.pointer, count: parameters.count * 4))
    return digest.finish()
  }

  /// The digest of the order in which a run of the whole budget draws its examples.
  private func dataOrderDigest(seed: UInt64) -> String {
    var order = problem.makeBatchOrder(seed: seed)
    var digest = Digest()
    for _ in 0..<plan.steps { digest.add(UnsafeRawBufferPointer(order.next().indices)) }
    return digest.finish()
  }
}
