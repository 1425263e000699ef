internal import Problems
internal import Settings
internal import Tensors

/// When a run is evaluated, and when on the test split: the value of the key `evaluate`.
public struct EvaluationSchedule: Sendable, Equatable {
  /// After which updates, beside the first and the last state, which are evaluated in any case.
  public enum Spacing: Sendable, Equatable {
    /// After each multiple of so many updates.
    case every(Int)
    /// After about so many updates whose numbers grow by a constant factor: dense where curves are
    /// steep, and few on the long way to the end.
    case logarithmic(Int)
  }

  /// When the test split is read.
  public enum TestReading: String, Sendable, CaseIterable {
    /// At every evaluation.
    case always
    /// Before the first update and at the end.
    case end
    /// Never: the run decides on something.
    case never
  }

  public var spacing: Spacing
  public var test: TestReading

  public init(_ spacing: Spacing, test: TestReading = .always) {
    self.spacing = spacing
    self.test = test
  }

  /// The number of the next update after `step` that is followed by an evaluation, of a run of
  /// `steps`.
  func next(after step: Int, of steps: Int) -> Int {
    switch spacing {
    case .every(let interval):
      return min(steps, (step / interval + 1) * interval)
    case .logarithmic(let count):
      for position in 1..<max(count, 2) {
        let place = power(Double(steps), Double(position) / Double(count)).rounded()
        if Int(place) > step { return min(steps, Int(place)) }
      }
      return steps
    }
  }

  /// Evaluations of a run of `steps` updates after the first one.
  package func count(of steps: Int) -> Int {
    if case .every(let interval) = spacing { return (steps + interval - 1) / interval }
    var step = 0
    var count = 0
    while step < steps {
      step = next(after: step, of: steps)
      count += 1
    }
    return count
  }

  /// The splits that an evaluation on the way reads.
  var splitsOnTheWay: [DataSplit] {
    DataSplit.allCases.filter { $0 != .test || test == .always }
  }

  /// The splits that the evaluation before the first update reads.
  var splitsAtTheStart: [DataSplit] {
    DataSplit.allCases.filter { $0 != .test || test != .never }
  }

  /// The interval between evaluations; nil where they have none.
  var interval: Int? {
    if case .every(let interval) = spacing { interval } else { nil }
  }

  /// What of it beside the interval determines a run, as members of a JSON object.
  var jsonMembers: [String] {
    var members: [String] = []
    if case .logarithmic(let count) = spacing {
      members.append("\"evaluate_logarithmic\":\(count)")
    }
    if test != .always { members.append("\"evaluate_test\":\"\(test.rawValue)\"") }
    return members
  }
}

extension EvaluationSchedule {
  static let keys = ["every", "logarithmic", "test"]

  /// What an experiment file says of it: nil where it leaves the choice to the protocol.
  struct Choice: Sendable, Equatable {
    var spacing: Spacing?
    var test: TestReading?

    /// Reads the key `evaluate`.
    static func read(_ fields: SettingMapping?) throws(SettingsError) -> Choice {
      let every = try fields?["every"]?.integer(in: 1...Int(Int32.max))
      let logarithmic = try fields?["logarithmic"]?.integer(in: 2...1000)
      if every != nil, logarithmic != nil, let place = fields?["logarithmic"] {
        throw place.error("evaluations are either 'every' so many updates or 'logarithmic'")
      }
      var choice = Choice()
      choice.spacing = every.map { .every($0) } ?? logarithmic.map { .logarithmic($0) }
      if let setting = fields?["test"] {
        let name = try setting.text()
        guard let test = TestReading(rawValue: name), test != .never else {
          throw setting.error("'\(name)' is no time to read the test split; allowed: always, end")
        }
        choice.test = test
      }
      return choice
    }

    /// The schedule of a problem's runs.
    ///
    /// Under the robust protocol the test split, which only ranks there, is read where a run begins and
    /// ends, unless the problem's target is measured on it. A function has none to be read.
    func schedule(
      of problem: any TestProblem, steps: Int, isRobust: Bool
    ) -> EvaluationSchedule {
      let isAlways =
        problem.stepsPerEpoch == 0 || problem.target?.metric.hasPrefix("test") ?? false
      return EvaluationSchedule(
        spacing ?? .every(max(1, steps / (isRobust ? 50 : 10))),
        test: isAlways ? .always : test ?? (isRobust ? .end : .always))
    }
  }
}
