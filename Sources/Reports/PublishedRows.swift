internal import Analysis
internal import Records

/// Published figures beside our own, in the order of the experiment file.
enum PublishedColumns {
  static let all: [CSVColumn<PublishedComparison>] = [
    CSVColumn("problem") { .text($0.problem) },
    CSVColumn("method") { .text($0.method.label) },
    CSVColumn("optimizer") { .text($0.method.optimizer) },
    CSVColumn("clipping") { .text($0.method.clipping) },
    CSVColumn("learning_rate") { .number($0.figure.learningRate) },
    CSVColumn("metric") { .text($0.figure.quantity.name) },
    CSVColumn("published") { .number($0.figure.value.number) },
    CSVColumn("published_deviation") { .number($0.figure.value.deviation) },
    CSVColumn("published_lower") { .number($0.figure.value.range?.0) },
    CSVColumn("published_upper") { .number($0.figure.value.range?.1) },
    CSVColumn("tolerance") { .number($0.figure.tolerance) },
    CSVColumn("runs") { .integer($0.runs) },
    CSVColumn("mean") { .number($0.mean) },
    CSVColumn("lowest") { .number($0.lowest) },
    CSVColumn("highest") { .number($0.highest) },
    CSVColumn("verdict") { .text($0.verdict.rawValue) },
    CSVColumn("source") { .text($0.figure.source) },
    CSVColumn("note") { .text($0.figure.note) },
  ]

  /// - Parameter namesProblem: Whether the experiment has several problems.
  static func table(namesProblem: Bool) -> [MarkdownColumn<PublishedComparison>] {
    let problem = MarkdownColumn<PublishedComparison>("Problem", isNumber: false) { $0.problem }
    return (namesProblem ? [problem] : []) + [
      MarkdownColumn("Method", isNumber: false) { $0.method.label },
      MarkdownColumn(
        "Learning rate",
        "The rate that the figure was published for; `chosen`: the rate that cross-fitting chose here."
      ) { $0.figure.learningRate.map(NumberText.rate) ?? "chosen" },
      MarkdownColumn("Quantity", isNumber: false) {
        $0.figure.quantity.name.replacing("_", with: " ")
      },
      MarkdownColumn(
        "Published", "As published: a mean ± its standard deviation over runs, or least–greatest."
      ) { $0.figure.value.text },
      MarkdownColumn("Here", "The interquartile mean over the runs of this experiment.") {
        number($0.mean, $0)
      },
      MarkdownColumn("Lowest–highest", "The range of those runs.") {
        "\(number($0.lowest, $0))–\(number($0.highest, $0))"
      },
      MarkdownColumn("Runs") { "\($0.runs)" },
      MarkdownColumn(
        "Verdict",
        "`within`: the published number lies between our lowest and our highest run, or our mean in the published range (± the tolerance, where the file gives one). `outside`: it does not, or a run failed. A run that never met the target counts as infinite in the mean.",
        isNumber: false
      ) { comparison in
        let tolerance = comparison.figure.tolerance
        return comparison.verdict.rawValue
          + (tolerance > 0 ? " (± \(NumberText.exact(tolerance)))" : "")
      },
      MarkdownColumn("Source", isNumber: false) {
        $0.figure.source + ($0.figure.note.isEmpty ? "" : "; \($0.figure.note)")
      },
    ]
  }

  private static func number(_ value: Double?, _ comparison: PublishedComparison) -> String {
    value.text { value in
      if value.isFinite { return NumberText.significant(value, digits: 5) }
      if case .final = comparison.figure.quantity { return "failed" }
      return "never"
    }
  }
}

extension PublishedFigure.Value {
  fileprivate var number: Double? { if case .number(let value, _) = self { value } else { nil } }

  fileprivate var deviation: Double? {
    if case .number(_, let deviation) = self { deviation } else { nil }
  }

  fileprivate var range: (Double, Double)? {
    if case .range(let least, let greatest) = self { (least, greatest) } else { nil }
  }

  fileprivate var text: String {
    switch self {
    case .number(let value, let deviation):
      NumberText.exact(value) + (deviation.map { " ± \(NumberText.exact($0))" } ?? "")
    case .range(let least, let greatest):
      "\(NumberText.exact(least))–\(NumberText.exact(greatest))"
    }
  }
}
