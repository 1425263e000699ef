public import Settings
public import Tensors

/// The options of a method, beside the learning rate, that can be searched for: those of its optimizer, of
/// what that is built around, of its clips and of its schedule that declare a search space and that the
/// file does not give.
public struct MethodSpace: Sendable {
  /// An option that is searched for.
  public struct Axis: Sendable {
    fileprivate enum Part: Sendable, Equatable {
      /// With the names that lead to the option.
      case optimizer([String])
      case clip(Int)
      case schedule
    }

    /// What settings call it: `weight_decay`, `base_betas`, `clipping_max_norm`, `schedule_warmup_steps`.
    public let name: String
    public let option: Hyperparameter
    fileprivate let part: Part
  }

  /// What the units of search spaces are on one problem.
  public struct Units: Sendable {
    let startGradientNorm: Double?
    let layout: ParameterLayout
    let steps: Int

    /// - Parameters:
    ///   - startGradientNorm: Of the whole gradient, before it is clipped; nil where it is not known.
    ///   - steps: Of a run.
    public init(startGradientNorm: Double?, layout: ParameterLayout, steps: Int) {
      self.startGradientNorm = startGradientNorm.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
      self.layout = layout
      self.steps = steps
    }
  }

  /// Every option of the catalogs that declares a search space.
  public static let names: [String] = {
    var names: [String] = []
    for option in optimizerCatalog.entries.flatMap(\.hyperparameters)
      + clippingCatalog.entries.flatMap(\.hyperparameters)
      + scheduleCatalog.entries.flatMap(\.hyperparameters)
    where !option.search.isEmpty && !names.contains(option.name) {
      names.append(option.name)
    }
    return names
  }()

  /// In the order optimizer, clips, schedule.
  public let axes: [Axis]
  private let optimizer: OptimizerChoice
  private let clipping: ClippingStrategy
  private let schedule: ScheduleChoice

  /// - Parameter names: The options that are searched for; nil for all that have a space.
  public init(
    optimizer: OptimizerChoice, clipping: ClippingStrategy, schedule: ScheduleChoice,
    names: [String]? = nil
  ) {
    self.optimizer = optimizer
    self.clipping = clipping
    self.schedule = schedule
    let clips = clipping.choices.enumerated().flatMap { index, choice in
      Self.searched(choice.entry.hyperparameters, given: choice.given)
        // Only what works on the gradient is of its size.
        .filter { !$0.search[0].isOfGradient || clipping.isOnGradient(index) }
        .map { option in
          let isRepeated = clipping.choices[..<index].contains { other in
            other.hyperparameters.names.contains(option.name)
          }
          let prefix = isRepeated ? "clipping_\(index + 1)" : "clipping"
          return Axis(name: "\(prefix)_\(option.name)", option: option, part: .clip(index))
        }
    }
    let scheduled = Self.searched(
      schedule.choice.entry.hyperparameters, given: schedule.choice.given
    ).map { Axis(name: "schedule_\($0.name)", option: $0, part: .schedule) }
    axes =
      (Self.axes(
        of: optimizer.choice.entry, optimizer.choice.hyperparameters, given: optimizer.choice.given,
        path: []) + clips + scheduled)
      .filter { names?.contains($0.option.name) ?? true }
  }

  /// The coordinates of a point.
  public var dimensions: Int { axes.reduce(0) { $0 + $1.option.search.count } }

  /// The method at a point of the unit cube; nil where it refuses the values there or has them by default.
  /// An axis whose unit is not known keeps its default.
  public func setting(at point: [Double], _ units: Units) -> MethodSetting? {
    precondition(point.count == dimensions, "a point of \(point.count) of \(dimensions) dimensions")
    var options = optimizer.choice.hyperparameters
    var clips: [Int: Hyperparameters] = [:]
    var scheduled = schedule.choice.hyperparameters
    var values: [(name: String, value: SettingValue)] = []
    var used = 0
    for axis in axes {
      let coordinates = point[used..<(used + axis.option.search.count)]
      used += axis.option.search.count
      guard let value = value(of: axis, at: Array(coordinates), units) else { continue }
      values.append((axis.name, value))
      switch axis.part {
      case .optimizer(let path): options = options.replacing(path[...], by: value)
      case .clip(let index):
        clips[index] = (clips[index] ?? clipping.choices[index].hyperparameters)
          .replacing(axis.option.name, by: value)
      case .schedule: scheduled = scheduled.replacing(axis.option.name, by: value)
      }
    }
    let choice = CatalogChoice(
      entry: optimizer.choice.entry, hyperparameters: options, given: optimizer.choice.given)
    let scheduleChoice = CatalogChoice(
      entry: schedule.choice.entry, hyperparameters: scheduled, given: schedule.choice.given)
    let isChanged =
      options != optimizer.choice.hyperparameters
      || clips.contains { $1 != clipping.choices[$0].hyperparameters }
      || scheduled != schedule.choice.hyperparameters
    guard isChanged, let made = try? choice.entry.make(options),
      let clipped = try? clipping.replacing(clips),
      let madeSchedule = try? scheduleChoice.entry.make(scheduled)
    else { return nil }
    return MethodSetting(
      values: values,
      variant: OptimizerVariant(
        values: values, choice: choice, optimizer: made, isDefault: false),
      clipping: clipped, schedule: ScheduleChoice(choice: scheduleChoice, schedule: madeSchedule))
  }

  private static func searched(_ options: [Hyperparameter], given: [String]) -> [Hyperparameter] {
    options.filter { !$0.search.isEmpty && !given.contains($0.name) }
  }

  private static func axes(
    of entry: CatalogEntry<any Optimizer>, _ values: Hyperparameters, given: [String],
    path: [String]
  ) -> [Axis] {
    var axes = searched(entry.hyperparameters, given: given).map { option in
      let own = path + [option.name]
      return Axis(name: own.joined(separator: "_"), option: option, part: .optimizer(own))
    }
    for option in entry.hyperparameters {
      guard case .entry(let inner) = values[option.name],
        let entry = optimizerCatalog.entry(named: inner.name)
      else { continue }
      axes += Self.axes(
        of: entry, inner.hyperparameters, given: inner.given, path: path + [option.name])
    }
    return axes
  }

  private func value(of axis: Axis, at point: [Double], _ units: Units) -> SettingValue? {
    var numbers: [Double] = []
    for (space, share) in zip(axis.option.search, point) {
      guard let unit = unit(of: space, axis, units) else { return nil }
      numbers.append(space.value(at: share, unit: unit))
    }
    switch axis.option.kind {
    case .integer(let range):
      return .integer(min(max(Int(numbers[0].rounded()), range.lowerBound), range.upperBound))
    case .numbers: return .numbers(numbers)
    default: return .number(numbers[0])
    }
  }

  private func unit(of space: SearchSpace, _ axis: Axis, _ units: Units) -> Double? {
    switch space.unit {
    case .one: return 1
    case .run: return Double(units.steps)
    case .gradientNorm, .tensorNorm, .component: break
    }
    guard let norm = units.startGradientNorm, case .clip(let index) = axis.part else { return nil }
    let component = norm / Double(units.layout.count).squareRoot()
    let (count, tensors) = clipping.reach(of: index, in: units.layout)
    switch space.unit {
    case .gradientNorm(let option):
      let order = option.map { clipping.choices[index].hyperparameters.number($0) } ?? 2
      return component * power(Double(count), 1 / order)
    case .tensorNorm: return component * (Double(count) / Double(max(tensors, 1))).squareRoot()
    case .component, .one, .run: return component
    }
  }
}

/// A method at a point of its search space.
public struct MethodSetting: Sendable {
  /// What was drawn, in the order of the axes.
  public let values: [(name: String, value: SettingValue)]
  public let variant: OptimizerVariant
  public let clipping: ClippingStrategy
  public let schedule: ScheduleChoice
}

extension SearchSpace {
  /// The value at a share of the way from the lower to the upper bound, with three significant digits so
  /// that it can be stated.
  func value(at share: Double, unit: Double) -> Double {
    switch scale {
    case .linear:
      let value = (lower + (upper - lower) * share) * unit
      return value > 0 ? rounded(value, toSignificantDigits: 3) : value
    case .logarithmic:
      return rounded(logarithmic(share) * unit, toSignificantDigits: 3)
    case .logarithmicComplement:
      // 1 − 0.0123 has more digits than its decimal.
      return rounded(
        1 - rounded(logarithmic(share), toSignificantDigits: 3), toSignificantDigits: 6)
    }
  }

  private func logarithmic(_ share: Double) -> Double {
    exponential(logarithm(lower) * (1 - share) + logarithm(upper) * share)
  }
}

extension Hyperparameters {
  /// The same with another value of the option to which names lead through what it is built around.
  fileprivate func replacing(_ path: ArraySlice<String>, by value: SettingValue) -> Hyperparameters
  {
    guard let first = path.first else { return self }
    if path.count == 1 { return replacing(first, by: value) }
    let inner = entry(first)
    return replacing(
      first,
      by: .entry(
        inner.replacing(inner.hyperparameters.replacing(path.dropFirst(), by: value))))
  }
}
