public import Records

/// A run as a log has it: what was logged of each quantity, in the words and with the step numbers of
/// whoever logged it.
public struct LoggedRun: Sendable {
  /// A value that was logged.
  public struct Point: Sendable {
    public var step: Int
    /// NaN and infinities are values; what was not logged is no point.
    public var value: Double
    /// Seconds of training before it; NaN where that is not known.
    public var seconds = Double.nan

    public init(step: Int, value: Double, seconds: Double = .nan) {
      self.step = step
      self.value = value
      self.seconds = seconds
    }
  }

  /// What was logged under one name, in the order of the log.
  public struct Series: Sendable {
    public var name: String
    /// What it is, where the format says so; nil where the name has to tell.
    public var meaning: MetricMeaning?
    public var points: [Point]

    public init(name: String, meaning: MetricMeaning? = nil, points: [Point]) {
      self.name = name
      self.meaning = meaning
      self.points = points
    }
  }

  /// How a log numbers its steps.
  public struct StepNumbers: Sendable, Equatable {
    /// The number of the first update in the series of every step.
    public var first: Int
    /// What is added to an evaluation's number for the updates before it.
    public var evaluationLag: Int

    /// The first update has number 0, and what is evaluated under a number comes after its update.
    public static let fromZero = StepNumbers(first: 0, evaluationLag: 1)
    /// A number says how many updates were made: the first update has 1.
    public static let updates = StepNumbers(first: 1, evaluationLag: 0)
    /// The first update has number 0, while the number of an evaluation says how many were made.
    public static let mixed = StepNumbers(first: 0, evaluationLag: 0)
  }

  /// What a log says of its end.
  public enum Ending: Sendable, Equatable {
    /// Nothing: it is taken as the run's end.
    case unsaid
    /// The run ended before its budget, and why, such as `log ends at step 40 of 60`.
    case unfinished(String)
    /// A rule of the training script ended it early.
    case stopped
  }

  /// What must be reached.
  public struct Target: Sendable, Equatable {
    /// The name of the logged metric.
    public var metric: String
    public var value: Double
  }

  /// What the log calls the run.
  public var name: String
  /// The file or folder that it comes from, for messages.
  public var place: String
  /// What it trained, where the log says so.
  public var problem: String?
  /// What it was given: optimizer, learning rate, seed and whatever else, as the log has it.
  public var parameters: [(name: String, text: String)] = []
  public var series: [Series] = []
  /// nil where the numbers have to tell.
  public var stepNumbers: StepNumbers?
  public var ending = Ending.unsaid
  public var target: Target?
  /// Where and with what it was trained, as far as the log says.
  public var provenance = Provenance()

  public init(name: String, place: String) {
    self.name = name
    self.place = place
  }

  /// The text of the first parameter that is called by one of `names`, in any case.
  func parameter(_ names: [String]) -> String? {
    for name in names {
      if let found = parameters.first(where: { plainName($0.name) == name }), !found.text.isEmpty {
        return found.text
      }
    }
    return nil
  }

  /// Adds a value to the series called `name`.
  mutating func log(
    _ name: String, _ value: Double, at step: Int, seconds: Double = .nan,
    as meaning: MetricMeaning? = nil
  ) {
    let point = Point(step: step, value: value, seconds: seconds)
    if let index = series.firstIndex(where: { $0.name == name }) {
      series[index].points.append(point)
    } else {
      series.append(Series(name: name, meaning: meaning, points: [point]))
    }
  }
}
