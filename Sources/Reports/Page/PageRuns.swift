internal import Analysis
internal import Foundation
internal import Records

/// The runs of a report for its page: a selection of the columns that programs get, rounded, with what
/// the runs recorded. The page's script reads it as JSON.
struct PageRuns: Encodable, Sendable {
  /// A column. Its values stand in `numbers`, one for each run; where values come often, they stand once
  /// in `names` or `numbers`, and `places` says which is whose. One value alone is that of all runs.
  struct Column: Encodable, Sendable {
    let key: String
    var numbers: [Double?]?
    var names: [String]?
    var places: String?
  }

  struct Flight: Encodable, Sendable {
    let run: Int
    let steps: [Int32]
    let tensors: [String]
    let gradient: String
    let update: String
  }

  let problems: [String]
  let columns: [Column]
  /// The runs' keys, each as the number of characters that it shares with the one before, and the rest.
  let keys: [Key]
  /// The most stretches of a curve, as in `RunTraces`.
  let most: Int
  let loss: [String]
  let gradient: [String]
  let flights: [Flight]

  struct Key: Encodable, Sendable {
    let shared: Int
    let rest: String

    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(shared)
      try container.encode(rest)
    }
  }

  /// What the page has of the columns of `runs`.
  private static let keys: Set<String> = [
    "problem", "method", "learning_rate", "seed", "outcome", "failure_step", "failure_tensor",
    "steps", "target_step", "best_loss", "final_train_loss", "final_validation_loss",
    "final_test_loss", "final_validation_accuracy", "final_test_accuracy", "spikes",
    "nonfinite_gradients", "median_gradient_norm", "gradient_max_over_median", "clip_fire_rate",
  ]

  /// No runs.
  init() {
    (problems, columns, keys, most, loss, gradient, flights) = ([], [], [], 0, [], [], [])
  }

  init(_ analysis: ExperimentAnalysis, _ traces: RunTraces) {
    let runs = analysis.problems.flatMap(\.summaries)
    let table = Table("runs", RunColumns.all(of: runs), runs)
    problems = analysis.problems.map(\.problem.name.printable)
    most = traces.most
    let parts = analysis.problems.flatMap { problem in
      let rates = Dictionary(
        problem.methods.map { ($0.method, $0.chosenRates.first?.rate) },
        uniquingKeysWith: { first, _ in first })
      return problem.summaries.map { Self.part(of: $0, chosenRate: rates[$0.method] ?? nil) }
    }
    columns =
      [Column(key: "part", texts: parts)]
      + table.heads.filter { head in
        Self.keys.contains(head.key) || head.key.hasPrefix("hyperparameter_")
      }.compactMap { head in
        Column(key: head.key, (0..<table.count).map { head.values($0).first ?? .none })
      }
    var previous = ""
    keys = runs.map { run in
      let key = run.key.run.printable
      let shared = zip(previous.unicodeScalars, key.unicodeScalars).prefix { $0 == $1 }.count
      previous = key
      return Key(shared: shared, rest: String(key.unicodeScalars.dropFirst(shared)))
    }
    let own = runs.map { traces[$0.key] }
    loss = own.map { $0.map { PackedNumbers.text($0.loss) } ?? "" }
    gradient = own.map { $0.map { PackedNumbers.text($0.gradientNorm) } ?? "" }
    flights = own.enumerated().compactMap { run, trace in
      trace?.flight.map { flight in
        Flight(
          run: run, steps: flight.steps, tensors: flight.tensors.map(\.printable),
          gradient: PackedNumbers.text(flight.gradientNorms),
          update: PackedNumbers.text(flight.updateNorms))
      }
    }
  }

  /// Why the run is there, in words.
  private static func part(of run: RunSummary, chosenRate: Double?) -> String {
    switch run.purpose {
    case .tuning: "tuning"
    case .evaluation(let multiple):
      multiple == 1 ? "tuned rate" : "\(LadderColumns.multipleWords(multiple)) the tuned rate"
    case .grid: run.learningRate == chosenRate ? "chosen rate" : "other rates"
    }
  }

  /// The JSON, in which nothing can end the element that holds it.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { preconditionFailure("no JSON") }
    return String(decoding: data, as: UTF8.self).replacing("<", with: "\\u003c")
  }
}

extension PageRuns.Column {
  fileprivate init(key: String, texts: [String]) {
    let (names, places) = Self.distinct(texts)
    self.init(
      key: key, names: names.map(\.printable),
      places: names.count == 1 ? nil : PackedNumbers.text(places: places, of: names.count))
  }

  /// nil where no run has a value.
  fileprivate init?(key: String, _ values: [Value]) {
    if values.contains(where: { if case .text = $0 { true } else { false } }) {
      self.init(key: key, texts: values.map { if case .text(let text) = $0 { text } else { "" } })
      if names == [""] { return nil }
      return
    }
    let numbers = values.map { value -> Double? in
      switch value {
      case .integer(let number): Double(number)
      case .number(let number): number.isFinite ? Self.rounded(number) : nil
      case .boolean(let flag): flag ? 1 : 0
      case .none, .text: nil
      }
    }
    guard numbers.contains(where: { $0 != nil }) else { return nil }
    let (distinct, places) = Self.distinct(numbers)
    if distinct.count == 1 {
      self.init(key: key, numbers: distinct)
    } else if distinct.count <= min(numbers.count / 3, PackedNumbers.mostPlaces) {
      self.init(
        key: key, numbers: distinct, places: PackedNumbers.text(places: places, of: distinct.count))
    } else {
      self.init(key: key, numbers: numbers)
    }
  }

  /// The values, each once as they come, and the place of each in that list.
  private static func distinct<Element: Hashable>(_ values: [Element]) -> ([Element], [Int]) {
    var known: [Element: Int] = [:]
    var distinct: [Element] = []
    let places = values.map { value in
      if let place = known[value] { return place }
      known[value] = distinct.count
      distinct.append(value)
      return distinct.count - 1
    }
    return (distinct, places)
  }

  /// Four significant digits.
  private static func rounded(_ number: Double) -> Double {
    Double(String(format: "%.4g", number)) ?? number
  }
}
