internal import Records

extension ImportFormat {
  /// Tables with a row for each logged step of each run.
  static let csv = ImportFormat(
    name: "csv",
    summary:
      "tables with a row for each step of each run: step, loss and other metrics; problem, optimizer, clipping, learning_rate, seed and run where the file holds several (--map ROLE=COLUMN)",
    logs: { paths, options, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(paths, where: { isTable($0) }) {
        runs += try GenericCSV(try LogTable(path), options).runs(&notes)
      }
      return runs
    })

  private static func isTable(_ name: String) -> Bool {
    [".csv", ".tsv", ".txt"].contains { name.lowercased().hasSuffix($0) }
  }
}

/// A table whose columns name what they hold.
private struct GenericCSV {
  private let table: LogTable
  private let options: ImportOptions
  private let step: Int
  /// The columns that tell runs apart or say what they were given, by role.
  private let identity: [(role: String, column: Int)]
  private let metrics: [Int]

  private static let names: [(role: String, names: [String])] = [
    ("problem", ["problem", "workload", "task", "dataset"]),
    ("run", ["run", "run_id", "run_name", "trial", "experiment"]),
    ("optimizer", ["optimizer", "method", "algorithm", "optim"]),
    ("clipping", ["clipping", "clip", "gradient_clipping"]),
    ("seed", ["seed", "random_seed"]),
    ("learning_rate", ["base_learning_rate", "learning_rate", "base_lr", "lr"]),
  ]

  init(_ table: LogTable, _ options: ImportOptions) throws(ImportError) {
    self.table = table
    self.options = options
    func column(_ role: String, _ names: [String]) throws(ImportError) -> Int? {
      guard let given = options.names[role] else { return table.column(of: names) }
      guard let column = table.column(given) else {
        throw ImportError(
          table.path,
          "--map \(role)=\(given): there is no such column; there are: \(table.header.joined(separator: ", "))"
        )
      }
      return column
    }
    let steps = ["step", "global_step", "iteration", "iter", "update", "updates", "epoch"]
    guard let step = try column("step", steps) else {
      throw ImportError(
        table.path,
        "no column of steps among \(table.header.joined(separator: ", ")); name it with --map step=COLUMN, or rank a table with one value for each run with 'optbench rank'"
      )
    }
    self.step = step
    var identity: [(role: String, column: Int)] = []
    for (role, names) in Self.names {
      guard let found = try column(role, names) else { continue }
      identity.append((role, found))
    }
    // A rate that changes within a run is a series of its steps.
    if let rate = identity.last, rate.role == "learning_rate" {
      let others = identity.dropLast().map(\.column)
      var rates: [[String]: Set<String>] = [:]
      for row in table.rows {
        rates[others.map { row.fields[$0] }, default: []].insert(row.fields[rate.column])
      }
      if others.isEmpty && Set(rates.flatMap(\.value)).count > 1
        && options.names["learning_rate"] == nil
        || rates.contains(where: { $1.count > 1 }) && table.header[rate.column].lowercased() == "lr"
      {
        identity.removeLast()
      }
    }
    self.identity = identity
    let taken = Set(identity.map(\.column) + [step])
    metrics = table.header.indices.filter { !taken.contains($0) && !table.header[$0].isEmpty }
  }

  func runs(_ notes: inout [String]) throws(ImportError) -> [LoggedRun] {
    notes += table.notes
    var order: [[String]] = []
    var rows: [[String]: [LogTable.Row]] = [:]
    for row in table.rows {
      let key = identity.map { row.fields[$0.column] }
      if rows[key] == nil { order.append(key) }
      rows[key, default: []].append(row)
    }
    var runs: [LoggedRun] = []
    for key in order { runs.append(try run(key, rows[key] ?? [], &notes)) }
    return runs
  }

  private func run(
    _ key: [String], _ rows: [LogTable.Row], _ notes: inout [String]
  ) throws(ImportError) -> LoggedRun {
    let named = zip(identity, key).first { $0.0.role == "run" }?.1
    var run = LoggedRun(name: named ?? LogFiles.stem(of: table.path), place: table.path)
    for (place, text) in zip(identity, key) where place.role != "run" && !text.isEmpty {
      if place.role == "problem" {
        run.problem = text
      } else {
        run.parameters.append((place.role, text))
      }
    }
    var seen: [Int: Int] = [:]
    for row in rows {
      let step = try table.step(row, self.step)
      if let line = seen.updateValue(row.line, forKey: step) {
        throw ImportError(
          "\(table.path):\(row.line)",
          "step \(step) of the run '\(run.name)' is there already, in line \(line); tell runs apart with a column (run, seed, …) or --map run=COLUMN"
        )
      }
    }
    let lost = lostNumbers(rows)
    for column in metrics where !isUnmeasured(column, rows) {
      for row in rows {
        var value: Double?
        if let number = loggedNumber(row.fields[column]) {
          value = number
        } else if !row.fields[column].isEmpty {
          // A column of texts is no metric.
          guard isMetric(column) else { break }
          value = try table.number(row, column)
        } else if let from = lost[column], row.line >= from {
          value = .nan
        }
        if let value { run.log(table.header[column], value, at: try table.step(row, step)) }
      }
    }
    for (column, line) in lost.sorted(by: { $0.key < $1.key }) {
      notes.append(
        "\(table.path):\(line): '\(table.header[column])' is empty from here to the end of the run '\(run.name)', where it was there before: read as NaN, which some programs write so"
      )
    }
    return run
  }

  /// Whether nothing but NaN stands in a column of norms and the like: the writer had the column, and did
  /// not measure it.
  private func isUnmeasured(_ column: Int, _ rows: [LogTable.Row]) -> Bool {
    guard case .step(let series) = MetricMeaning(of: table.header[column]), series != .loss else {
      return false
    }
    return rows.allSatisfy { loggedNumber($0.fields[column])?.isNaN ?? $0.fields[column].isEmpty }
  }

  private func isLoss(_ column: Int) -> Bool {
    options.names.contains { $0.value == table.header[column] && $0.key.hasSuffix("loss") }
      || MetricMeaning(of: table.header[column]) == .step(.loss)
  }

  private func isMetric(_ column: Int) -> Bool {
    let name = table.header[column]
    if options.names.values.contains(name) { return true }
    switch MetricMeaning(of: name) {
    case .step, .evaluation: return true
    case .furtherStep, .furtherEvaluation, .bookkeeping: return false
    }
  }

  /// The lines from which on a training loss is empty that every row before had, rows of evaluations apart:
  /// pandas writes NaN as an empty field.
  private func lostNumbers(_ all: [LogTable.Row]) -> [Int: Int] {
    var lost: [Int: Int] = [:]
    let evaluations = metrics.filter { MetricMeaning(of: table.header[$0]).isEvaluation }
    for column in metrics.filter(isLoss) {
      let rows = all.filter { row in
        !row.fields[column].isEmpty || evaluations.allSatisfy { row.fields[$0].isEmpty }
      }
      let filled = rows.prefix { !$0.fields[column].isEmpty }.count
      guard filled > 1, filled < rows.count,
        rows[filled...].allSatisfy({ $0.fields[column].isEmpty })
      else { continue }
      lost[column] = rows[filled].line
    }
    return lost
  }
}
