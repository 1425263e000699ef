internal import Settings

/// A place in two settings at which they have other values.
public struct ValueDifference: Sendable, Equatable {
  /// The YAML path, such as `budget.steps`.
  public let path: String
  /// The values as JSON; nil where the setting has none.
  public let baseline: String?
  public let current: String?

  package init(path: String, baseline: String?, current: String?) {
    self.path = path
    self.baseline = baseline
    self.current = current
  }

  /// Every place in which the two differ, as deep as their structure is the same.
  static func all(_ baseline: Setting?, _ current: Setting?, at path: String = "") -> [Self] {
    let values = (baseline?.canonicalJSON, current?.canonicalJSON)
    if values.0 == values.1 { return [] }
    if let baseline, let current {
      if baseline.isMapping, current.isMapping {
        let keys = baseline.keys + current.keys.filter { !baseline.keys.contains($0) }
        return keys.flatMap { key in
          all(
            baseline.value(of: key), current.value(of: key),
            at: path.isEmpty ? key : "\(path).\(key)")
        }
      }
      if let old = try? baseline.elements(), let new = try? current.elements(),
        old.count == new.count
      {
        return old.indices.flatMap { all(old[$0], new[$0], at: "\(path)[\($0)]") }
      }
    }
    return [ValueDifference(path: path, baseline: values.0, current: values.1)]
  }
}
