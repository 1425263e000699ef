internal import Analysis
internal import LinearAlgebra
internal import Problems
internal import Processes
public import Records
internal import Synchronization
internal import Tensors

/// How far an experiment has come.
public struct ExperimentProgress: Sendable {
  /// Runs finished, those of earlier calls included.
  public var finished: Int
  /// Runs planned.
  public var planned: Int
  /// Runs that had already been finished when this call began.
  public var reused: Int
  /// Runs of this call that diverged.
  public var diverged: Int
  public var elapsedSeconds: Double
  /// The seconds left at the rate so far; nil before the first run has finished.
  public var remainingSeconds: Double?
  /// The run that finished last.
  public var latest: RunEnd?
}

/// Trains the runs of a plan in parallel: one run is one thread from start to end.
public struct ExperimentRunner: Sendable {
  public let plan: ExperimentPlan
  /// Runs trained at the same time.
  public let jobs: Int
  /// Seconds between two checkpoints of a run on its way; nil keeps none, and resumes none.
  public let checkpointSeconds: Double?

  public init(plan: ExperimentPlan, jobs: Int, checkpointSeconds: Double? = nil) {
    precondition(jobs > 0, "an experiment needs at least one job")
    self.plan = plan
    self.jobs = jobs
    self.checkpointSeconds = checkpointSeconds
  }

  /// Trains every run of the plan that `store` does not have yet, keeps each as soon as it is
  /// finished, and publishes all of them in the plan's order.
  ///
  /// - Parameters:
  ///   - report: Called after each finished run, from one thread at a time.
  ///   - isCancelled: Asked at every step; once it is true nothing new is kept or published.
  /// - Returns: Whether the experiment is complete; false if it was cancelled.
  public func run(
    into store: any RunStore, report: @escaping @Sendable (ExperimentProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Bool {
    try run(by: plan.spec.planner, into: store, report: report, isCancelled: isCancelled)
  }

  /// The same with the runs that `planner` decides on, round by round.
  package func run(
    by planner: some Planner, into store: any RunStore,
    report: @escaping @Sendable (ExperimentProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Bool {
    try run(.all, by: planner, into: store, report: report, isCancelled: isCancelled) == .complete
  }

  /// Trains the runs that belong to `shard` of the first round that is not finished, and of the rounds after
  /// it while no run of others is missing, and publishes them.
  public func run(
    _ shard: Shard, into store: any RunStore,
    report: @escaping @Sendable (ExperimentProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> ExperimentEnd {
    try run(
      .shard(shard), by: plan.spec.planner, into: store, report: report, isCancelled: isCancelled)
  }

  /// Trains nothing, publishes the kept runs in the plan's order, and says what is missing.
  public func publish(into store: any RunStore) throws -> ExperimentEnd {
    try run(.nothing, by: plan.spec.planner, into: store, report: { _ in }, isCancelled: { false })
  }

  /// Which runs of a round a call trains.
  private enum Part {
    case all, nothing
    case shard(Shard)

    func runs(of round: [PlannedRun]) -> [PlannedRun] {
      switch self {
      case .all: round
      case .nothing: []
      case .shard(let shard): round.enumerated().filter { shard.takes($0.offset) }.map(\.element)
      }
    }
  }

  private func run(
    _ part: Part, by planner: some Planner, into store: any RunStore,
    report: @escaping @Sendable (ExperimentProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> ExperimentEnd {
    var planner = planner
    var planned: [PlannedRun] = []
    // Those of the planned runs that belong to the part.
    var own = 0
    // Those of the runs before the last round, which need not be read again.
    var known: [RunSummary] = []
    let problems = zip(plan.problems, plan.trainingPlans).map {
      ProblemRecord($0, steps: $1.steps)
    }
    let seedMeasurements = SeedMeasurements()
    for number in 0... {
      let round = try planner.nextRound(of: plan) {
        known += RunSummary.all(
          of: try store.runs(planned[known.count...].map(\.key)), on: problems)
        return known
      }
      guard number == 0 || !round.isEmpty else { break }
      // The store was opened with the first round.
      let finished =
        number == 0
        ? try store.finishedRuns()
        : try store.extend(by: round.map { plan.entry(for: $0, round: number) })
      planned += round
      let mine = part.runs(of: round)
      own += mine.count
      let isComplete = try train(
        mine.filter { !finished.contains($0.key) }, of: own, into: store,
        seedMeasurements, report: report, isCancelled: isCancelled)
      guard isComplete else { return .cancelled }
      let missing = Set(round.map(\.key)).subtracting(finished).subtracting(mine.map(\.key)).count
      if missing > 0 {
        try store.publish(order: planned.map(\.key))
        return .missing(round: number, runs: missing)
      }
    }
    try store.publish(order: planned.map(\.key))
    return .complete
  }

  /// Trains the runs that remain of those planned so far; false if it was cancelled.
  private func train(
    _ remaining: [PlannedRun], of planned: Int, into store: any RunStore,
    _ seedMeasurements: SeedMeasurements,
    report: @escaping @Sendable (ExperimentProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Bool {
    try plan.requireMemory(jobs: min(jobs, remaining.count))
    let queue = RunQueue(plan: plan, remaining: remaining, of: planned, report: report)
    report(queue.progress)
    let body: @Sendable () -> Void = {
      work(from: queue, into: store, seedMeasurements, isCancelled: isCancelled)
    }
    var workers: [WorkerThread] = []
    for _ in 0..<min(jobs, remaining.count) {
      guard let worker = WorkerThread.start(body) else { break }
      workers.append(worker)
    }
    for worker in workers { worker.join() }
    if workers.isEmpty {
      // The system refuses threads, so the calling one trains.
      body()
    }
    if let failure = queue.failure { throw failure }
    return !isCancelled()
  }

  private func work(
    from queue: RunQueue, into store: any RunStore, _ seedMeasurements: SeedMeasurements,
    isCancelled: @Sendable () -> Bool
  ) {
    Threads.useOneThread()
    // Runs come problem by problem: one session at a time is enough.
    var opened: (problem: Int, session: any ProblemSession)?
    while !isCancelled(), let next = queue.next() {
      let trainingPlan = plan.trainingPlan(for: next)
      let trainer = Trainer(
        problem: plan.problems[next.problem], plan: trainingPlan,
        seedMeasurements: seedMeasurements)
      let identified = plan.record(for: next)
      let checkpointing = checkpointing(of: identified, into: store, fail: queue.fail)
      let record = FloatingPointMode.flushingDenormals(trainingPlan.flushesDenormals) {
        trainer.train(
          identified, with: plan.method(for: next),
          in: { () throws(ObjectiveFailure) in
            if let opened, opened.problem == next.problem { return opened.session }
            opened = nil
            let session = try plan.problems[next.problem].openSession()
            opened = (next.problem, session)
            return session
          },
          checkpointing: checkpointing, isCancelled: { isCancelled() || queue.hasFailed })
      }
      guard let record else { return }
      // What failed once is not to be trusted by the next run.
      if record.outcome == .objectiveFailed { opened = nil }
      do {
        try Self.requireInitialLoss(of: record)
        try store.keep(record)
        queue.finish(next, RunEnd(record))
      } catch {
        queue.fail(error)
        return
      }
    }
  }
}

extension ExperimentRunner {
  /// How the run that `record` identifies is kept on its way.
  private func checkpointing(
    of record: RunRecord, into store: any RunStore, fail: @escaping (any Error) -> Void
  ) -> Checkpointing? {
    guard let checkpointSeconds else { return nil }
    return Checkpointing(
      // A run of which nothing can be read begins again.
      latest: { try? store.checkpoint(of: record) }, seconds: checkpointSeconds
    ) { checkpoint in
      StopSignal.allow(bytes: checkpoint.arrays.reduce(0) { $0 + 4 * $1.count })
      do { try store.keep(checkpoint) } catch { fail(error) }
    }
  }

  /// Refuses a run whose loss was no number before any optimizer moved: it would fail with each, and
  /// tells of the data or the initialization alone.
  private static func requireInitialLoss(of record: RunRecord) throws(PlanError) {
    guard let loss = record.evaluations[.trainLoss].first, !loss.isFinite else { return }
    throw unusableInitialLoss(loss, problem: record.key.problem, seed: record.seed)
  }

  static func unusableInitialLoss(
    _ loss: some BinaryFloatingPoint, problem: String, seed: Int
  ) -> PlanError {
    PlanError(
      "problem '\(problem)' has the loss \(loss) with seed \(seed) before any optimizer has moved, "
        + "so that none can be judged. Look for missing or enormous values in its data, or give "
        + "another initialization; finished runs are kept")
  }
}

/// The runs left to train, handed out one at a time.
private final class RunQueue: Sendable {
  private struct State {
    var nextIndex = 0
    var progress: ExperimentProgress
    var finishedWork = 0.0
    var failure: (any Error)?
  }

  private let remaining: [PlannedRun]
  private let work: [Double]
  private let totalWork: Double
  private let state: Mutex<State>
  private let failed = Atomic<Bool>(false)
  private let report: @Sendable (ExperimentProgress) -> Void
  private let start = ContinuousClock.now

  init(
    plan: ExperimentPlan, remaining: [PlannedRun], of planned: Int,
    report: @escaping @Sendable (ExperimentProgress) -> Void
  ) {
    self.report = report
    // The parameters touched, as a measure of how long a run takes beside the others.
    let work = zip(plan.problems, plan.trainingPlans).map {
      Double($1.steps) * Double($0.layout.count + 1000)
    }
    self.work = work
    totalWork = remaining.reduce(0) { $0 + work[$1.problem] }
    // Longest first, so that no worker is left alone with a long one at the end; those of a problem together,
    // since a worker has one problem open at a time.
    self.remaining = remaining.enumerated().sorted { a, b in
      let (first, second) = (a.element.problem, b.element.problem)
      guard first != second else { return a.offset < b.offset }
      return work[first] == work[second] ? first < second : work[first] > work[second]
    }.map(\.element)
    let reused = planned - remaining.count
    state = Mutex(
      State(
        progress: ExperimentProgress(
          finished: reused, planned: planned, reused: reused, diverged: 0,
          elapsedSeconds: 0, remainingSeconds: nil, latest: nil)))
  }

  var progress: ExperimentProgress { state.withLock { $0.progress } }
  var failure: (any Error)? { state.withLock { $0.failure } }
  var hasFailed: Bool { failed.load(ordering: .relaxed) }

  func next() -> PlannedRun? {
    state.withLock { state in
      guard state.failure == nil, state.nextIndex < remaining.count else { return nil }
      defer { state.nextIndex += 1 }
      return remaining[state.nextIndex]
    }
  }

  func finish(_ run: PlannedRun, _ end: RunEnd) {
    state.withLock { state in
      state.finishedWork += work[run.problem]
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      state.progress.finished += 1
      state.progress.diverged += end.outcome.isDiverged ? 1 : 0
      state.progress.elapsedSeconds = elapsed
      state.progress.remainingSeconds = remainingSeconds(
        elapsed: elapsed, finishedWork: state.finishedWork, of: totalWork)
      state.progress.latest = end
      report(state.progress)
    }
  }

  func fail(_ error: any Error) {
    failed.store(true, ordering: .relaxed)
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }
}

/// The seconds left at the rate so far.
package func remainingSeconds(
  elapsed: Double, finishedWork: Double, of totalWork: Double
) -> Double {
  elapsed * (totalWork / finishedWork - 1)
}
