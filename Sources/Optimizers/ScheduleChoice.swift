public import Settings

/// A schedule as a file chose it.
public struct ScheduleChoice: Sendable {
  public let choice: CatalogChoice<any Schedule>
  public let schedule: any Schedule

  /// The learning rate as it is.
  public static var constant: ScheduleChoice { byDefault(.constant) }

  /// Annealing to zero along half a cosine.
  public static var cosine: ScheduleChoice { byDefault(.cosine) }

  private static func byDefault(_ entry: CatalogEntry<any Schedule>) -> ScheduleChoice {
    let choice = CatalogChoice(
      entry: entry, hyperparameters: Hyperparameters(entry.hyperparameters), given: [])
    guard let schedule = try? entry.make(choice.hyperparameters) else {
      preconditionFailure("the schedule \(entry.name) has defaults that it refuses")
    }
    return ScheduleChoice(choice: choice, schedule: schedule)
  }

  /// `cosine`, with the options that the file gave: `cosine(warmup_steps=50)`.
  public var label: String {
    let options = choice.given.map { "\($0)=\(choice.hyperparameters[$0].label)" }
    return options.isEmpty
      ? choice.entry.name : "\(choice.entry.name)(\(options.joined(separator: " ")))"
  }

  /// The schedule at a place of a file.
  public static func read(_ setting: Setting) throws(SettingsError) -> ScheduleChoice {
    let choice = try scheduleCatalog.choice(at: setting)
    return ScheduleChoice(
      choice: choice, schedule: try scheduleCatalog.make(choice, at: setting))
  }

  /// The schedules at a place of a file: one, or a list of different ones.
  public static func readAll(_ setting: Setting) throws(SettingsError) -> [ScheduleChoice] {
    guard setting.isSequence else { return [try read(setting)] }
    var mistakes = Mistakes()
    var schedules: [ScheduleChoice] = []
    for element in try setting.elements() {
      guard let schedule = mistakes.attempt(try read(element)) else { continue }
      if schedules.contains(where: { $0.choice.json == schedule.choice.json }) {
        mistakes.note(element.error("the schedule \(schedule.label) is given twice; keep one"))
      }
      schedules.append(schedule)
    }
    try mistakes.check()
    guard !schedules.isEmpty else {
      throw setting.error("the list is empty; give at least one schedule")
    }
    return schedules
  }
}
