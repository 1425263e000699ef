import Analysis
import ArgumentParser
import Foundation
import Records
import Reports
import Storage

/// `optbench report`: ranks what a result file holds.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Ranks stability and convergence of stored results, as Markdown and CSV.",
    discussion: """
      One result file gives DIR/report.md and its CSV tables; several give DIR/<name>/report.md each \
      and the overview DIR/README.md. The same file always gives the same bytes. Without --output one \
      file's folder is that of its own name beside it, several files' is 'reports' beside the first.

      EXAMPLES
        optbench report results/rosenbrock.h5
        optbench report results/rosenbrock.h5 --output results/rosenbrock
        optbench report results/*.h5 --output results
        optbench report results/rosenbrock.h5 --output /tmp/r --format csv
      """)

  @Argument(help: "Result files (HDF5).", completion: .file(extensions: ["h5"]))
  var files: [String]

  @Option(
    help: "The folder for the report; made if it is missing. (default: F for F.h5, beside it)")
  var output: String?

  @Option(help: "Only this format: \(ReportFormat.all.map(\.name).joined(separator: ", ")).")
  var format: String?

  func run() throws {
    try reportingErrors {
      let formats = try chosenFormats()
      let output = self.output ?? Self.defaultFolder(for: files)
      var reports: [AnalyzedResult] = []
      for file in files { reports.append(try AnalyzedResult(file)) }
      if let repeated = repeatedName(in: reports) {
        throw CommandFailure(
          "two of the files hold an experiment called '\(repeated)'; report them apart")
      }
      for report in reports {
        let folder = reports.count == 1 ? output : "\(output)/\(report.name)"
        let rendered = formats.flatMap { $0.render(report.analysis, report.context) }
        try write(rendered, into: folder)
        try printAnswer(folder + "/" + (rendered.first?.name ?? ""), isExact: true)
      }
      if reports.count > 1 {
        let overview = OverviewReport.render(reports.map(\.analysis))
        try write([overview], into: output)
        try printAnswer(output + "/" + overview.name, isExact: true)
      }
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

  private func repeatedName(in reports: [AnalyzedResult]) -> String? {
    let names = reports.map(\.name)
    return names.first { name in names.filter { $0 == name }.count > 1 }
  }
}

/// A result file with its analysis.
private struct AnalyzedResult {
  let name: String
  let analysis: ExperimentAnalysis
  let context: ReportContext

  init(_ file: String) throws {
    let record = try RunArchive.read(file)
    name = record.header.name
    analysis = ExperimentAnalysis(of: record)
    var context = ReportContext()
    context.contentDigest = record.contentDigest
    context.resultFile = URL(fileURLWithPath: file).lastPathComponent
    self.context = context
  }
}
