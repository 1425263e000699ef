internal import Analysis
internal import Records

/// Quantities as people read them.
enum QuantityText {
  /// A loss with its interval; a method decided by failed runs has none.
  static func loss(_ estimate: Estimate?) -> String {
    estimate.text { estimate in
      guard estimate.value.isFinite else { return "failed" }
      return value(estimate) + interval(estimate) { NumberText.significant($0) }
    }
  }

  static func value(_ estimate: Estimate?) -> String {
    estimate.text { $0.value.isFinite ? NumberText.significant($0.value) : "failed" }
  }

  static func rank(_ estimate: Estimate) -> String {
    NumberText.fixed(estimate.value, digits: 1)
      + interval(estimate) { NumberText.fixed($0, digits: 1) }
  }

  static func evaluations(_ value: Double?) -> String {
    value.text { $0.isFinite ? NumberText.fixed($0, digits: 0) : "never" }
  }

  static func pValue(_ value: Double) -> String {
    value < 0.001 ? "p < 0.001" : "p = \(NumberText.fixed(value, digits: 3))"
  }

  /// A share of runs with its interval.
  static func share(_ estimate: Estimate?) -> String {
    estimate.text { NumberText.percent($0.value) + interval($0, NumberText.percent) }
  }

  /// A share of examples, 0 for a failed run.
  static func accuracy(_ estimate: Estimate?) -> String {
    estimate.text { NumberText.fixed(100 * $0.value, digits: 1) + "%" }
  }

  /// A share between 0 and 1 with its interval, to two digits after the point.
  static func fraction(_ estimate: Estimate?) -> String {
    func text(_ value: Double) -> String { NumberText.fixed(value, digits: 2) }
    return estimate.text { text($0.value) + interval($0, text) }
  }

  /// A difference with its interval, in percent and with its sign.
  static func difference(_ estimate: Estimate?) -> String {
    func text(_ share: Double) -> String {
      let text = NumberText.fixed(100 * share, digits: 1)
      return text.hasPrefix("-") ? "−" + text.dropFirst() : text == "0.0" ? text : "+" + text
    }
    return estimate.text { text($0.value) + "%" + interval($0, text) }
  }

  static func decades(_ value: Double) -> String { NumberText.fixed(value, digits: 2) }

  private static func interval(_ estimate: Estimate, _ format: (Double) -> String) -> String {
    guard let lower = estimate.lower, let upper = estimate.upper else { return "" }
    return " [\(format(lower)), \(format(upper))]"
  }
}

extension EvaluationMetric {
  /// `test loss`.
  var words: String { rawValue.replacing("_", with: " ") }
}

extension String {
  /// The text without spaces at its end.
  var trimmingSpaces: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension Outcome {
  /// What happened, in words that follow "the run".
  var words: String {
    switch self {
    case .completed: "ended without a finite loss"
    case .nonfinite: "became NaN or infinite"
    case .exploded: "exploded"
    case .worseThanStart: "ended with a higher loss than at the start"
    case .stalled: "was stopped early"
    case .timedOut: "ran out of time"
    case .objectiveFailed: "could not be computed: its objective failed"
    }
  }
}
