/// The named values at which a method is run: its learning rate, and the hyperparameters that the
/// experiment crosses with it.
public struct RunSetting: Hashable, Sendable {
  /// One of the values, as labels and tables write it.
  public struct Value: Hashable, Sendable {
    public let name: String
    public let text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// The learning rate first, the others in the order of the experiment file.
  public var values: [Value]

  public init(_ values: [Value]) { self.values = values }

  /// The setting that `description` wrote.
  public init(_ text: String) {
    values = text.split(separator: " ").map { part in
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return Value(name: String(pieces[0]), text: pieces.count > 1 ? String(pieces[1]) : "")
    }
  }

  /// The learning rate before the schedule.
  public var learningRate: Double { self["learning_rate"].flatMap { Double($0) } ?? .nan }

  /// The text of the value called `name`.
  public subscript(name: String) -> String? { values.first { $0.name == name }?.text }
}

extension RunSetting: CustomStringConvertible {
  /// `learning_rate=0.001 weight_decay=0.1`.
  public var description: String {
    values.map { "\($0.name)=\($0.text)" }.joined(separator: " ")
  }
}

/// One run that an experiment consists of: what determines it, and why it is there.
public struct PlanEntry: Sendable, Equatable {
  public var key: RunKey
  /// The optimizer's label.
  public var optimizer: String
  /// The clipping strategy's label.
  public var clipping: String
  public var setting: RunSetting
  /// The numeric hyperparameters that vary within the experiment, as `RunRecord.hyperparameters`.
  public var hyperparameters: [RunSetting.Value] = []
  /// The place of the setting in its method's grid, from 0; it moves when the grid grows.
  public var trial: Int
  public var seed: Int
  /// Whether the setting is the optimizer as the catalog delivers it.
  public var isDefault: Bool
  /// SHA-256 of what determines the run: problem and data, method and setting, budget and stops,
  /// seed.
  public var identity: String
  /// The round of planning that asked for the run, from 0.
  public var round: Int
  public var purpose: RunPurpose
  /// Whether the experiment file still names the run; a run that it named earlier is kept.
  public var isNamed: Bool

  public init(
    key: RunKey, optimizer: String, clipping: String, setting: RunSetting, trial: Int, seed: Int,
    isDefault: Bool, identity: String, round: Int = 0, purpose: RunPurpose = .grid,
    isNamed: Bool = true
  ) {
    self.key = key
    self.optimizer = optimizer
    self.clipping = clipping
    self.setting = setting
    self.trial = trial
    self.seed = seed
    self.isDefault = isDefault
    self.identity = identity
    self.round = round
    self.purpose = purpose
    self.isNamed = isNamed
  }

  /// The entry of a stored run that no plan names.
  public init(unnamed run: RunRecord) {
    self.init(
      key: run.key, optimizer: run.optimizer, clipping: run.clipping,
      setting: RunSetting([
        RunSetting.Value(name: "learning_rate", text: "\(run.baseLearningRate)")
      ]), trial: run.trial, seed: run.seed, isDefault: run.isDefaultLearningRate,
      identity: run.identity, isNamed: false)
  }
}

extension PlanEntry {
  /// Whether tables of methods take the run. One of a search that the file names no longer belongs to
  /// another search, while a grid's is a point like others.
  public var isTabled: Bool { purpose.isTabled && (isNamed || purpose == .grid) }
}
