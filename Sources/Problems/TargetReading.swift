import Settings

extension Target {
  /// The keys of a target in an experiment file.
  package static let keys = ["metric", "at_least", "at_most", "rule"]

  /// The target at a place in an experiment file; nil where the file says `null`.
  ///
  /// - Parameter metrics: The metrics that the problem measures.
  static func read(_ setting: Setting, metrics: [String]) throws(SettingsError) -> Target? {
    if setting.isNull { return nil }
    let mapping = try setting.mapping(allowed: keys)
    let metric = try mapping.required("metric").choice(
      of: metrics, kind: "metric of this problem", synonyms: .metrics)
    let isAccuracy = metric.hasSuffix("accuracy")
    let (wanted, refused) = isAccuracy ? ("at_least", "at_most") : ("at_most", "at_least")
    if let bound = mapping[refused] {
      throw bound.error(
        "\(metric) is better the \(isAccuracy ? "higher" : "lower") it is; use '\(wanted)'")
    }
    let value = try mapping.required(wanted).number(in: isAccuracy ? .unit : .any)
    let rule = try mapping["rule"]?.text() ?? "set in the experiment file"
    return Target(metric: metric, value: value, isAtLeast: isAccuracy, rule: rule)
  }
}
