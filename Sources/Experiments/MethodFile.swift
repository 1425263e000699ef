public import Optimizers
internal import Settings

/// A method by itself, as a METHOD.yml writes it: `optimizer`, `clipping`, `learning_rate` and
/// `schedule` in the words of an experiment file.
public struct MethodFile: Sendable {
  /// The file's name as the user gave it.
  public let file: String
  /// Nil for a method that is clipping alone.
  public let optimizer: OptimizerChoice?
  public let clipping: ClippingStrategy
  public let schedule: any Schedule
  public let learningRate: Double

  /// Reads a method file's text.
  ///
  /// - Parameter file: The file's name for error messages.
  public init(_ text: String, file: String) throws {
    self.file = file
    let root = try Setting.parse(text, file: file)
    let fields = try root.mapping(allowed: ["optimizer", "clipping", "learning_rate", "schedule"])
    guard fields["optimizer"] != nil || fields["clipping"] != nil else {
      throw root.error("there is neither 'optimizer' nor 'clipping'; give one of them or both")
    }
    optimizer = try fields["optimizer"].map { try OptimizerChoice.read($0) }
    clipping = try Self.readClipping(fields["clipping"])
    if let own = optimizer?.schedule, let other = fields["schedule"] {
      throw other.error("the optimizer has the schedule '\(own.label)' of its own; keep one")
    }
    schedule =
      try (optimizer?.schedule ?? fields["schedule"].map(ScheduleChoice.read) ?? .constant).schedule

    let given = try fields["learning_rate"]?.number(in: .positive)
    if let rates = optimizer?.learningRates {
      let place = fields["optimizer"]?.value(of: "learning_rate") ?? root
      guard let rate = rates.values.first, rates.values.count == 1 else {
        throw place.error("a trace has one learning rate, found \(rates.values.count)")
      }
      learningRate = rate
    } else {
      learningRate = given ?? optimizer?.defaultLearningRate ?? 1
    }
  }

  /// One strategy, or the list of strategies of an experiment file with a single one in it.
  private static func readClipping(_ setting: Setting?) throws -> ClippingStrategy {
    guard let setting else { return .none }
    if setting.isSequence {
      let elements = try setting.elements()
      if elements.count == 1, elements[0].isSequence {
        return try ClippingStrategy.read(elements[0])
      }
    }
    return try ClippingStrategy.read(setting)
  }

  /// What a run trains with.
  var method: Method {
    if let optimizer {
      return Method(
        optimizer: optimizer.optimizer, clipping: clipping, schedule: schedule,
        baseLearningRate: learningRate)
    }
    return Method(
      optimizer: Standstill(), clipping: clipping.withoutUpdate, schedule: schedule,
      baseLearningRate: learningRate)
  }
}
