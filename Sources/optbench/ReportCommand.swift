import Analysis
import ArgumentParser
import Experiments
import Foundation
import Records
import Reports
import Settings
import Storage

/// `optbench report`: ranks what a result file holds.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Ranks stability and convergence of stored results, as Markdown, CSV, JSON and a page for a browser.",
    discussion: """
      One result file gives DIR/report.md, DIR/report.html and the CSV tables; several give DIR/<name>/report.md each \
      and the overview DIR/README.md. The same file always gives the same bytes. Without --output one \
      file's folder is that of its own name beside it, several files' is 'reports' beside the first. Files \
      that hold parts of one experiment are reported together, as merge puts them together.

      EXAMPLES
        optbench report results/rosenbrock.h5
        optbench report results/rosenbrock.h5 --output results/rosenbrock
        optbench report results/*.h5 --output results
        optbench report results/rosenbrock.h5 --output /tmp/r --format html
        optbench report results/rosenbrock.h5 --output /tmp/r --format csv
        optbench report results/rosenbrock.h5 --audit rosenbrock-x5.h5 --audit rosenbrock-constant.h5
      """)

  @Argument(help: "Result files (HDF5).", completion: .file(extensions: ["h5"]))
  var files: [String]

  @Option(
    help: "The folder for the report; made if it is missing. (default: F for F.h5, beside it)")
  var output: String?

  @Option(help: "Only this format: \(ReportFormat.all.map(\.name).joined(separator: ", ")).")
  var format: String?

  @Option(
    help:
      "The pictures of report.md in this form too, by rsvg-convert: \(FigureConversion.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var figures: FigureConversion?

  @Option(
    help: ArgumentHelp(
      "A result of the same experiment with something changed (budget, schedule, seeds, tuning), for the table of how far the order of methods holds; may be given several times.",
      valueName: "file"), completion: .file(extensions: ["h5"]))
  var audit: [String] = []

  func run() throws {
    try reportingErrors {
      let formats = try chosenFormats()
      if let figures {
        guard formats.contains(where: { $0.name == ReportFormat.markdown.name }) else {
          throw CommandFailure(
            "--figures \(figures.rawValue): the pictures belong to report.md; leave --format out, or let it be markdown"
          )
        }
        try figures.requireProgram()
      }
      let output = self.output ?? Self.defaultFolder(for: files)
      var reports: [AnalyzedResult] = []
      for part in try experiments() { reports.append(AnalyzedResult(part.file, part.record)) }
      try addVariants(to: &reports)
      for report in reports {
        let folder = reports.count == 1 ? output : "\(output)/\(report.name)"
        let contents = Report(report.analysis, report.context)
        let rendered = formats.flatMap { $0.render(contents) }
        try write(rendered, into: folder)
        try figures?.convert(rendered, in: folder)
        try printAnswer(folder + "/" + (rendered.first?.name ?? ""), isExact: true)
      }
      if reports.count > 1 {
        let overview = OverviewReport.render(reports.map(\.analysis))
        try write([overview], into: output)
        try printAnswer(output + "/" + overview.name, isExact: true)
      }
    }
  }

  /// Gives each report the results of `--audit`, told apart by what their experiment files say otherwise.
  private func addVariants(to reports: inout [AnalyzedResult]) throws {
    if audit.isEmpty { return }
    guard reports.count == 1, reports[0].analysis.isRobust else {
      throw CommandFailure(
        "--audit takes one result of the robust protocol to compare with, not \(reports.count == 1 ? "a grid" : "\(reports.count) of them")"
      )
    }
    for file in audit {
      let record = try RunArchive.read(file)
      let changes = differences(
        ofExperiment: record.header.spec, from: reports[0].analysis.header.spec, file: file
      ).filter { !$0.path.hasPrefix("name") && !$0.path.hasPrefix("evaluate") }
      let analysis = ExperimentAnalysis(of: record)
      guard analysis.isRobust else {
        throw CommandFailure("--audit \(file): it is a grid; give a result of the robust protocol")
      }
      let change =
        changes.isEmpty
        ? "nothing: \(URL(fileURLWithPath: file).lastPathComponent)"
        : changes.prefix(3).map(\.description).joined(separator: "; ")
          + (changes.count > 3 ? "; and \(changes.count - 3) more" : "")
      reports[0].context.variants.append(.init(change: change, analysis: analysis))
    }
  }

  /// `results/digits` for `results/digits.h5`, `results/reports` for several.
  private static func defaultFolder(for files: [String]) -> String {
    let first = URL(fileURLWithPath: files.first ?? "")
    let folder = (files.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().joined(separator: "/")
    let prefix = folder.isEmpty && files.first?.hasPrefix("/") != true ? "" : folder + "/"
    if files.count > 1 { return prefix + "reports" }
    let stem = first.deletingPathExtension().lastPathComponent
    return prefix + (stem == first.lastPathComponent ? "\(stem).report" : stem)
  }

  private func chosenFormats() throws -> [ReportFormat] {
    guard let format else { return ReportFormat.all }
    guard let chosen = ReportFormat.named(format) else {
      let names = ReportFormat.all.map(\.name).joined(separator: ", ")
      throw CommandFailure("--format \(format): unknown format; allowed: \(names)")
    }
    return [chosen]
  }

  /// The experiments of the files, those of one name together.
  private func experiments() throws -> [(file: String, record: ExperimentRecord)] {
    var parts: [[(file: String, record: ExperimentRecord)]] = []
    for file in files {
      let record = try RunArchive.read(file)
      if let known = parts.firstIndex(where: { $0[0].record.header.name == record.header.name }) {
        parts[known].append((file, record))
      } else {
        parts.append([(file, record)])
      }
    }
    return try parts.map { parts in
      guard parts.count > 1 else { return parts[0] }
      let union = try ExperimentUnion(parts.map { (file: $0.file, text: $0.record.header.spec) })
      return (
        parts.map { URL(fileURLWithPath: $0.file).lastPathComponent }.joined(separator: ", "),
        try ExperimentRecord(merging: parts, spec: union.text, specDigest: union.digest)
      )
    }
  }
}

/// A result with its analysis.
private struct AnalyzedResult {
  let name: String
  let analysis: ExperimentAnalysis
  var context: ReportContext

  init(_ file: String, _ record: ExperimentRecord) {
    name = record.header.name
    analysis = ExperimentAnalysis(of: record)
    var context = ReportContext()
    context.defaults = .catalogs
    context.contentDigest = record.contentDigest
    context.records = Dictionary(record.runs.map { ($0.key, $0) }) { first, _ in first }
    context.traces = RunTraces(record)
    context.resultFile = URL(fileURLWithPath: file).lastPathComponent
    self.context = context
  }
}
