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
  public var latest: RunKey?
}

/// Trains the runs of a plan in parallel: one run is one thread from start to end.
public struct ExperimentRunner: Sendable {
  public let plan: ExperimentPlan
  /// Runs trained at the same time.
  public let jobs: Int

  public init(plan: ExperimentPlan, jobs: Int) {
    precondition(jobs > 0, "an experiment needs at least one job")
    self.plan = plan
    self.jobs = jobs
  }

  /// Trains every run that `store` does not have yet, keeps each as soon as it is finished, and
  /// publishes all of them in the plan's order.
  ///
  /// - Parameters:
  ///   - report: Called after each finished run, from one thread at a time.
  ///   - isCancelled: Asked at every step; once it is true nothing new is kept or published.
  /// - Returns: Whether the experiment is complete; false if it was cancelled.
  public func run(
    into store: any RunStore, report: @escaping @Sendable (ExperimentProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Bool {
    let finished = try store.finishedRuns()
    let remaining = plan.runs.filter { !finished.contains($0.key) }
    try plan.requireMemory(jobs: min(jobs, remaining.count))
    let queue = RunQueue(plan: plan, remaining: remaining, report: report)
    report(queue.progress)

    let initialEvaluations = InitialEvaluations()
    let body: @Sendable () -> Void = {
      work(from: queue, into: store, initialEvaluations, isCancelled: isCancelled)
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
      FloatingPointMode.flushDenormals(false)
    }
    if let failure = queue.failure { throw failure }
    guard !isCancelled() else { return false }
    try store.publish(order: plan.runs.map(\.key))
    return true
  }

  private func work(
    from queue: RunQueue, into store: any RunStore, _ initialEvaluations: InitialEvaluations,
    isCancelled: @Sendable () -> Bool
  ) {
    Threads.useOneThread()
    while !isCancelled(), let next = queue.next() {
      let trainingPlan = plan.trainingPlans[next.problem]
      FloatingPointMode.flushDenormals(trainingPlan.flushesDenormals)
      let trainer = Trainer(
        problem: plan.problems[next.problem], plan: trainingPlan,
        initialEvaluations: initialEvaluations)
      let record = trainer.train(
        plan.record(for: next), with: plan.method(for: next),
        isCancelled: { isCancelled() || queue.hasFailed })
      guard let record else { return }
      do {
        try store.keep(record)
        queue.finish(next, outcome: record.outcome)
      } catch {
        queue.fail(error)
        return
      }
    }
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
    plan: ExperimentPlan, remaining: [PlannedRun],
    report: @escaping @Sendable (ExperimentProgress) -> Void
  ) {
    self.remaining = remaining
    self.report = report
    // The parameters touched, as a measure of how long a run takes beside the others.
    work = zip(plan.problems, plan.trainingPlans).map {
      Double($1.steps) * Double($0.layout.count + 1000)
    }
    totalWork = remaining.reduce(0) { [work] in $0 + work[$1.problem] }
    let reused = plan.runs.count - remaining.count
    state = Mutex(
      State(
        progress: ExperimentProgress(
          finished: reused, planned: plan.runs.count, reused: reused, diverged: 0,
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

  func finish(_ run: PlannedRun, outcome: Outcome) {
    state.withLock { state in
      state.finishedWork += work[run.problem]
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      state.progress.finished += 1
      state.progress.diverged += outcome.isDiverged ? 1 : 0
      state.progress.elapsedSeconds = elapsed
      state.progress.remainingSeconds = elapsed * (totalWork / state.finishedWork - 1)
      state.progress.latest = run.key
      report(state.progress)
    }
  }

  func fail(_ error: any Error) {
    failed.store(true, ordering: .relaxed)
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }
}
