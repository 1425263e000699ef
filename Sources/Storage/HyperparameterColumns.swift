internal import Records

/// The datasets of the hyperparameters that vary, one per hyperparameter along `run`.
enum HyperparameterColumns {
  private static let prefix = "hyperparameter_"

  /// What a problem's group and the groups in it hold besides hyperparameters and quantities.
  private static let names: Set<String> = Set(
    ["run", "step", "steps_recorded", "run_digest", "evaluation", "flight", "tensors", "sharpness"]
      + ["noise_scale", ProvenanceGroup.row.name] + RecordingGroup.ownNames
      + RunColumn.all.map(\.name))

  /// What a problem's group and the groups in it hold besides hyperparameters.
  private static let reserved: Set<String> = names.union(
    RecordingKind.all.flatMap(\.builtIn).map(\.name)
      + [Quantity.clipSkipped, .askedGradientsClipped].map(\.name))

  /// The dataset's name: the hyperparameter's own, with a prefix where the schema uses that name
  /// for something else.
  static func datasetName(of hyperparameter: String) -> String {
    precondition(
      canName(hyperparameter),
      "'\(hyperparameter)' cannot name a hyperparameter: empty, or with a slash or a space")
    let isAmbiguous = reserved.contains(hyperparameter) || hyperparameter.hasPrefix(prefix)
    return isAmbiguous ? prefix + hyperparameter : hyperparameter
  }

  /// Whether `name` can be a hyperparameter's.
  static func canName(_ name: String) -> Bool {
    !name.isEmpty && !name.contains { $0 == "/" || $0.isWhitespace }
  }

  /// Whether `name` can be that of a quantity which is not built in.
  static func canNameQuantity(_ name: String) -> Bool {
    canName(name) && name != "." && !names.contains(name)
  }

  /// The hyperparameter that the dataset called `name` holds.
  static func hyperparameter(of name: String) -> String {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }
}
