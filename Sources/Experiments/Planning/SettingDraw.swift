internal import Analysis
internal import Optimizers
internal import Settings
internal import Statistics
internal import Tensors

/// The settings that are drawn for a method.
///
/// They depend on the method, the tuning seeds and what is the same for all methods of a problem, so no
/// other method moves them; and methods with the same axes get the same points of the unit cube.
struct SettingDraw {
  private let budget: SettingSearch.Budget
  private let seeds: [Int]

  init(_ budget: SettingSearch.Budget, seeds: [Int]) {
    self.budget = budget
    self.seeds = seeds
  }

  /// The settings in their order, without those that the method refuses or that are drawn already.
  func settings(of space: MethodSpace, _ units: MethodSpace.Units) -> [MethodSetting] {
    guard !space.axes.isEmpty else { return [] }
    var known: Set<String> = []
    return points(space.dimensions, count: budget.draws(seeds: seeds.count)).compactMap { point in
      guard let setting = space.setting(at: point, units) else { return nil }
      let text = setting.values.map { "\($0.name)=\($0.value.label)" }.joined(separator: " ")
      return known.insert(text).inserted ? setting : nil
    }
  }

  private func points(_ dimensions: Int, count: Int) -> [[Double]] {
    let seed = UInt64(seeds[0])
    switch budget.strategy {
    case .halton, .halving:
      let sequence = HaltonSequence(dimensions: dimensions, seed: seed)
      return (0..<count).map(sequence.point)
    case .random:
      // A stream for each dimension: further ones leave the first as they are.
      var streams = (0..<dimensions).map {
        RandomStream(seed: seed, name: "settings", part: UInt32($0))
      }
      return (0..<count).map { _ in streams.indices.map { streams[$0].uniform() } }
    }
  }
}

extension ExperimentSpec {
  /// What is searched for beside a method's learning rate; nil where that alone is tuned.
  func space(of optimizer: OptimizerChoice, _ clipping: ClippingStrategy) -> MethodSpace? {
    guard let tuning = self.protocol.tuning, tuning.settings != nil else { return nil }
    return MethodSpace(
      optimizer: optimizer, clipping: clipping, schedule: optimizer.schedule ?? schedule,
      names: tuning.axes)
  }

  /// The names of the options that any method lets be searched for.
  static func searched(
    _ optimizers: [OptimizerChoice], _ clippings: [ClippingStrategy], schedule: ScheduleChoice
  ) -> [String] {
    var names: [String] = []
    for optimizer in optimizers {
      for clipping in clippings {
        let space = MethodSpace(
          optimizer: optimizer, clipping: clipping, schedule: optimizer.schedule ?? schedule)
        for name in space.axes.map(\.option.name) where !names.contains(name) {
          names.append(name)
        }
      }
    }
    return names
  }

  /// The optimizer with the options of a run, apart from the learning rate.
  func variant(of run: PlannedRun) -> OptimizerVariant {
    run.setting?.variant ?? optimizers[run.optimizer].variants[run.variant]
  }

  /// ` and 8 settings`, where settings are drawn.
  var settingsText: String {
    self.protocol.tuning?.settings.map { " and \($0.settings) settings" } ?? ""
  }

  /// What is searched for beside the learning rate, for people; empty where that alone is tuned.
  public var searchLines: [String] {
    guard let tuning = self.protocol.tuning, let budget = tuning.settings else { return [] }
    var lines = [
      "\(budget.strategy.rawValue): \(budget.draws(seeds: tuning.seeds.count)) settings for each "
        + "method beside the default, in at most \(budget.mostRuns(seeds: tuning.seeds.count)) runs"
    ]
    // Methods with the same space share a line.
    var spaces: [(axes: String, methods: [String])] = []
    for optimizer in optimizers {
      for clipping in clippings {
        let axes =
          space(of: optimizer, clipping)?.axes.map { axis in
            "\(axis.name) (\(axis.option.searchText))"
          } ?? []
        let text = axes.isEmpty ? "nothing" : axes.joined(separator: ", ")
        let label = Analysis.Method(optimizer: optimizer.label, clipping: clipping.label).label
        if let index = spaces.firstIndex(where: { $0.axes == text }) {
          spaces[index].methods.append(label)
        } else {
          spaces.append((text, [label]))
        }
      }
    }
    lines += spaces.map { "\($0.methods.joined(separator: ", ")): \($0.axes)" }
    return lines
  }
}
