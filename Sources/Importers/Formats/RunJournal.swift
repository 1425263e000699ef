internal import Records
internal import Storage

extension ImportFormat {
  /// Journals of runs that `optbench.init` of the Python package recorded.
  static let journal = ImportFormat(
    name: "journal", summary: "run journals of the Python package's optbench.init (*.journal)"
  ) { paths, options throws(ImportError) in
    var imported = ImportedRuns()
    let files = try LogFiles.find(paths, where: { $0.hasSuffix(".journal") })
    for path in files {
      let journal: RecordedJournal?
      do throws(StorageError) {
        journal = try RecordedJournal.read(path)
      } catch {
        throw ImportError(path, error.detail)
      }
      guard let journal, let recorded = JournaledLog(journal, path), !recorded.log.series.isEmpty
      else {
        imported.notes.append("\(path): it was cut before anything was logged, and is left out")
        continue
      }
      var run = try RecordedRun(
        recorded.log, recordedBy: recorded.recordedBy, options, notes: &imported.notes)
      recorded.complete(&run.run)
      imported.runs.append(run)
    }
    guard !imported.runs.isEmpty else {
      throw ImportError(
        paths.joined(separator: ", "),
        files.isEmpty
          ? "there is no run journal (*.journal); say with --from what recorded the runs"
          : "no journal there holds anything that was logged")
    }
    return imported
  }

  /// Whether `paths` hold run journals.
  static func areJournals(_ paths: [String]) -> Bool {
    let found = try? LogFiles.find(paths) { $0.hasSuffix(".journal") }
    return found?.contains { $0.hasSuffix(".journal") } ?? false
  }
}

/// A journal in the words of a log.
private struct JournaledLog {
  private(set) var log: LoggedRun
  let recordedBy: String
  private let journal: RecordedJournal

  /// What stands where a quantity was not logged at a step: a NaN that no arithmetic makes.
  private static let missing: UInt32 = 0x7FC0_6E6F

  init?(_ journal: RecordedJournal, _ path: String) {
    self.journal = journal
    let head = Dictionary(journal.head.map { ($0.name, $0.text) }) { first, _ in first }
    recordedBy = head["recorded_by"] ?? "journal"
    log = LoggedRun(name: head["run"] ?? LogFiles.stem(of: path), place: path)
    log.problem = head["problem"]
    log.stepNumbers = .mixed
    for name in ["optimizer", "clipping", "learning_rate", "seed"] {
      if let text = head[name] { log.parameters.append((name, text)) }
    }
    for (name, text) in journal.head where name.hasPrefix("config.") {
      log.parameters.append((String(name.dropFirst(7)), text))
    }
    if let metric = head["target_metric"], let value = head["target_value"].flatMap(Double.init) {
      log.target = LoggedRun.Target(metric: metric, value: value)
    }
    log.provenance.created = head["created"] ?? ""
    if let trajectory = journal.recordings["trajectory"] {
      log.series += Self.series(of: trajectory) { name in
        StepSeries(rawValue: name).map { .step($0) } ?? .furtherStep
      }
    }
    if let evaluations = journal.recordings["evaluations"] {
      log.series += Self.series(of: evaluations) { name in
        EvaluationMetric(rawValue: name).map { .evaluation($0) } ?? .furtherEvaluation
      }
    }
    log.ending = Self.ending(journal)
  }

  private static func ending(_ journal: RecordedJournal) -> LoggedRun.Ending {
    guard let end = journal.end else {
      return .unfinished("the program that recorded the run ended without a word")
    }
    let fields = Dictionary(end.map { ($0.name, $0.text) }) { first, _ in first }
    switch fields["ending"] {
    case "failed": return .unfinished(fields["reason"] ?? "")
    case "stopped": return .stopped
    default: return .unsaid
    }
  }

  /// What was logged of each quantity of numbers.
  private static func series(
    of recording: Recording, _ meaning: (String) -> MetricMeaning
  ) -> [LoggedRun.Series] {
    recording.series.compactMap { series in
      let values: [Double]
      switch series.numbers {
      case .float32(let numbers):
        values = numbers.map { $0.bitPattern == missing ? .signalingNaN : Double($0) }
      case .float64(let numbers):
        values = numbers.map { Float($0).bitPattern == missing ? .signalingNaN : $0 }
      case .int8, .int64: return nil
      }
      guard !bookkeeping.contains(series.quantity.name) else { return nil }
      let points = zip(recording.steps, values).filter { !$1.isSignalingNaN }
        .map { LoggedRun.Point(step: Int($0), value: $1) }
      return points.isEmpty
        ? nil
        : LoggedRun.Series(
          name: series.quantity.name, meaning: meaning(series.quantity.name), points: points)
    }
  }

  private static let bookkeeping: Set<String> = [
    "elapsed_seconds", "evaluation_gradient_evaluations",
  ]

  /// Adds what logs of other programs do not have.
  func complete(_ run: inout RunRecord) {
    if let trajectory = journal.recordings["trajectory"],
      case .int8(let fired)? = trajectory["clip_fired"]
    {
      for (step, value) in zip(trajectory.steps, fired)
      where Int(step) < run.trajectory.clipFired.count {
        run.trajectory.clipFired[Int(step)] = value
      }
    }
    if run.failureStep >= 0, var flight = journal.recordings["flight"] {
      flight = flight.upTo(Int32(run.failureStep))
      run.flight = flight.steps.isEmpty ? nil : flight
    }
  }
}

extension Recording {
  /// The rows up to `step`.
  fileprivate func upTo(_ step: Int32) -> Recording {
    let rows = steps.prefix { $0 <= step }.count
    var part = self
    part.steps = Array(steps.prefix(rows))
    for index in part.series.indices {
      part.series[index].values = Array(series[index].values.prefix(rows * tensors.count))
    }
    return part
  }
}
