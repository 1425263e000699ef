import Analysis
import ArgumentParser
import Experiments
import Foundation
import Records
import Settings
import Storage

/// `make soak`: proves what the gate catches and how often it is wrong.
@main
struct SoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optbench-soak",
    abstract: "Measures the gate's false alarms and what it catches of deliberate mistakes.")

  @Argument(help: "The gate's experiment file.")
  var experiment: String

  @Option(help: "The gate's policy.")
  var policy: String

  @Option(help: "The page to write.")
  var output: String

  @Option(help: "Seeds run for the comparisons of equal code.")
  var pool = 80

  @Option(help: "Comparisons of equal code.")
  var comparisons = 2000

  @Option(help: "Baselines that are held against fresh seeds of equal code.")
  var baselines = 40

  @Option(help: "Results of the same experiment with other instruction sets.")
  var other: [String] = []

  @Option(help: "Runs trained at the same time.")
  var jobs = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Only the mutants whose names contain this; the page is then printed, not written.")
  var only: String?

  func run() throws {
    let text = try readText(experiment)
    let gatePolicy = try GatePolicy(readText(policy), file: policy)
    let laboratory = try laboratory(text, seeds: nil)
    progress("training the baseline")
    let clean = laboratory.result()
    let controls = Mutant.controls.map { trial($0, in: "control", laboratory, clean, gatePolicy) }
    let mutants = Mutant.all.flatMap { place, mutants in
      mutants.filter { only == nil || $0.name.contains(only ?? "") }
        .map { trial($0, in: place, laboratory, clean, gatePolicy) }
    }
    let (equalCode, fixedBaselines) = try equalCode(text, gatePolicy)
    let page = ProofPage(
      header: laboratory.header, policy: gatePolicy,
      equalCode: equalCode, fixedBaselines: fixedBaselines, controls: controls, mutants: mutants,
      otherInstructionSets: try other.map { file in
        let result = try RunArchive.read(file)
        return (
          result.header.provenance.isa,
          GateComparison(baseline: clean, current: result, policy: gatePolicy),
          ExactComparison(baseline: clean, current: result, policy: gatePolicy)
        )
      }, settings: mutants.first?.statistical.settings ?? 0)
    if only == nil {
      try page.text.write(toFile: output, atomically: true, encoding: .utf8)
    } else {
      print(page.text, terminator: "")
    }
  }

  private func laboratory(_ text: String, seeds: [Int]?) throws -> Laboratory {
    let spec = try ExperimentSpec(text, file: experiment, seeds: seeds)
    let folder = URL(fileURLWithPath: experiment).deletingLastPathComponent().path
    return Laboratory(
      plan: try ExperimentPlan(spec, baseDirectory: folder),
      provenance: .probe(hdf5Version: RunArchive.hdf5Version, flushDenormals: true), jobs: jobs)
  }

  private func trial(
    _ mutant: Mutant, in place: String, _ laboratory: Laboratory, _ clean: ExperimentRecord,
    _ policy: GatePolicy
  ) -> MutantTrial {
    let trial = MutantTrial(
      mutant, in: place, clean: clean, mutated: laboratory.result(of: mutant), policy: policy)
    let found =
      (trial.isCaughtByRule ? "rule changed, " : "")
      + (trial.isCaughtStatistically ? "caught" : "passed")
    progress("\(place) \(mutant.name): \(found)")
    return trial
  }

  private func equalCode(
    _ text: String, _ policy: GatePolicy
  ) throws -> (EqualCodeTrial, FixedBaselineTrial) {
    progress("training \(pool) seeds of equal code")
    let result = try laboratory(text, seeds: Array(0..<pool)).result()
    progress("drawing \(comparisons) comparisons")
    let seeds = SeedPool(result)
    let equalCode = EqualCodeTrial(seeds, policy: policy, size: 10, comparisons: comparisons)
    progress("holding \(baselines) baselines against fresh seeds")
    return (
      equalCode,
      FixedBaselineTrial(
        seeds, policy: policy, size: 10, baselines: baselines,
        comparisonsOfEach: max(1, comparisons / baselines))
    )
  }

  private func progress(_ text: String) {
    FileHandle.standardError.write(Data("soak: \(text)\n".utf8))
  }

  private func readText(_ file: String) throws -> String {
    try String(contentsOfFile: file, encoding: .utf8)
  }
}
