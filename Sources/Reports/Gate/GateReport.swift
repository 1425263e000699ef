internal import Analysis

/// What a gate found, in words: what every form of its output is made of.
public struct GateReport: Sendable {
  /// One thing that was looked at.
  public struct Check: Sendable {
    public enum Status: String, Sendable, Encodable {
      case passed
      case failed
      /// Did not fail, but somebody should know.
      case noticed
      /// Does not apply.
      case skipped
    }

    public let name: String
    public let status: Status
    /// The finding in one sentence without a full stop.
    public let message: String
    /// More lines for whoever wants to know where.
    public let details: [String]

    init(_ name: String, _ status: Status, _ message: String, details: [String] = []) {
      self.name = name
      self.status = status
      self.message = message
      self.details = details
    }
  }

  /// The experiment's name.
  public let experiment: String
  /// `statistical` or `exact`.
  public let mode: String
  public let isPassed: Bool
  /// What was compared, in a sentence.
  public let scope: String
  /// What each result is and where it comes from.
  let origins: [(String, String)]
  public let checks: [Check]
  /// The checks that had too few runs to say anything.
  let undecided: Int
  /// Numbers beside the checks; nil where there are none.
  let table: Table?
  /// How to read the table.
  let explanation: String
  /// All numbers, for programs.
  public let json: String
  /// When the current result was made, ISO 8601; empty where that is unknown.
  let created: String

  /// One check for each of `names`: what stands in the way of a comparison.
  static func comparability(_ obstacles: [GateObstacle], names: [String]) -> [Check] {
    names.map { name in
      let own = obstacles.filter { $0.check == name }
      guard let first = own.first else { return Check(name, .passed, "as it should be") }
      return Check(name, .failed, first.message, details: own.dropFirst().map(\.message))
    }
  }

  /// What failed, in the order of the checks.
  public var failures: [Check] { checks.filter { $0.status == .failed } }

  /// `The gate passed: …` or `The gate failed: …`.
  public var conclusion: String {
    if isPassed {
      // A pass with open questions is no clean bill: the last line says how many there are.
      let notices = checks.count { $0.status == .noticed } - undecided
      let open = undecided == 0 ? "" : ", \(undecided) undecided"
      let note = notices <= 0 ? "" : ", \(NumberText.count(notices, "notice"))"
      return "The gate passed: \(NumberText.count(checks.count, "check"))\(open)\(note)."
    }
    return
      "The gate failed: \(failures.map { "\($0.name): \($0.message)" }.joined(separator: "; "))."
  }
}
