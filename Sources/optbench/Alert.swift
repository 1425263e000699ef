import Experiments
import Records
import Reports
import Synchronization

/// A condition about the finished runs that somebody wants to be told of: `failure_rate > 0.5`, or of one
/// method, `failure_rate(adam) > 0.5`.
struct Alert: Sendable {
  /// What is counted.
  enum Measure: String, CaseIterable {
    case failureRate = "failure_rate"
    case failures, nonfinite, exploded
    case worseThanStart = "worse_than_start"
    case objectiveFailed = "objective_failed"

    /// Whether a run counts.
    func counts(_ outcome: Outcome) -> Bool {
      switch self {
      case .failureRate, .failures: outcome.isDiverged
      case .nonfinite: outcome == .nonfinite
      case .exploded: outcome == .exploded
      case .worseThanStart: outcome == .worseThanStart
      case .objectiveFailed: outcome == .objectiveFailed
      }
    }
  }

  /// A share of fewer runs says little.
  static let fewestRuns = 10

  let text: String
  private let measure: Measure
  /// An optimizer's label or a method's; nil for all runs.
  private let method: String?
  private let isAtLeast: Bool
  private let bound: Double

  /// - Throws: `CommandFailure` if `text` is no condition.
  init(_ text: String) throws {
    func failure(_ problem: String) -> CommandFailure {
      CommandFailure(
        "--alert '\(text)': \(problem); give a condition such as 'failure_rate > 0.5' or "
          + "'nonfinite(adam) >= 3', of \(Measure.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    guard let sign = text.firstIndex(of: ">") else { throw failure("there is no > or >= in it") }
    var rest = text[text.index(after: sign)...]
    isAtLeast = rest.first == "="
    if isAtLeast { rest.removeFirst() }
    guard let bound = Double(rest.trimmed), bound.isFinite, bound >= 0 else {
      throw failure("'\(rest.trimmed)' is not a number from 0 on")
    }
    var name = text[..<sign].trimmed
    if let open = name.firstIndex(of: "("), name.hasSuffix(")") {
      method = String(name[name.index(after: open)...].dropLast())
      name = name[..<open].trimmed
    } else {
      method = nil
    }
    guard let measure = Measure(rawValue: name) else { throw failure("'\(name)' is not counted") }
    guard measure != .failureRate || bound < 1 || (isAtLeast && bound == 1) else {
      throw failure("a rate is never above 1")
    }
    self.text = text
    self.measure = measure
    self.bound = bound
  }

  /// What to say if the condition holds; nil if it does not.
  ///
  /// - Parameter isComplete: Whether no more runs come: a share of few runs counts then.
  func message(_ ends: some Sequence<RunEnd>, isComplete: Bool) -> String? {
    var (runs, counted) = (0, 0)
    for end in ends where isMeant(end) {
      if end.outcome == .objectiveFailed, measure != .objectiveFailed { continue }
      runs += 1
      if measure.counts(end.outcome) { counted += 1 }
    }
    let isRate = measure == .failureRate
    guard runs > 0, !isRate || isComplete || runs >= Self.fewestRuns else { return nil }
    let value = isRate ? Double(counted) / Double(runs) : Double(counted)
    guard isAtLeast ? value >= bound : value > bound else { return nil }
    let whose = method.map { " of \($0)" } ?? ""
    return "\(text): \(counted) of \(runs) finished runs\(whose)"
      + (isRate ? " failed" : " are \(measure.rawValue)")
  }

  private func isMeant(_ end: RunEnd) -> Bool {
    guard let method else { return true }
    return end.optimizer == method || "\(end.optimizer) + \(end.clipping)" == method
      || "\(end.optimizer) × \(end.clipping)" == method
  }
}

/// Alerts over the runs that a process finishes, each raised once.
final class AlertWatch: Sendable {
  private let state: Mutex<(open: [Alert], ends: [RunEnd])>

  init(_ alerts: [Alert]) { state = Mutex((alerts, [])) }

  /// What has come true with the run that finished last.
  func raised(by progress: ExperimentProgress) -> [String] {
    state.withLock { state in
      guard !state.open.isEmpty, let latest = progress.latest else { return [] }
      state.ends.append(latest)
      let isComplete = progress.finished == progress.planned
      var messages: [String] = []
      state.open.removeAll { alert in
        guard let message = alert.message(state.ends, isComplete: isComplete) else { return false }
        messages.append(message)
        return true
      }
      return messages
    }
  }
}

extension Substring {
  fileprivate var trimmed: String { String(self).trimmed }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
