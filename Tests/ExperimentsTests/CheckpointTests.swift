import Analysis
import Experiments
import Foundation
import LinearAlgebra
import Optimizers
import Records
import Storage
import TestSupport
import Testing

/// A run that was stopped at any step goes on from its checkpoint on the disk, and records what it would have
/// recorded: every series, the tensors, the flight before a failure.
@Suite struct CheckpointTests {
  private static let netWithBuffersAndNoise = """
    - name: net
      dataset: {name: blobs, training: 78, validation: 20, test: 20}
      model: {name: layers, layers: [{name: dense, outputs: 5}, batch-norm, {name: dropout, rate: 0.3}, dense]}
      loss: cross-entropy
      batch_size: 16
    """

  private func plan(
    optimizers: [String] = ["adam"], clipping: [String] = ["none"], rates: String = "[0.05]",
    problem: String = netWithBuffersAndNoise, also: String = "",
    record: String = "{per_tensor: true, optimizer_state: true, clipping_transforms: true}"
  ) throws -> ExperimentPlan {
    let spec = try ExperimentSpec(
      """
      optbench: 1
      name: stopped
      problems:
      \(problem)
      optimizers: [\(optimizers.joined(separator: ", "))]
      clipping: [\(clipping.joined(separator: ", "))]
      learning_rate: \(rates)
      seeds: 1
      budget: {steps: 14}
      evaluate: {every: 5}
      record: \(record)
      \(also)
      """, file: "test")
    return try ExperimentPlan(spec, baseDirectory: ".")
  }

  private func train(
    _ run: PlannedRun, of plan: ExperimentPlan, checkpointing: Checkpointing? = nil,
    isCancelled: () -> Bool = { false }
  ) -> RunRecord? {
    Threads.useOneThread()
    return Trainer(problem: plan.problems[run.problem], plan: plan.trainingPlan(for: run)).train(
      plan.record(for: run), with: plan.method(for: run), checkpointing: checkpointing,
      isCancelled: isCancelled)
  }

  /// Stops every run of the plan at a step that looks drawn, opens the archive anew and goes on.
  private func expectTheSameBits(_ plan: ExperimentPlan) throws {
    let folder = try TemporaryFolder()
    let header = plan.header(provenance: Provenance())
    let archive = try RunArchive(path: folder.path + "/stopped.h5", header: header)
    var stops: [RunKey: Int] = [:]
    for (index, run) in plan.runs.enumerated() {
      let stop = 1 + (index * 7919 + 5) % 13
      var calls = 0
      let finished = train(
        run, of: plan,
        checkpointing: Checkpointing(seconds: .infinity) { checkpoint in
          #expect(throws: Never.self) { try archive.keep(checkpoint) }
        }
      ) {
        calls += 1
        return calls > stop
      }
      if finished == nil { stops[run.key] = stop }
    }
    _ = consume archive
    let again = try RunArchive(path: folder.path + "/stopped.h5", header: header)
    #expect(again.warnings.isEmpty && stops.count > plan.runs.count / 4)
    for run in plan.runs {
      let whole = try #require(train(run, of: plan))
      var calls = 0
      let resumed = try #require(
        train(
          run, of: plan,
          checkpointing: Checkpointing(
            latest: { again.checkpoint(of: plan.record(for: run)) }, seconds: .infinity
          ) { _ in }
        ) {
          calls += 1
          return false
        })
      let stop = stops[run.key] ?? 0
      #expect(calls == whole.trajectory.steps - stop, "\(run.key.run) did not go on from \(stop)")
      #expect(resumed == whole && resumed.contentDigest == whole.contentDigest, "\(run.key.run)")
      try again.keep(resumed)
    }
    try again.publish(order: plan.runs.map(\.key))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["stopped.h5", "stopped.runs.lock"])
  }

  @Test func everyOptimizerWithEveryClip() throws {
    try expectTheSameBits(
      plan(
        optimizers: optimizerCatalog.names, clipping: clippingCatalog.names,
        record: "{per_tensor: true}"))
  }

  /// Schedules with a memory, rates at which runs fail, averages that are evaluated elsewhere, a budget of
  /// gradient evaluations.
  @Test(arguments: [
    "schedule: {name: reduce-on-plateau, patience: 0, factor: 0.5}",
    "schedule: {name: cosine, warmup_steps: 5}", "stop: {patience: 2}",
  ])
  func failuresAveragesAndSchedules(also: String) throws {
    try expectTheSameBits(
      plan(
        optimizers: ["sgd", "schedule-free-adamw", "sam", "lookahead", "lbfgs", "prodigy"],
        clipping: ["none", "autoclip"], rates: "[0.01, 1.0e+18]", also: also))
  }

  @Test func functions() throws {
    try expectTheSameBits(
      plan(
        optimizers: optimizerCatalog.names.filter { $0 != "sophia-g" },
        clipping: ["{name: noise}", "zclip"],
        problem: "- {name: valley, function: {name: rosenbrock, dimension: 6}}"))
  }

  /// What later instruments attach to: a run made again with more watching it is the same run.
  @Test func aReplayMayRecordMoreThanTheRunDid() throws {
    let plan = try plan(optimizers: ["adam"], clipping: ["autoclip"], record: "{}")
    let stored = try #require(train(plan.runs[0], of: plan))
    let planned = try #require(try plan.run(stored.key, among: []))
    let replay = try #require(
      RunReplay(
        of: stored, as: planned, in: plan, instruments: ["optimizer_state", "clipping_transforms"],
        recordsTensors: true))
    #expect(replay.difference == nil && replay.compared == stored)
    #expect(replay.compared.contentDigest == stored.contentDigest)
    #expect(replay.run.tensors?["state_exp_avg_norm"] != nil)
    var other = stored
    other.evaluations[.trainLoss][1] += 1
    let parted = try #require(RunReplay(of: other, as: planned, in: plan))
    #expect(parted.difference?.place == .evaluation(5, "train_loss"))
    #expect(RunReplay(of: other, as: planned, in: plan, from: 6)?.difference == nil)
    #expect(RunReplay(of: stored, as: planned, in: plan, isCancelled: { true }) == nil)
  }
}
