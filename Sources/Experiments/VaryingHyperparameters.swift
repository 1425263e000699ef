internal import Optimizers
internal import Settings

extension ExperimentPlan {
  /// The names of the numeric hyperparameters that take at least two values in the experiment, or are
  /// searched for.
  static func varyingHyperparameters(in spec: ExperimentSpec) -> [String] {
    var names: [String] = []
    var values: [String: Set<Double>] = [:]
    var searched: Set<String> = []
    for optimizer in spec.optimizers {
      let schedule = optimizer.schedule ?? spec.schedule
      for variant in optimizer.variants {
        for clipping in spec.clippings {
          let own = numericHyperparameters(variant, clipping, schedule)
          for (name, value) in own {
            if !names.contains(name) { names.append(name) }
            // Schedules tell methods apart by their labels.
            if !name.hasPrefix(schedulePrefix) { values[name, default: []].insert(value) }
          }
          let axes = spec.space(of: optimizer, clipping)?.axes.map(\.name) ?? []
          searched.formUnion(
            own.map(\.name).filter { name in
              axes.contains { name == $0 || name.hasPrefix("\($0)_") }
            })
        }
      }
    }
    return names.filter { (values[$0]?.count ?? 0) > 1 || searched.contains($0) }
  }

  private static let schedulePrefix = "schedule_"

  /// A method's hyperparameters as numbers: `betas` becomes `betas_1` and `betas_2`, a clipping
  /// strategy's `max_norm` becomes `clipping_max_norm`, a schedule's `minimum` `schedule_minimum`.
  static func numericHyperparameters(
    _ variant: OptimizerVariant, _ clipping: ClippingStrategy, _ schedule: ScheduleChoice
  ) -> [(name: String, value: Double)] {
    var result: [(name: String, value: Double)] = []
    func add(_ name: String, _ value: SettingValue) {
      if case .numbers(let values) = value {
        for (index, value) in values.enumerated() { result.append(("\(name)_\(index + 1)", value)) }
      } else if case .entry(let choice) = value {
        for option in choice.names { add("\(name)_\(option)", choice.hyperparameters[option]) }
      } else if let number = value.asNumber {
        result.append((name, number))
      }
    }
    let options = variant.choice.hyperparameters
    for name in options.names where name != "learning_rate" { add(name, options[name]) }
    for choice in clipping.choices {
      for name in choice.hyperparameters.names {
        let column = "clipping_\(name)"
        guard !result.contains(where: { $0.name == column }) else { continue }
        add(column, choice.hyperparameters[name])
      }
    }
    let scheduled = schedule.choice.hyperparameters
    for name in scheduled.names { add(schedulePrefix + name, scheduled[name]) }
    return result
  }
}
