import Networks
public import Settings
import Tensors

/// A test problem as an experiment file describes it, checked, before any data is read.
public struct ProblemSpec: Sendable {
  public let name: String
  /// The problem's name for people; the file's, or the named problem's.
  public let title: String?
  /// One line for people: data, model, loss, batch size; or the function.
  public let summary: String
  public let target: Target?
  /// Updates that pass over the training set once; 0 for a function.
  public let stepsPerEpoch: Int
  /// The trained parameters.
  public let parameterCount: Int
  private let content: Content

  private enum Content: Sendable {
    case network(NetworkDefinition)
    case function(FunctionDefinition)
    case external(ExternalDefinition)
  }

  /// Makes the problem; its data set is read unless `datasets` holds it.
  ///
  /// - Parameter baseDirectory: Where relative paths start: the experiment file's folder.
  public func make(
    using datasets: inout LoadedDatasets, baseDirectory: String
  ) throws(ProblemError) -> any TestProblem {
    switch content {
    case .function(let definition):
      return FunctionProblem(name: name, definition: definition, target: target)
    case .external(let definition):
      return try ExternalProblem(
        name: name, definition: definition, folder: baseDirectory, target: target)
    case .network(let network):
      let dataset: Dataset
      do {
        dataset = try datasets.dataset(from: network.source, baseDirectory: baseDirectory)
      } catch {
        throw error.asked(at: network.sourcePlace)
      }
      return NetworkProblem(
        name: name, summary: summary, source: network.source, dataset: dataset,
        model: network.model,
        loss: network.loss, definition: network.definition, batchSize: network.batchSize,
        dataOrder: network.dataOrder,
        target: target)
    }
  }

  /// The problem at a place in an experiment file: the name of a named problem, or a mapping with
  /// `name` and either a data set with a model, a function or an external program. A mapping whose name is that of a
  /// named problem starts from its definition; the keys given replace its keys.
  public static func read(_ setting: Setting) throws(SettingsError) -> ProblemSpec {
    guard setting.isMapping else {
      let name = try setting.choice(
        of: NamedProblems.names, kind: "problem", synonyms: NamedProblems.catalog.synonyms)
      return try ProblemSpec(name: name, given: nil, at: setting)
    }
    var mistakes = Mistakes()
    let given = try setting.mapping(
      allowed: keys, synonyms: .problemKeys, noting: &mistakes)
    let nameSetting = try given.required("name")
    let name = try nameSetting.text()
    guard isValid(name) else {
      throw nameSetting.error(
        "'\(name)' cannot name a problem; allowed: letters, digits, '-', '_' and '.', "
          + "at most 100, a letter or digit first")
    }
    guard !["plan", "provenance", "update_traces"].contains(name) else {
      throw nameSetting.error(
        "result files keep what belongs to all problems under '\(name)'; use another name")
    }
    let problem = mistakes.attempt(try ProblemSpec(name: name, given: given, at: setting))
    try mistakes.check()
    guard let problem else { preconditionFailure("a problem that could not be read was not noted") }
    return problem
  }

  /// The keys of a problem in an experiment file.
  package static let keys =
    ["name", "title"] + networkKeys + exampleKeys + ["function", "external", "target"]

  /// The keys of a problem that another program computes.
  package static let externalKeys = ExternalDefinition.keys

  private static let networkKeys = ["dataset", "model", "loss"]
  private static let exampleKeys = ["batch_size", "data_order"]

  private init(
    name: String, given: SettingMapping?, at place: Setting
  ) throws(SettingsError) {
    self.name = name
    if let external = given?["external"] {
      let others = Self.networkKeys + Self.exampleKeys + ["function"]
      if let key = others.first(where: { given?[$0] != nil }) {
        throw (given?[key] ?? external).error(
          "'\(key)' does not go with 'external': the program has its own data and model")
      }
      let definition = try ExternalDefinition(external)
      content = .external(definition)
      title = try given?["title"]?.text()
      summary = "computed by '\(definition.line)'"
      // Only the program knows.
      (stepsPerEpoch, parameterCount) = (0, 0)
      target = try given?["target"].flatMap { setting throws(SettingsError) in
        try Target.read(setting, metrics: Self.metrics(withAccuracy: true))
      }
      return
    }
    let entry = try ProblemEntry(name: name, given: given, at: place)
    title = try entry["title"]?.text()
    let givesNetwork = Self.networkKeys.first { given?[$0] != nil }
    if let function = given?["function"], let key = givesNetwork {
      throw (given?[key] ?? function).error(
        "'\(key)' does not go with 'function': a problem is a data set with a model, or a function")
    }
    if entry.isFunction {
      if let key = givesNetwork, let value = given?[key] {
        throw value.error(
          "'\(key)' does not go with the named problem '\(name)', which is a function; "
            + "choose another name for a problem with data")
      }
      let function = try FunctionDefinition(entry)
      content = .function(function)
      summary = function.summary
      stepsPerEpoch = function.stepsPerEpoch
      parameterCount = function.noisy.function.dimension
      target = try entry["target"].flatMap { setting throws(SettingsError) in
        try Target.read(setting, metrics: function.metrics)
      }
    } else {
      if let function = given?["function"] {
        throw function.error(
          "'function' does not go with the named problem '\(name)', which has data and a model; "
            + "choose another name for a function")
      }
      var mistakes = Mistakes()
      guard let network = mistakes.attempt(try NetworkDefinition(entry)) else {
        // Which accuracies there are is not known, so all are let pass.
        _ = mistakes.attempt(
          try entry["target"].flatMap { setting throws(SettingsError) in
            try Target.read(setting, metrics: Self.metrics(withAccuracy: true))
          })
        try mistakes.check()
        preconditionFailure("a network that could not be read was not noted")
      }
      content = .network(network)
      summary = network.summary
      stepsPerEpoch = network.stepsPerEpoch
      parameterCount = network.model.layout.count
      target = try entry["target"].flatMap { setting throws(SettingsError) in
        try Target.read(setting, metrics: Self.metrics(withAccuracy: network.hasAccuracy))
      }
    }
  }

  private static func metrics(withAccuracy: Bool) -> [String] {
    ["train", "validation", "test"].flatMap { split in
      ["\(split)_loss"] + (withAccuracy ? ["\(split)_accuracy"] : [])
    }
  }

  private static func isValid(_ name: String) -> Bool {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, isAlphanumeric(first), scalars.count <= 100 else {
      return false
    }
    return scalars.allSatisfy { isAlphanumeric($0) || "-_.".unicodeScalars.contains($0) }
  }

  private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9": true
    default: false
    }
  }
}
