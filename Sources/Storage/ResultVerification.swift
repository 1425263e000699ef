public import Records

/// What there is to say of a result after everything in it has been read.
public struct ResultVerification: Sendable, CustomStringConvertible {
  /// What does not fit together, a sentence each.
  public let defects: [String]
  /// The planned runs that are not there.
  public let missing: [RunKey]
  private let digest: String
  private let stored: Int
  private let traces: Int

  /// Reads the file.
  ///
  /// - Throws: If it cannot be read, or is not what was written: its seal, a run's digest or the content's
  ///   do not match.
  public init(_ path: String) throws(StorageError) {
    let record = try RunArchive.read(path)
    digest = record.contentDigest
    stored = record.runs.count
    traces = record.header.updateTraces.count
    let keys = Set(record.runs.map(\.key))
    missing = record.header.plan.map(\.key).filter { !keys.contains($0) }
    defects = Self.defects(of: record, keys)
  }

  private static func defects(of record: ExperimentRecord, _ keys: Set<RunKey>) -> [String] {
    var defects: [String] = []
    if keys.count < record.runs.count { defects.append("two runs have the same name") }
    let steps = Dictionary(record.header.problems.map { ($0.name, $0.steps) }) { first, _ in first }
    let plan = Dictionary(record.header.plan.map { ($0.key, $0) }) { first, _ in first }
    for run in record.runs {
      let name = "the run '\(run.key.run)' on \(run.key.problem)"
      if let defect = run.defect { defects.append(defect) }
      if let most = steps[run.key.problem], run.trajectory.steps > most {
        defects.append("\(name) has more than \(most) steps")
      }
      if run.failureStep >= 0, run.failureStep > run.trajectory.steps {
        defects.append("\(name) failed behind its end")
      }
      guard !plan.isEmpty else { continue }
      guard let entry = plan[run.key] else {
        defects.append("\(name) is in no plan")
        continue
      }
      if !run.identity.isEmpty, entry.identity != run.identity {
        defects.append("\(name) is not the one that is planned")
      }
    }
    let traces = record.header.updateTraces
    for entry in record.header.plan where !traces.isEmpty && entry.isNamed {
      let isTraced = traces.contains {
        $0.optimizer == entry.optimizer && $0.clipping == entry.clipping
      }
      guard !isTraced, keys.contains(entry.key) else { continue }
      defects.append(
        "the update rule of '\(entry.optimizer)' with '\(entry.clipping)' has no trace")
      break
    }
    return defects
  }

  public var description: String {
    if let first = defects.first {
      let others = defects.count - 1
      return first + (others > 0 ? ", and \(others) more defects" : "")
    }
    let content = "content digest \(digest.prefix(12)), \(traces) traces of update rules"
    guard let first = missing.first else {
      return "whole and complete: \(stored) runs, \(content)"
    }
    return
      "whole, but \(missing.count) of \(stored + missing.count) planned runs are missing, such as "
      + "'\(first.run)' on \(first.problem): \(content)"
  }
}
