public import Analysis

/// Reads a table with one value for each run: problem, method, seed and value, and where it has them steps to
/// a target, outcome and learning rate.
public struct RankTable {
  /// Names of columns by what they are; what is not given is found by its usual names.
  public var columns: [String: String] = [:]
  public var isHigherBetter = false

  public init() {}

  /// What columns can be.
  public static let roles = [
    "problem", "method", "seed", "value", "steps", "outcome", "learning_rate",
  ]

  private static let names: [String: [String]] = [
    "problem": ["problem", "workload", "task", "dataset", "benchmark"],
    "method": ["method", "optimizer", "algorithm", "submission"],
    "seed": ["seed", "random_seed", "run", "trial", "repeat", "replicate"],
    "value": [
      "value", "final_loss", "loss", "score", "test_loss", "validation_loss", "val_loss",
      "accuracy",
      "test_accuracy", "validation_accuracy", "val_accuracy", "metric", "result",
    ],
    "steps": [
      "steps_to_target", "steps", "time_to_target", "epochs_to_target", "evaluations_to_target",
    ],
    "outcome": ["outcome", "status", "result_status"],
    "learning_rate": ["learning_rate", "lr", "base_learning_rate"],
  ]

  public func read(_ path: String) throws(ImportError) -> ResultTable {
    let table = try LogTable(path)
    var places: [String: Int] = [:]
    for role in Self.roles {
      if let name = columns[role] {
        guard let place = table.column(name) else {
          throw ImportError(
            path,
            "there is no column '\(name)' for the \(words(role)); there are: \(table.header.joined(separator: ", "))"
          )
        }
        places[role] = place
      } else if let place = table.column(of: Self.names[role] ?? []),
        !places.values.contains(place)
      {
        places[role] = place
      }
    }
    for role in ["method", "seed"] where places[role] == nil {
      throw ImportError(
        path,
        "no column of the \(words(role)) among \(table.header.joined(separator: ", ")); name it with --\(role) COLUMN"
      )
    }
    if places["value"] == nil {
      let others = table.header.indices.filter { !places.values.contains($0) }
      guard others.count == 1 else {
        throw ImportError(
          path,
          "no column of values among \(table.header.joined(separator: ", ")); name it with --value COLUMN"
        )
      }
      places["value"] = others[0]
    }
    var result = ResultTable(
      valueName: table.header[places["value"] ?? 0], rows: [], isHigherBetter: isHigherBetter,
      hasSteps: places["steps"] != nil)
    result.notes = table.notes
    let decimalComma = table.separator != UInt8(ascii: ",")
    var lines: [[String]: Int] = [:]
    for row in table.rows {
      func text(_ role: String) -> String? { places[role].map { row.fields[$0] } }
      guard let read = try self.row(row, text, path: path, decimalComma: decimalComma) else {
        result.notes.append(
          "\(path):\(row.line): the outcome says that nothing was computed; the row counts as missing"
        )
        continue
      }
      let key =
        [read.problem, read.method, read.seed] + (read.learningRate.map { ["\($0)"] } ?? [])
      if let line = lines.updateValue(row.line, forKey: key) {
        throw ImportError(
          "\(path):\(row.line)",
          "the run of '\(read.method)' on '\(read.problem)' with the seed \(read.seed) is there already, in line \(line)\(places["learning_rate"] == nil ? "; where a method was run at several learning rates, name their column with --learning-rate" : "")"
        )
      }
      result.rows.append(read)
    }
    guard !result.rows.isEmpty else { throw ImportError(path, "it has no rows of results") }
    return result
  }

  private func row(
    _ row: LogTable.Row, _ text: (String) -> String?, path: String, decimalComma: Bool
  ) throws(ImportError) -> ResultTable.Row? {
    func number(_ role: String, _ text: String) throws(ImportError) -> Double? {
      let plain = decimalComma && !text.contains(".") ? text.replacing(",", with: ".") : text
      if plain.isEmpty || Self.failures.contains(plain.lowercased()) { return nil }
      guard let value = loggedNumber(plain) else {
        throw ImportError(
          "\(path):\(row.line)",
          "'\(text)' is no \(words(role)); a failed run has nan, inf, NA, diverged, failed or an empty field"
        )
      }
      guard !value.isFinite || abs(value) <= Self.largest else {
        throw ImportError(
          "\(path):\(row.line)", "'\(text)' is too large for means; allowed: up to \(Self.largest)")
      }
      return value.isFinite ? value : nil
    }
    let method = text("method") ?? ""
    let seed = text("seed") ?? ""
    guard !method.isEmpty, !seed.isEmpty else {
      throw ImportError("\(path):\(row.line)", "the \(method.isEmpty ? "method" : "seed") is empty")
    }
    var value = try number("value", text("value") ?? "")
    if let outcome = text("outcome")?.lowercased(), !outcome.isEmpty {
      let word = plainName(outcome)
      if word == "objective_failed" || word == "missing" { return nil }
      if Self.failures.contains(word) {
        value = nil
      } else if !Self.successes.contains(word) {
        throw ImportError(
          "\(path):\(row.line)",
          "'\(outcome)' is no outcome; allowed: \(Self.successes.sorted().joined(separator: ", ")) and for failed runs \(Self.failures.filter { !$0.isEmpty }.sorted().joined(separator: ", "))"
        )
      }
    }
    var steps: Double?
    if let text = text("steps") {
      steps = try number("steps", text)
      if let steps, steps < 0 {
        throw ImportError("\(path):\(row.line)", "\(text) steps to the target are less than none")
      }
    }
    var rate: Double?
    if let text = text("learning_rate") {
      rate = try number("learning_rate", text)
      if rate == nil {
        throw ImportError("\(path):\(row.line)", "'\(text)' is no learning rate")
      }
    }
    return ResultTable.Row(
      problem: text("problem").flatMap { $0.isEmpty ? nil : $0 } ?? "all", method: method,
      seed: seed,
      value: value, steps: steps, learningRate: rate)
  }

  private func words(_ role: String) -> String { role.replacing("_", with: " ") }

  /// A sum of runs up to here stays finite.
  private static let largest = 1e300

  private static let failures: Set<String> = [
    "", "diverged", "failed", "failure", "fail", "exploded", "nonfinite", "non_finite",
    "worse_than_start", "crashed", "crash", "error", "oom", "dnf", "-", "?",
  ]
  private static let successes: Set<String> = [
    "completed", "complete", "ok", "success", "succeeded", "finished", "done", "converged",
    "stalled", "timed_out",
  ]
}
