import Experiments
import Foundation
import Problems
import Records
import Statistics
import Storage
import Synchronization

/// What it costs to keep a run and to publish many, with one job.
func storageSection() throws -> Section {
  let seeds = 200
  let spec = try ExperimentSpec(
    """
    optbench: 1
    name: storage
    problems: [digits-mlp]
    optimizers: [adam]
    learning_rate: 1.0e-3
    clipping: [{name: global-norm, max_norm: 1.0}]
    seeds: \(seeds)
    budget: {steps: 500}
    evaluate: {every: 500}
    """, file: "storage", seeds: nil)
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("optbench-perf-\(ProcessInfo.processInfo.processIdentifier)")
  defer { try? FileManager.default.removeItem(at: folder) }
  let plan = try ExperimentPlan(spec, baseDirectory: ".")
  let path = folder.appendingPathComponent("storage.h5").path
  let header = plan.header(
    provenance: .probe(hdf5Version: RunArchive.hdf5Version, flushDenormals: true))
  let store = TimedStore(try RunArchive(path: path, header: header))
  _ = try ExperimentRunner(plan: plan, jobs: 1).run(
    into: store, report: { _ in }, isCancelled: { false })

  let attributes = try FileManager.default.attributesOfItem(atPath: path)
  let bytes = (attributes[.size] as? NSNumber)?.doubleValue ?? 0
  return Section(
    title: "Storage: a run of 500 steps",
    columns: ["what", "time"],
    rows: [
      ["keep one run, in the journal", Cell.time(Timing(store.keepSeconds))],
      [
        "publish \(seeds) runs as one file, for each run",
        Cell.time(store.publishSeconds / Double(seeds)),
      ],
      ["bytes in the published file, for each run", "\(Int(bytes) / seeds)"],
    ])
}

/// A store that measures how long another takes.
private final class TimedStore: RunStore {
  private struct Times {
    var keep: [Double] = []
    var publish = 0.0
  }

  private let store: any RunStore
  private let times = Mutex(Times())

  init(_ store: any RunStore) { self.store = store }

  var keepSeconds: [Double] { times.withLock { $0.keep } }
  var publishSeconds: Double { times.withLock { $0.publish } }

  func finishedRuns() throws -> Set<RunKey> { try store.finishedRuns() }

  func extend(by round: [PlanEntry]) throws -> Set<RunKey> { try store.extend(by: round) }

  func runs(_ keys: [RunKey]) throws -> [RunRecord] { try store.runs(keys) }

  func keep(_ run: RunRecord) throws {
    let elapsed = try ContinuousClock().measure { try store.keep(run) }
    times.withLock { $0.keep.append(elapsed / .seconds(1)) }
  }

  func publish(order: [RunKey]) throws {
    let elapsed = try ContinuousClock().measure { try store.publish(order: order) }
    times.withLock { $0.publish = elapsed / .seconds(1) }
  }
}
