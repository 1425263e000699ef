internal import HDF5
internal import Records

/// The group `plan` of a result file: every run that the experiment consists of, done or not, one row
/// each.
enum PlanGroup {
  static let name = "plan"
  private static let dimension = "planned_run"

  private static let texts:
    [(name: String, longName: String, property: any WritableKeyPath<PlanEntry, String> & Sendable)] =
      [
        ("optimizer", "label of the optimizer", \.optimizer),
        ("clipping", "label of the clipping strategy", \.clipping),
        ("setting", "named values of the run, learning rate first", \.settingText),
        ("hyperparameters", "numeric hyperparameters that vary", \.hyperparameterText),
        ("identity", "SHA-256 of what determines the run", \.identity),
      ]

  private static let numbers:
    [(name: String, longName: String, property: any WritableKeyPath<PlanEntry, Int> & Sendable)] =
      [
        ("trial", "place of the setting in its method's grid, from 0", \.trial),
        ("seed", "seed of everything random in the run", \.seed),
        (
          "is_default", "whether the setting is the optimizer's default (1) or not (0)",
          \.defaultFlag
        ),
        ("round", "round of planning that asked for the run, from 0", \.round),
        ("is_named", "whether the experiment file still names the run (1) or not (0)", \.namedFlag),
      ]

  /// Whether the group called `name` in the root is no problem's, but the plan or what else belongs to
  /// the experiment: files
  /// from before they were stored may have problems of these names.
  static func isOwn(_ name: String, in root: borrowing HDF5Group) throws(HDF5Error) -> Bool {
    let own = [Self.name, ProvenanceGroup.name, UpdateTraceGroup.name]
    guard own.contains(name) else { return false }
    return try !root.group(name).hasAttribute("problem_digest")
  }

  /// Writes the plan; nothing where there is none.
  static func write(_ plan: [PlanEntry], to root: borrowing HDF5Group) throws(HDF5Error) {
    guard !plan.isEmpty else { return }
    let group = try root.createGroup(name)
    let dimensions = Dimensions(scales: [
      try group.createScale(
        dimension, texts: plan.map(\.key.run), longName: "readable key of the run")
    ])
    let block = RunBlock(rows: 0..<plan.count, total: plan.count)
    try group.write(
      RunVariable(name: "problem", longName: "name of the problem's group"),
      texts: plan.map(\.key.problem), block: block, dimensions: dimensions)
    for (name, longName, property) in texts {
      try group.write(
        RunVariable(name: name, longName: longName), texts: plan.map { $0[keyPath: property] },
        block: block, dimensions: dimensions)
    }
    for (name, longName, property) in numbers {
      try group.write(
        RunVariable(name: name, longName: longName, units: "1"),
        plan.map { Int32(clamping: $0[keyPath: property]) }, rank: 1, block: block,
        dimensions: dimensions, deflate: 0)
    }
    // A grid needs no such columns, and is stored as it was before there were any.
    if plan.contains(where: { $0.purpose != .grid }) {
      try group.write(
        RunVariable(name: "purpose", longName: "why the run is there: grid, tuning or evaluation"),
        texts: plan.map(\.purpose.name), block: block, dimensions: dimensions)
      try group.write(
        RunVariable(
          name: "multiple",
          longName: "learning rate over that which the search starts from (tuning) or found "
            + "(evaluation)", units: "1"),
        plan.map(\.purpose.multiple), rank: 1, block: block, dimensions: dimensions, deflate: 0)
    }
    for scale in dimensions.scales { try scale.finish() }
    try group.close()
  }

  /// Reads the plan; empty where none is stored.
  static func read(from root: borrowing HDF5Group) throws(HDF5Error) -> [PlanEntry] {
    guard try root.contains(name), try isOwn(name, in: root) else { return [] }
    let group = try root.group(name)
    let runs = try group.dataset(dimension).readTexts()
    let rows = 0..<runs.count
    let problems = try group.texts("problem", rows: rows)
    var plan = zip(problems, runs).map { problem, run in
      PlanEntry(
        key: RunKey(problem: problem, run: run), optimizer: "", clipping: "",
        setting: RunSetting([]), trial: 0, seed: 0, isDefault: false, identity: "")
    }
    for (name, _, property) in texts {
      let values = try group.texts(name, rows: rows)
      for index in plan.indices { plan[index][keyPath: property] = values[index] }
    }
    for (name, _, property) in numbers {
      let values = try group.numbers(name, as: Int32.self, rows: rows)
      for index in plan.indices { plan[index][keyPath: property] = Int(values[index]) }
    }
    if try group.contains("purpose") {
      let names = try group.texts("purpose", rows: rows)
      let multiples = try group.numbers("multiple", as: Double.self, rows: rows)
      for index in plan.indices {
        plan[index].purpose = RunPurpose(name: names[index], multiple: multiples[index])
      }
    }
    return plan
  }
}

extension PlanEntry {
  fileprivate var settingText: String {
    get { setting.description }
    set { setting = RunSetting(newValue) }
  }
  fileprivate var hyperparameterText: String {
    get { RunSetting(hyperparameters).description }
    set { hyperparameters = RunSetting(newValue).values }
  }
  fileprivate var defaultFlag: Int {
    get { isDefault ? 1 : 0 }
    set { isDefault = newValue != 0 }
  }
  fileprivate var namedFlag: Int {
    get { isNamed ? 1 : 0 }
    set { isNamed = newValue != 0 }
  }
}
