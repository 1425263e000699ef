import Analysis
import ArgumentParser
import Foundation
import Records
import Reports
import Storage

/// `optbench gate`: whether a result is still as good as the baseline.
struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Compares a result with a baseline and fails if anything got worse.",
    discussion: """
      Statistical mode, for changes that may move numbers: pools all cells of an experiment metric by \
      metric, with at most the stated probability of a false alarm, and names the cells that got \
      worse. Whatever keeps the results from being compared fails too.

      EXAMPLES
        optbench gate --baseline results/baseline/gate.h5 --current results/gate.h5
        optbench gate --baseline B.h5 --current C.h5 --policy gate-policy.yml --markdown gate.md

      EXIT CODES
        0 passed, 1 failed or not comparable, 2 could not do what was asked, 64 usage
      """)

  enum Mode: String, ExpressibleByArgument, CaseIterable { case statistical }

  @Option(help: "The result to compare with (HDF5).", completion: .file(extensions: ["h5"]))
  var baseline: String

  @Option(help: "The result of today (HDF5).", completion: .file(extensions: ["h5"]))
  var current: String

  @Option(help: "What counts as a regression (YAML). (default: every metric as built in)")
  var policy: String?

  @Option(help: "How to compare.")
  var mode: Mode = .statistical

  @Option(help: "How to print the findings: text, markdown, json.")
  var format = "text"

  @Option(help: "Also write the findings as Markdown to this file.")
  var markdown: String?

  @Option(help: "Also write all numbers as JSON to this file.")
  var json: String?

  func validate() throws {
    guard GateFormat.named(format) != nil else {
      let names = GateFormat.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--format \(format): unknown format; allowed: \(names)")
    }
  }

  func run() throws {
    try reportingErrors {
      let policy = try self.policy.map { try GatePolicy(readText($0), file: $0) } ?? GatePolicy()
      let report = try compare(policy)
      for (file, format) in [(markdown, GateFormat.markdown), (json, .json)] {
        if let file { try write(format.render(report), to: file) }
      }
      if let format = GateFormat.named(format) { print(format.render(report), terminator: "") }
      if !report.isPassed { throw ExitCode(1) }
    }
  }

  private func compare(_ policy: GatePolicy) throws -> GateReport {
    let baseline = try read(self.baseline)
    let current = try read(self.current)
    return GateReport(GateComparison(baseline: baseline, current: current, policy: policy))
  }

  private func read(_ file: String) throws -> ExperimentRecord {
    do throws(StorageError) {
      return try RunArchive.read(file)
    } catch {
      guard error.kind == .newerFormat else { throw error }
      // A file of another schema is no accident of the machine: it may not pass for "could not run".
      writeToStandardError("optbench: not comparable: \(error)\n")
      throw ExitCode(1)
    }
  }

  private func write(_ text: String, to file: String) throws {
    let place = URL(fileURLWithPath: file)
    try Reports.write(
      [RenderedFile(name: place.lastPathComponent, contents: text)],
      into: place.deletingLastPathComponent().path)
  }
}
