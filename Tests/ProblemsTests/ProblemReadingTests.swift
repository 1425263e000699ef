import Problems
import Settings
import Testing

@Suite("Reading problems")
struct ProblemReadingTests {
  @Test("each named problem can be used by name alone", arguments: NamedProblems.catalog.names)
  func named(name: String) throws {
    let spec = try spec(name)
    #expect(spec.name == name && spec.title != nil && spec.target != nil)
    #expect(spec.parameterCount > 0)
    let mapping = try ProblemSpec.read(Setting.parse("{name: \(name)}", file: "a.yml"))
    #expect(mapping.summary == spec.summary && mapping.target == spec.target)
    let definition = try #require(NamedProblems.definition(of: name))
    let whole = try ProblemSpec.read(
      Setting.parse("name: \(name)-copy\n\(definition)", file: "a.yml"))
    #expect(whole.summary == spec.summary && whole.target == spec.target)
    let entry = try #require(NamedProblems.catalog.entry(named: name))
    #expect(try entry.make(Hyperparameters([])).summary == spec.summary)
  }

  @Test("keys given replace those of the named problem")
  func overrides() throws {
    let changed = try spec("{name: fashion-mnist-mlp, batch_size: 55, target: null, title: Mine}")
    #expect(changed.stepsPerEpoch == 1000 && changed.target == nil && changed.title == "Mine")
    #expect(changed.summary.contains("784-128-10") && changed.summary.contains("batches of 55"))
    let wide = try spec("{name: digits-mlp, model: {name: mlp, hidden: []}}")
    #expect(wide.parameterCount == 650)
  }

  @Test("the example of the documentation is read whole")
  func example() throws {
    let spec = try spec(
      """
      name: fashion-mnist-mlp
      dataset: {name: fashion-mnist, validation: 5000}
      model: {name: mlp, hidden: [128], activation: relu, initialization: he-normal, gain: 1.0}
      loss: cross-entropy
      batch_size: 64
      data_order: reshuffle
      target: {metric: validation_accuracy, at_least: 0.86}
      """)
    let target = try #require(spec.target)
    #expect(target.metric == "validation_accuracy" && target.value == 0.86 && target.isAtLeast)
    #expect(!target.rule.isEmpty)
  }

  static let refusals: [(yaml: String, path: String, words: [String])] = [
    ("fashion-mist-mlp", "", ["unknown problem", "did you mean 'fashion-mnist-mlp'"]),
    ("{name: my-problem}", "", ["rosenbrock-2d", "dataset, model, loss and batch_size"]),
    ("{title: x}", "", ["'name' is missing"]),
    ("{name: a/b, function: rosenbrock}", "name", ["cannot name a problem"]),
    ("{name: '', function: rosenbrock}", "name", ["cannot name a problem"]),
    ("{name: a, functions: rosenbrock}", "functions", ["did you mean 'function'"]),
    ("{name: a, function: rosenbrok}", "function", ["did you mean 'rosenbrock'"]),
    ("{name: a, function: {name: rosenbrock, dimension: 1}}", "function.dimension", ["from 2 to"]),
    ("{name: a, function: {name: rosenbrock, start_spread: -1}}", "function.start_spread", ["≥ 0"]),
    (
      "{name: a, function: {name: rosenbrock, gradient_noise: .nan}}", "function.gradient_noise",
      [".nan"]
    ),
    ("{name: a, function: rosenbrock, batch_size: 3}", "batch_size", ["'function'"]),
    ("{name: a, function: rosenbrock, dataset: digits}", "dataset", ["'function'"]),
    ("{name: rosenbrock-2d, model: {name: mlp}}", "model", ["which is a function"]),
    ("{name: digits-mlp, function: rosenbrock}", "function", ["choose another name"]),
    ("{name: a, dataset: digits}", "", ["'model' is missing"]),
    ("{name: a, model: {name: mlp}}", "", ["'dataset' is missing"]),
    (
      "{name: a, dataset: digits, model: mlp, batch_size: 3}", "", ["'loss' is missing"]
    ),
    (digits(dataset: "fashion-mnits"), "dataset", ["fashion-mnist"]),
    (digits(dataset: "{name: digits, validation: 1497}"), "dataset.validation", ["1497"]),
    (digits(dataset: "{name: digits, validation: 0}"), "dataset.validation", ["0"]),
    (digits(dataset: "{name: digits, path: /tmp}"), "dataset.path", ["allowed"]),
    (
      "{name: fashion-mnist-mlp, dataset: {name: fashion-mnist, validation: 60000}}",
      "dataset.validation", ["60000"]
    ),
    (digits(model: "{name: mlp, hidden: [0]}"), "model.hidden[0]", ["0"]),
    (digits(model: "{name: mlp, hidden: [-3]}"), "model.hidden[0]", ["-3"]),
    (digits(model: "{name: mlp, hidden: [2.5]}"), "model.hidden", ["2.5", "integers"]),
    (digits(model: "{name: mlp, hidden: 12}"), "model.hidden", ["list"]),
    (
      digits(model: "{name: mlp, hidden: [1000000, 1000000]}"), "model",
      ["parameters", "at most 2147483647"]
    ),
    (digits(model: "{name: mlp, activation: rellu}"), "model.activation", ["'relu'"]),
    (digits(model: "{name: mlp, initialization: he}"), "model.initialization", ["he-normal"]),
    (digits(model: "{name: mlp, gain: 0}"), "model.gain", ["> 0"]),
    (digits(loss: "crossentropy"), "loss", ["'cross-entropy'"]),
    (digits(batchSize: 0), "batch_size", ["1"]),
    (digits(batchSize: 1198), "batch_size", ["1197 training examples"]),
    (
      "{name: digits-mlp, dataset: {name: digits, validation: 1490}}", "", ["7 training examples"]
    ),
    (digits(more: "data_order: random"), "data_order", ["reshuffle, fixed"]),
    (digits(more: "target: {metric: accuracy, at_least: 0.5}"), "target.metric", ["allowed"]),
    (
      digits(more: "target: {metric: test_accuracy, at_most: 0.5}"), "target.at_most",
      ["use 'at_least'"]
    ),
    (digits(more: "target: {metric: test_loss, at_least: 0.5}"), "target.at_least", ["'at_most'"]),
    (digits(more: "target: {metric: test_accuracy, at_least: 86}"), "target.at_least", ["86"]),
    (digits(more: "target: {metric: test_loss, at_most: .inf}"), "target.at_most", [".inf"]),
    (digits(more: "target: {metric: test_loss}"), "target", ["'at_most' is missing"]),
    (
      "{name: rosenbrock-2d, target: {metric: test_loss, at_most: 1}}", "target.metric",
      ["train_loss"]
    ),
  ]

  @Test("what is wrong is refused at its place, with what is allowed", arguments: refusals.indices)
  func refuses(index: Int) throws {
    let (yaml, path, words) = Self.refusals[index]
    let error = #expect(throws: SettingsError.self) { _ = try spec(yaml) }
    let description = error?.description ?? ""
    #expect(error?.path == path, "\(yaml): \(description)")
    #expect(error?.file == "test.yml", "\(yaml): \(description)")
    for word in words { #expect(description.contains(word), "\(yaml): \(description)") }
  }

  @Test("every part of a problem is read although another has a mistake")
  func refusesAllAtOnce() {
    let error = #expect(throws: SettingsError.self) {
      _ = try spec(
        """
        name: many
        dataset: {name: digitz}
        model: {name: mlp, hidden_sizes: [8]}
        loss: cross_entropy
        batchsize: 0
        data_order: sorted
        target: {metric: val_accuracy, at_least: 0.9}
        """)
    }
    #expect(
      error?.lines.map { String($0.prefix { $0 != " " }) } == [
        "test.yml:2:17:", "test.yml:3:20:", "test.yml:4:7:", "test.yml:5:1:", "test.yml:6:13:",
        "test.yml:7:18:",
      ], "\(error?.description ?? "none")")
  }

  @Test("a data set is read once and shared by problems")
  func shares() throws {
    var datasets = LoadedDatasets()
    let a = try spec(digits()).make(using: &datasets, baseDirectory: "")
    let b = try spec(digits(dataset: "{name: digits, validation: 100}"))
      .make(using: &datasets, baseDirectory: "")
    #expect(a.stepsPerEpoch == 38 && b.stepsPerEpoch == 44)
  }
}
