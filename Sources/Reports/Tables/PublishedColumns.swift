internal import Analysis
internal import Records

/// Published figures beside our own, in the order of the experiment file.
enum PublishedColumns {
  private typealias Quantity = Column<PublishedComparison>

  static let all: [Column<PublishedComparison>] = [
    problem, method,
    .text("optimizer") { $0.method.optimizer },
    .text("clipping") { $0.method.clipping }, learningRate, metric,
    .number("published") { $0.figure.value.number },
    .number("published_deviation") { $0.figure.value.deviation },
    .number("published_lower") { $0.figure.value.range?.0 },
    .number("published_upper") { $0.figure.value.range?.1 },
    .number("tolerance") { $0.figure.tolerance }, runs, mean,
    .number("lowest") { $0.lowest },
    .number("highest") { $0.highest }, verdict, source,
    .text("note") { $0.figure.note },
  ]

  /// - Parameter namesProblem: Whether the experiment has several problems.
  static func table(namesProblem: Bool) -> [Column<PublishedComparison>] {
    (namesProblem ? [problem] : []) + [
      method, learningRate, metric,
      Column(
        "Published", "As published: a mean ± its standard deviation over runs, or least–greatest."
      ) { Prose($0.figure.value.text) }, mean,
      Column("Lowest–highest", "The range of those runs.") {
        "\(number($0.lowest, $0))–\(number($0.highest, $0))"
      }, runs, verdict, source,
    ]
  }

  private static let problem = Quantity.text("problem", "Problem") { $0.problem }
  private static let method = Quantity.text("method", "Method") { $0.method.label }

  private static let learningRate = Quantity.number(
    "learning_rate", "Learning rate",
    "The rate that the figure was published for; \(code: "chosen"): the rate that cross-fitting chose here."
  ) { $0.figure.learningRate }.showing {
    Prose($0.figure.learningRate.map(NumberText.rate) ?? "chosen")
  }

  private static let metric = Quantity.text("metric", "Quantity") { $0.figure.quantity.name }
    .showing { Prose($0.figure.quantity.name.replacing("_", with: " ")) }

  private static let runs = Quantity.integer("runs", "Runs") { $0.runs }

  private static let mean = Quantity.number(
    "mean", "Here", "The interquartile mean over the runs of this experiment."
  ) { $0.mean }.showing { Prose(number($0.mean, $0)) }

  private static let verdict = Quantity.text(
    "verdict", "Verdict",
    "\(code: "within"): the published number lies between our lowest and our highest run, or our mean in the published range (± the tolerance, where the file gives one). \(code: "outside"): it does not, or a run failed. A run that never met the target counts as infinite in the mean."
  ) { $0.verdict.rawValue }.showing { comparison in
    let tolerance = comparison.figure.tolerance
    return
      "\(comparison.verdict.rawValue)\(tolerance > 0 ? " (± \(NumberText.exact(tolerance)))" : "")"
  }

  private static let source = Quantity.text("source", "Source") { $0.figure.source }.showing {
    "\($0.figure.source)\($0.figure.note.isEmpty ? "" : "; \($0.figure.note)")"
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
