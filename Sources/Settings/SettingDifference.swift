/// One value in which two files differ.
public struct SettingDifference: Sendable, Equatable, CustomStringConvertible {
  /// The YAML path, such as `budget.steps`.
  public let path: String
  /// The value there, or nothing where it is given in the other file only.
  public let old: String?
  public let new: String?

  public var description: String {
    switch (old, new) {
    case (let old?, let new?): "\(path): \(old) → \(new)"
    case (nil, let new?): "\(path): \(new) is new"
    case (let old?, nil): "\(path): \(old) is gone"
    case (nil, nil): path
    }
  }
}

extension Setting {
  /// In what `new` says something else than this value: keys by name; elements of lists by what they
  /// are, those that bear the same `label` or `name` by their own keys.
  public func differences(from old: Setting) -> [SettingDifference] {
    guard canonicalJSON != old.canonicalJSON else { return [] }
    if isMapping, old.isMapping {
      var keys = old.keys
      keys += self.keys.filter { !keys.contains($0) }
      return keys.flatMap { key in
        switch (old.value(of: key), value(of: key)) {
        case (let before?, let after?): after.differences(from: before)
        case (let before?, nil):
          [SettingDifference(path: before.path, old: before.shortText, new: nil)]
        case (nil, let after?):
          [SettingDifference(path: after.path, old: nil, new: after.shortText)]
        case (nil, nil): [SettingDifference]()
        }
      }
    }
    if let after = try? elements(), let before = try? old.elements() {
      let known = Set(before.map(\.canonicalJSON))
      let kept = Set(after.map(\.canonicalJSON))
      var added = after.filter { !known.contains($0.canonicalJSON) }
      var result: [SettingDifference] = []
      for gone in before where !kept.contains(gone.canonicalJSON) {
        let same = added.firstIndex { $0.isMapping && gone.isMapping && $0.title == gone.title }
        if let same {
          result += added.remove(at: same).differences(from: gone)
        } else {
          result.append(SettingDifference(path: path, old: gone.shortText, new: nil))
        }
      }
      result += added.map { SettingDifference(path: path, old: nil, new: $0.shortText) }
      // Nothing but another order.
      return result.isEmpty
        ? [SettingDifference(path: path, old: old.shortText, new: shortText)] : result
    }
    return [SettingDifference(path: path, old: old.shortText, new: shortText)]
  }

  /// What an element of a list is called.
  private var title: String? {
    (value(of: "label") ?? value(of: "name")).flatMap { try? $0.text() }
  }

  /// The value in a few words.
  private var shortText: String {
    let text = (try? self.text()) ?? canonicalJSON
    return text.count <= 60 ? text : text.prefix(57) + "…"
  }
}
