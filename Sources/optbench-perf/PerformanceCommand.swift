import ArgumentParser
import Experiments
import Foundation
import LinearAlgebra
import Records
import Storage
import Tensors

/// Measures optbench for `make perf`; not part of what users install.
@main
struct PerformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optbench-perf",
    abstract: "Measures how fast optbench is and prints Markdown.",
    discussion: "scripts/perf.sh runs it: sections of one thread pinned to one core, others not.")

  enum Part: String, CaseIterable, ExpressibleByArgument {
    case machine, steps, kernels, matrices, clips, passes, bridge, storage, memory, parallel, grid
  }

  @Argument(help: "What to measure: \(Part.allCases.map(\.rawValue).joined(separator: ", ")).")
  var parts: [Part] = []

  @Option(help: ArgumentHelp("Be the program that 'bridge' asks.", visibility: .private))
  var serveNothing: Int?

  @Option(help: "Measure only the training row or the optimizer of this name, for a profiler.")
  var only: String?

  @Option(help: "What peers measured, as scripts/peers/ print it.")
  var peers: String?

  @Option(help: "The optbench that runs the grid.")
  var optbench = ".build/release/optbench"

  @Option(help: "The grid's experiment file.")
  var grid = "experiments/grid.yml"

  func run() throws {
    if let serveNothing { return optbench_perf.serveNothing(count: serveNothing) }
    guard !parts.isEmpty else { throw ValidationError("say what to measure") }
    Threads.useOneThread()
    let peers = try self.peers.map(Peers.init(file:)) ?? .none
    for part in parts {
      let found: [Section] = try FloatingPointMode.flushingDenormals { try sections(part, peers) }
      for section in found { print(section.markdown, terminator: "") }
    }
  }

  private func sections(_ part: Part, _ peers: Peers) throws -> [Section] {
    switch part {
    case .machine: [machineSection()]
    case .steps: try stepSections(TrainingRow.all.filter { isWanted($0.name) }, peers)
    case .kernels: try kernelSections(OptimizerKernel.names.filter(isWanted), peers)
    case .matrices: [try matrixSection()]
    case .clips: [try clipSection()]
    case .passes: [passSection()]
    case .bridge: [try bridgeSection()]
    case .storage: [try storageSection()]
    case .memory: [try memorySection()]
    case .parallel: [try parallelSection()]
    case .grid: [try gridSection(optbench: optbench, file: grid)]
    }
  }

  private func isWanted(_ name: String) -> Bool { only == nil || only == name }

  private func machineSection() -> Section {
    let provenance = Provenance.probe(
      hdf5Version: RunArchive.hdf5Version, flushDenormals: true)
    return Section(
      title: "Machine", columns: ["what", "value"],
      rows: [
        ["date", provenance.created], ["revision", provenance.gitRevision],
        ["processor", "\(provenance.cpu), \(provenance.cores) cores in use"],
        ["system", "\(provenance.kernel), \(provenance.libcVersion)"],
        ["oneDNN", "\(provenance.oneDNNVersion), \(provenance.isa)"],
        ["HDF5", provenance.hdf5Version], ["Swift", provenance.swiftVersion],
      ])
  }
}
