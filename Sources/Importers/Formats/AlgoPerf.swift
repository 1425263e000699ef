internal import Files
internal import Records

extension ImportFormat {
  /// AlgoPerf's measurements.
  static let algoperf = ImportFormat(
    name: "algoperf",
    summary:
      "folders of AlgoPerf (…/SUBMISSION/study_N/WORKLOAD_FRAMEWORK/trial_M) with measurements; the study is the seed",
    logs: { paths, _, notes throws(ImportError) in
      let names = ["eval_measurements.csv", "measurements.csv"]
      var folders: [String] = []
      for path in try LogFiles.find(paths, where: names.contains) {
        let own = folder(of: path)
        if !folders.contains(own) { folders.append(own) }
      }
      var bare = 0
      for path in try LogFiles.find(paths, where: { $0 == "flags_0.json" })
      where !folders.contains(folder(of: path)) { bare += 1 }
      if bare > 0 {
        notes.append("\(bare) trial(s) left no measurements: there is no run of them to import")
      }
      var runs: [LoggedRun] = []
      for folder in folders { runs.append(try AlgoPerfTrial(folder, &notes).run) }
      return runs
    })
}

/// The folder of one trial.
private struct AlgoPerfTrial {
  private(set) var run: LoggedRun
  private let folder: String

  init(_ folder: String, _ notes: inout [String]) throws(ImportError) {
    self.folder = folder
    let parts = folder.split(separator: "/").map(String.init)
    let flags = try Self.object(folder + "/flags_0.json")
    let meta = try Self.object(folder + "/meta_data_0.json")
    func number(_ prefix: String, in parts: [String]) -> Int? {
      parts.last { $0.hasPrefix(prefix) }.flatMap { Int($0.dropFirst(prefix.count)) }
    }
    let submissionPath = (flags["submission_path"]?.text ?? "").split(separator: "/")
    let study =
      number("study_", in: parts)
      ?? number(
        "study_", in: (flags["experiment_name"]?.text ?? "").split(separator: "/").map(String.init))
    let place = parts.lastIndex { $0.hasPrefix("study_") } ?? 0
    let submission = place > 0 ? parts[place - 1] : submissionPath.dropLast().last.map(String.init)
    var workload = flags["workload"]?.text
    if workload == nil, let name = parts.dropLast().last {
      workload =
        [("_pytorch"), ("_jax")].first(where: name.hasSuffix).map {
          String(name.dropLast($0.count))
        }
        ?? name
    }
    run = LoggedRun(name: submission ?? LogFiles.runName(of: folder) { _ in false }, place: folder)
    run.stepNumbers = .mixed
    run.problem = workload
    if let submission { run.parameters.append(("optimizer", submission)) }
    if let study { run.parameters.append(("seed", "\(study)")) }
    for (key, value) in try Self.object(folder + "/hparams.json").pairs {
      if let text = value.text { run.parameters.append((key, text)) }
    }
    if let trial = number("trial_", in: parts) { run.parameters.append(("trial", "\(trial)")) }
    run.provenance.cpu =
      [meta["gpu_model_name"]?.text, meta["cpu_model_name"]?.text].compactMap { $0 }.first ?? ""
    try readSteps(&notes)
    try readEvaluations(&notes)
    let metric = meta["workload.target_metric_name"]?.text
    let target = meta["workload.validation_target_value"]?.number
    if let metric, let target { run.target = .init(metric: "validation/\(metric)", value: target) }
    judgeEnd(budget: meta["workload.max_allowed_runtime_sec"]?.number)
  }

  /// The object in a file; empty where there is none.
  private static func object(_ path: String) throws(ImportError) -> JSONValue {
    guard try LogFiles.kind(of: path) == .file else { return .object([]) }
    let text = try LogFiles.text(of: path)
    do throws(JSONValue.Defect) { return try JSONValue(text) } catch {
      throw ImportError("\(path):\(error.line)", "it is no JSON")
    }
  }

  // MARK: Steps

  /// The rows of every step, among which those of evaluations stand: an empty field is NaN (pandas writes it
  /// so), or was not logged at that step.
  private mutating func readSteps(_ notes: inout [String]) throws(ImportError) {
    let path = folder + "/measurements.csv"
    guard try LogFiles.kind(of: path) == .file else { return }
    let table = try LogTable(path)
    notes += table.notes
    guard let step = table.column("global_step") else {
      throw ImportError(path, "it has no column 'global_step', so it is not AlgoPerf's")
    }
    let evaluated = table.header.indices.filter {
      table.header[$0] == "score" || table.header[$0].contains("/")
    }
    let rows = table.rows.filter { row in evaluated.allSatisfy { row.fields[$0].isEmpty } }
    for name in ["loss", "grad_norm", "lr"] {
      guard let column = table.column(name), rows.contains(where: { !$0.fields[column].isEmpty })
      else { continue }
      // What was there at every step before and never comes again is NaN.
      let end = rows.count - rows.reversed().prefix { $0.fields[column].isEmpty }.count
      let isWhole = rows[..<end].allSatisfy { !$0.fields[column].isEmpty }
      for (index, row) in rows.enumerated() {
        if let value = try table.number(row, column) {
          run.log(name, value, at: try table.step(row, step))
        } else if name != "lr", isWhole, end > 1, index >= end {
          run.log(name, .nan, at: try table.step(row, step))
        }
      }
    }
  }

  // MARK: Evaluations

  /// The rows of evaluations. An empty metric beside the number of examples that it was measured over is NaN.
  private mutating func readEvaluations(_ notes: inout [String]) throws(ImportError) {
    let own = folder + "/eval_measurements.csv"
    let path = try LogFiles.kind(of: own) == .file ? own : folder + "/measurements.csv"
    let table = try LogTable(path)
    if path == own { notes += table.notes }
    guard let step = table.column("global_step") else {
      throw ImportError(path, "it has no column 'global_step', so it is not AlgoPerf's")
    }
    let time = table.column("score") ?? table.column("accumulated_submission_time")
    let metrics = table.header.indices.filter {
      table.header[$0].contains("/") && !table.header[$0].hasSuffix("/num_examples")
    }
    let hasLoss = Set(table.header)
    for row in table.rows {
      guard metrics.contains(where: { !row.fields[$0].isEmpty }) || examples(table, row) else {
        continue
      }
      let number = try table.step(row, step)
      let seconds = try time.flatMap { column throws(ImportError) in try table.number(row, column) }
      for column in metrics {
        let name = table.header[column]
        let value = try table.number(row, column) ?? .nan
        run.log(
          name, value, at: number, seconds: seconds ?? .nan,
          as: Self.meaning(of: name, hasLoss: hasLoss))
      }
    }
  }

  /// Whether a row counts examples, as every evaluation does.
  private func examples(_ table: LogTable, _ row: LogTable.Row) -> Bool {
    table.header.indices.contains { column in
      table.header[column].hasSuffix("/num_examples") && !row.fields[column].isEmpty
    }
  }

  private static func meaning(of name: String, hasLoss names: Set<String>) -> MetricMeaning {
    let parts = name.split(separator: "/")
    guard parts.count == 2 else { return .furtherEvaluation }
    // Connectionist temporal classification has the only loss of its workloads.
    let isLoss = parts[1] == "loss" || parts[1] == "ctc_loss" && !names.contains("\(parts[0])/loss")
    let metric: EvaluationMetric? =
      switch (parts[0], isLoss, parts[1] == "accuracy") {
      case ("train", true, _): .trainLoss
      case ("validation", true, _): .validationLoss
      case ("test", true, _): .testLoss
      case ("train", _, true): .trainAccuracy
      case ("validation", _, true): .validationAccuracy
      case ("test", _, true): .testAccuracy
      default: nil
      }
    return metric.map { .evaluation($0) } ?? .furtherEvaluation
  }

  /// A run that neither reached its target nor used nine tenths of its budget was cut off.
  private mutating func judgeEnd(budget: Double?) {
    guard let target = run.target,
      let series = run.series.first(where: { $0.name == target.metric })
    else { return }
    let isHigher = EvaluationMetric.isHigherBetter(target.metric)
    let isReached = series.points.contains {
      isHigher ? $0.value >= target.value : $0.value <= target.value
    }
    let last = series.points.map(\.seconds).filter { !$0.isNaN }.max() ?? 0
    if !isReached, let budget, last < 0.9 * budget {
      run.ending = .unfinished("log ends after \(Int(last)) of \(Int(budget)) seconds")
    }
  }
}
