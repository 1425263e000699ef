internal import Optimizers
public import Settings

/// The experiment file that names every run of several: the union of their problems, optimizers,
/// learning rates, clips and seeds, where all else is the same.
public struct ExperimentUnion: Sendable {
  public let text: String
  public let digest: String

  /// - Parameter specs: The files' texts, each with a name for error messages.
  /// - Throws: In what two files cannot be united.
  public init(_ specs: [(file: String, text: String)]) throws(SettingsError) {
    precondition(!specs.isEmpty, "a union of nothing")
    var text = specs[0].text
    for spec in specs.dropFirst() {
      let first = try Setting.parse(text, file: specs[0].file)
      let second = try Setting.parse(spec.text, file: spec.file)
      if first.canonicalJSON != second.canonicalJSON { text = try Self.union(first, second) }
    }
    self.text = text
    let fields = try Setting.parse(text, file: specs[0].file)
      .mapping(allowed: ExperimentSpec.keys + [ExperimentSpec.recordedKey])
    digest = ExperimentSpec.digest(
      of: fields, seeds: try ExperimentSpec.readSeeds(fields.required("seeds")))
  }

  private static func union(_ first: Setting, _ second: Setting) throws(SettingsError) -> String {
    let sameRates =
      first.value(of: "learning_rate")?.canonicalJSON
      == second.value(of: "learning_rate")?.canonicalJSON
    let isRecorded = [first, second].allSatisfy { $0.value(of: ExperimentSpec.recordedKey) != nil }
    var pairs: [(key: String, value: SettingTree)] = []
    for key in ExperimentSpec.keys + [ExperimentSpec.recordedKey] {
      let values = [first, second].compactMap { $0.value(of: key) }
      guard let value = values.first else { continue }
      switch key {
      case "name", "title", "baseline", "claim": pairs.append((key, .place(value)))
      case "learning_rate" where !sameRates: continue
      case "seeds":
        var seeds: [Int] = []
        for value in values { seeds += try ExperimentSpec.readSeeds(value) }
        pairs.append((key, .list(Set(seeds).sorted().map { .integer($0) })))
      case "optimizers" where !isRecorded:
        let rates = sameRates ? [nil, nil] : [first, second].map { $0.value(of: "learning_rate") }
        pairs.append((key, .list(try optimizers(values, rates: rates))))
      case "problems", "clipping", "published", "optimizers":
        var known: Set<String> = []
        var elements: [SettingTree] = []
        for element in try values.flatMapElements()
        where known.insert(element.canonicalJSON).inserted {
          elements.append(.place(element))
        }
        // A file without clips has the one that does nothing.
        if key == "clipping", values.count == 1, !isRecorded, !known.contains("\"none\"") {
          elements.insert(.text("none"), at: 0)
        }
        pairs.append((key, .list(elements)))
      default:
        guard values.count == 2, values[0].canonicalJSON == values[1].canonicalJSON else {
          throw (second.value(of: key) ?? second).error(
            "'\(key)' is \(second.value(of: key)?.canonicalJSON ?? "not given") here and "
              + "\(first.value(of: key)?.canonicalJSON ?? "not given") in \(first.file): runs of both "
              + "cannot stand in one experiment")
        }
        pairs.append((key, .place(value)))
      }
    }
    return SettingTree.mapping(pairs).yaml()
  }

  /// One optimizer of the union, with the learning rates of all files that have it.
  private struct Entry {
    let place: Setting
    let labels: [String]
    let definition: String
    var rates: [Double]?
  }

  /// - Parameter rates: Each file's learning rates, where they differ.
  private static func optimizers(
    _ lists: [Setting], rates: [Setting?]
  ) throws(SettingsError) -> [SettingTree] {
    var entries: [Entry] = []
    for (list, rates) in zip(lists, rates) {
      for element in try list.elements() {
        let methods = try OptimizerChoice.readAll(element)
        var given = methods.first?.learningRates?.values
        if given == nil, let rates { given = try LearningRateGrid.read(rates).values }
        let entry = Entry(
          place: element, labels: methods.map(\.label),
          definition: element.canonicalJSON(leavingOut: "learning_rate"), rates: given)
        guard
          let known = entries.firstIndex(where: { !Set($0.labels).isDisjoint(with: entry.labels) })
        else {
          entries.append(entry)
          continue
        }
        guard entries[known].definition == entry.definition else {
          throw element.error(
            "'\(entry.labels[0])' is another optimizer here than in \(entries[known].place.file): "
              + "runs of both cannot stand in one experiment")
        }
        if let mine = entries[known].rates, let others = entry.rates {
          entries[known].rates = Set(mine + others).sorted()
        }
      }
    }
    return entries.map { entry in
      guard let rates = entry.rates else { return .place(entry.place) }
      var pairs = entry.place.keys.filter { $0 != "learning_rate" }.compactMap { key in
        entry.place.value(of: key).map { (key: key, value: SettingTree.place($0)) }
      }
      if pairs.isEmpty { pairs = [("name", .place(entry.place))] }
      return .mapping(pairs + [("learning_rate", .list(rates.map { .number($0) }))])
    }
  }
}

extension [Setting] {
  /// The elements of all lists, one after the other.
  fileprivate func flatMapElements() throws(SettingsError) -> [Setting] {
    var elements: [Setting] = []
    for list in self { elements += try list.elements() }
    return elements
  }
}

extension Setting {
  /// The canonical form of an entry without one of its keys; a bare name is a mapping of it.
  fileprivate func canonicalJSON(leavingOut key: String) -> String {
    guard isMapping else { return "name:\(canonicalJSON)" }
    return keys.filter { $0 != key }.sorted().map { name in
      "\(name):\(value(of: name)?.canonicalJSON ?? "")"
    }.joined(separator: ",")
  }
}
