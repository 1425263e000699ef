import Experiments
import Foundation
import LinearAlgebra
import Records
import Synchronization
import Tensors

/// Trains the runs of a plan, altered or not, as `ExperimentRunner` does, and keeps them in memory.
final class Laboratory: Sendable {
  let plan: ExperimentPlan
  let header: ExperimentHeader
  private let jobs: Int

  init(plan: ExperimentPlan, provenance: Provenance, jobs: Int) {
    self.plan = plan
    self.jobs = jobs
    header = plan.header(provenance: provenance)
  }

  /// The result with every run altered by `mutant`.
  func result(of mutant: Mutant? = nil) -> ExperimentRecord {
    let queue = Queue(count: plan.runs.count)
    // The untrained models are evaluated once for each seed, as in any experiment.
    let seedMeasurements = SeedMeasurements()
    let workers = DispatchGroup()
    for _ in 0..<jobs {
      workers.enter()
      let thread = Thread { [self] in
        Threads.useOneThread()
        while let index = queue.next() {
          queue.keep(train(index, mutant, seedMeasurements), at: index)
        }
        workers.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    workers.wait()
    var header = header
    if let mutant {
      header.updateTraces = plan.updateTraces { run, method in
        var specimen = specimen(of: run, plan.record(for: run))
        specimen.method = method
        mutant.alter(&specimen)
        var altered = specimen.method
        altered.schedule = method.schedule
        return altered
      }
    }
    return ExperimentRecord(header: header, runs: queue.results)
  }

  private func specimen(of run: PlannedRun, _ record: RunRecord) -> Specimen {
    Specimen(
      optimizer: record.optimizer, clipping: record.clipping, seed: record.seed,
      problem: plan.problems[run.problem], method: plan.method(for: run),
      plan: plan.trainingPlans[run.problem])
  }

  private func train(
    _ index: Int, _ mutant: Mutant?, _ seedMeasurements: SeedMeasurements
  ) -> RunRecord {
    let planned = plan.runs[index]
    let record = plan.record(for: planned)
    var specimen = specimen(of: planned, record)
    mutant?.alter(&specimen)
    let trainer = Trainer(
      problem: specimen.problem, plan: specimen.plan, seedMeasurements: seedMeasurements)
    let trained = FloatingPointMode.flushingDenormals(specimen.plan.flushesDenormals) {
      trainer.train(record, with: specimen.method, isCancelled: { false })
    }
    guard var run = trained else {
      preconditionFailure("a run ended although nobody cancelled it")
    }
    specimen.recording(&run)
    return run
  }
}

/// The places of the runs to train, and the finished ones.
private final class Queue: Sendable {
  private let count: Int
  private let position = Atomic<Int>(0)
  private let finished: Mutex<[RunRecord?]>

  init(count: Int) {
    self.count = count
    finished = Mutex(Array(repeating: nil, count: count))
  }

  func next() -> Int? {
    let index = position.wrappingAdd(1, ordering: .relaxed).oldValue
    return index < count ? index : nil
  }

  func keep(_ run: RunRecord, at index: Int) { finished.withLock { $0[index] = run } }

  var results: [RunRecord] { finished.withLock { $0.compactMap { $0 } } }
}
