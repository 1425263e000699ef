import Analysis
import ArgumentParser
import Foundation
import Importers
import Reports

/// `optbench rank`: what a table of results says of the methods in it.
struct RankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Ranks the methods of a table with one value for each run.",
    discussion: """
      The table has a row for each run: problem, method, seed, value, and where it is known steps to a target, outcome \
      and learning rate. Commas, semicolons or tabs separate. NaN, inf, NA, diverged, failed and an empty field are a \
      failed run, the worst in either direction; a row that is not there is missing, which is said and no failure. \
      The tables of a report come out: failure rates, interquartile means, ranks paired by seed, tests with their \
      corrections, and over several problems the critical difference and the performance profile.

      EXAMPLES
        optbench rank results.csv
        optbench rank results.csv --value accuracy --higher-is-better
        optbench rank results.csv --method algorithm --steps epochs --output ranking
        optbench rank results.csv --output ranking --format json
      """)

  @Argument(help: "The table (CSV).", completion: .file(extensions: ["csv", "tsv", "txt"]))
  var file: String

  @Option(help: "The column of the problem. (default: problem, workload, task, dataset)")
  var problem: String?

  @Option(help: "The column of the method. (default: method, optimizer, algorithm, submission)")
  var method: String?

  @Option(help: "The column of the seed. (default: seed, run, trial)")
  var seed: String?

  @Option(help: "The column of the value. (default: value, loss, …, or the only one left)")
  var value: String?

  @Option(help: "The column of the steps or the time to a target. (default: steps_to_target, …)")
  var steps: String?

  @Option(help: "The column of the outcome. (default: outcome, status)")
  var outcome: String?

  @Option(help: "The column of the learning rate. (default: learning_rate, lr)")
  var learningRate: String?

  @Flag(help: "More of the value is better, as of an accuracy.")
  var higherIsBetter = false

  @Option(help: "A folder for all tables in all formats; made if it is missing.")
  var output: String?

  @Option(
    help:
      "With --output only this format: \(ReportFormat.all.map(\.name).joined(separator: ", ")).")
  var format: String?

  func run() throws {
    try reportingErrors {
      var reader = RankTable()
      reader.isHigherBetter = higherIsBetter
      let given = [
        ("problem", problem), ("method", method), ("seed", seed), ("value", value),
        ("steps", steps), ("outcome", outcome), ("learning_rate", learningRate),
      ]
      for (role, name) in given { reader.columns[role] = name }
      let formats = try chosenFormats()
      let table = try reader.read(file)
      let name = URL(fileURLWithPath: file).lastPathComponent
      let report = Report(TableAnalysis(table), file: name)
      guard let output else {
        let page = ReportFormat.markdown.render(report).first?.contents ?? ""
        return try printAnswer(page, terminator: "")
      }
      let rendered = formats.flatMap { $0.render(report) }
      try write(rendered, into: output)
      try printAnswer(output + "/" + (rendered.first?.name ?? ""), isExact: true)
    }
  }

  private func chosenFormats() throws -> [ReportFormat] {
    guard let format else { return ReportFormat.all }
    guard output != nil else {
      throw CommandFailure("--format \(format): give --output DIR as well")
    }
    guard let chosen = ReportFormat.named(format) else {
      throw CommandFailure(
        "--format \(format): unknown format; allowed: \(ReportFormat.all.map(\.name).joined(separator: ", "))"
      )
    }
    return [chosen]
  }
}
