internal import Analysis
internal import Records

/// What was run, with what, and how to find it again.
struct RunDescription {
  private let analysis: ExperimentAnalysis
  private let context: ReportContext

  init(_ analysis: ExperimentAnalysis, _ context: ReportContext) {
    self.analysis = analysis
    self.context = context
  }

  var text: String {
    """
    ## What was run

    \(MarkdownTable(columns, analysis.problems).text(restIn: "runs.csv"))
    \(analysis.problems.map(description).joined(separator: "\n\n"))

    \(origin)
    """
  }

  private var columns: [MarkdownColumn<ProblemAnalysis>] {
    [
      MarkdownColumn("Problem", isNumber: false) { $0.problem.name },
      MarkdownColumn("Methods") { "\($0.methods.count)" },
      MarkdownColumn("Seeds") { "\($0.seeds.count)" },
      MarkdownColumn("Steps") { "\($0.problem.steps)" },
      MarkdownColumn("Planned runs") { "\($0.runs.planned)" },
      MarkdownColumn("Done") { "\($0.runs.done)" },
      MarkdownColumn("Failed") { "\($0.runs.failed)" },
      MarkdownColumn("Missing") { "\($0.runs.missing)" },
    ]
  }

  private func description(_ problem: ProblemAnalysis) -> String {
    let record = problem.problem
    var lines = [
      "**\(record.name)**: \(record.summary.isEmpty ? "no description" : record.summary)"
    ]
    lines.append("- \(NumberText.count(record.parameterCount, "parameter")), \(length(record))")
    lines.append(
      record.hasTarget
        ? "- target: \(record.targetWords)"
          + (record.targetRule.isEmpty ? "" : " (\(record.targetRule))")
        : "- no target")
    lines.append("- optimizers: \(MarkdownText.list(problem.optimizers.map(\.name), limit: 30))")
    lines.append("- clipping: \(MarkdownText.list(problem.clippings.map(\.name), limit: 30))")
    lines += grids(problem)
    lines.append("- problem digest `\(record.digest)`")
    return lines[0] + "\n\n" + lines.dropFirst().joined(separator: "\n")
  }

  private func length(_ record: ProblemRecord) -> String {
    let steps = NumberText.count(record.steps, "step")
    guard record.stepsPerEpoch > 0 else { return steps }
    let epochs = Double(record.steps) / Double(record.stepsPerEpoch)
    return "\(steps) (\(NumberText.significant(epochs)) passes over the training data)"
  }

  /// One line per distinct grid of learning rates.
  private func grids(_ problem: ProblemAnalysis) -> [String] {
    let maps = StabilityMap.maps(of: problem)
    return maps.map { map in
      var optimizers: [String] = []
      for method in map.methods where !optimizers.contains(method.method.optimizer) {
        optimizers.append(method.method.optimizer)
      }
      let rates = map.rates.map(NumberText.rate).joined(separator: ", ")
      let whose = maps.count == 1 ? "" : " of \(MarkdownText.list(optimizers, limit: 30))"
      return "- learning rates\(whose): \(rates)"
    }
  }

  private var origin: String {
    let provenance = analysis.header.provenance
    let facts: [(String, String)] = [
      ("experiment", "`\(analysis.header.name)`"),
      ("result file", context.resultFile.isEmpty ? "" : "`\(context.resultFile)`"),
      ("made", provenance.created),
      (
        "program",
        "optbench \(provenance.optbenchVersion)"
          + (provenance.gitRevision.isEmpty ? "" : ", revision `\(provenance.gitRevision)`")
      ),
      (
        "machine",
        [
          provenance.cpu, provenance.cores > 0 ? NumberText.count(provenance.cores, "core") : "",
          provenance.isa.isEmpty ? "" : "instruction set \(provenance.isa)", provenance.kernel,
        ].filter { !$0.isEmpty }.joined(separator: ", ")
      ),
      (
        "libraries",
        [
          ("Swift", provenance.swiftVersion), ("oneDNN", provenance.oneDNNVersion),
          ("HDF5", provenance.hdf5Version), ("libc", provenance.libcVersion),
        ].filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      ),
      ("denormal numbers", provenance.flushDenormals ? "flushed to zero" : "kept"),
      ("training time", trainingTime),
      ("spec digest", "`\(analysis.header.specDigest)`"),
      ("content digest", context.contentDigest.isEmpty ? "" : "`\(context.contentDigest)`"),
    ]
    let lines = facts.filter { !$0.1.isEmpty }.map { "- \($0.0): \($0.1)" }
    return "**Origin**\n\n" + lines.joined(separator: "\n")
  }

  private var trainingTime: String {
    let seconds = analysis.problems.reduce(0) { $0 + $1.wallSeconds }
    return seconds > 0 ? "\(NumberText.significant(seconds)) s, all runs added up" : ""
  }
}

extension ProblemRecord {
  /// `validation accuracy ≥ 0.86`.
  var targetWords: String {
    let metric = EvaluationMetric(rawValue: targetMetric)
    let isAccuracy = metric?.isAccuracy ?? false
    return
      "\(targetMetric.replacing("_", with: " ")) \(isAccuracy ? "≥" : "≤") \(NumberText.exact(targetValue))"
  }
}
