import Experiments
import Networks
import Optimizers
import Problems
import Settings
import Testing

private let valid = """
  optbench: 1
  name: example
  title: An example
  problems:
    - rosenbrock-2d
  optimizers:
    - sgd
    - {name: adam, betas: [0.9, 0.99]}
  learning_rate: {from: 1.0e-3, to: 1.0e-1, points: 3}
  schedule: constant
  clipping: [none]
  seeds: 3
  budget: {steps: 10}
  evaluate: {every: 5}
  outcomes: {explosion_factor: 1000}
  stop: {}
  record: {per_tensor: false}
  """

/// The message for the valid file with one line replaced.
private func message(replacing line: String, by replacement: String) -> String {
  let text = valid.split(separator: "\n").map { $0 == line ? replacement : String($0) }
    .joined(separator: "\n")
  #expect(text != valid, "'\(line)' is not in the file")
  do {
    _ = try ExperimentSpec(text, file: "example.yml")
    return "accepted"
  } catch {
    return error.description
  }
}

@Suite struct ExperimentSpecTests {
  @Test func theExampleIsRead() throws {
    let spec = try ExperimentSpec(valid, file: "example.yml")
    #expect(spec.name == "example")
    #expect(spec.optimizers.map(\.label) == ["sgd", "adam betas=0.9,0.99"])
    #expect(spec.learningRates?.values == [0.001, 0.01, 0.1])
    #expect(spec.seeds == [0, 1, 2])
    #expect(spec.budget == .steps(10))
  }

  @Test(arguments: [
    ("seeds: 3", "sedes: 3", "example.yml:12:1: sedes: unknown key 'sedes'; did you mean 'seeds'?"),
    ("seeds: 3", "seeds: 0", "example.yml:12:8: seeds: 0 is out of range"),
    ("seeds: 3", "seeds: three", "example.yml:12:8: seeds: expected an integer"),
    ("seeds: 3", "seeds: [1, 1]", "example.yml:12:12: seeds[1]: the seed 1 appears twice"),
    ("seeds: 3", "seeds: [-1]", "example.yml:12:9: seeds[0]: -1 is out of range"),
    ("  - sgd", "  - sgdd", "example.yml:7:5: optimizers[0]: unknown optimizer 'sgdd'"),
    (
      "  - {name: adam, betas: [0.9, 0.99]}", "  - {name: adam, bestas: [0.9, 0.99]}",
      "optimizers[1].bestas: unknown key 'bestas'; did you mean 'betas'?"
    ),
    (
      "  - {name: adam, betas: [0.9, 0.99]}", "  - {name: adam, betas: [0.9, 1.5]}",
      "optimizers[1].betas[1]: 1.5 is out of range"
    ),
    (
      "  - {name: adam, betas: [0.9, 0.99]}", "  - sgd",
      "optimizers[1]: two optimizers are called 'sgd'; give one a 'label'"
    ),
    (
      "learning_rate: {from: 1.0e-3, to: 1.0e-1, points: 3}", "learning_rate: .nan",
      "example.yml:9:16: learning_rate: .nan is out of range"
    ),
    (
      "learning_rate: {from: 1.0e-3, to: 1.0e-1, points: 3}", "learning_rate: -0.1",
      "example.yml:9:16: learning_rate: -0.1 is out of range"
    ),
    (
      "learning_rate: {from: 1.0e-3, to: 1.0e-1, points: 3}", "",
      "the key 'learning_rate' is missing"
    ),
    (
      "clipping: [none]", "clipping: [{name: global-norm, max_norm: -1}]",
      "clipping[0].max_norm: -1 is out of range"
    ),
    ("clipping: [none]", "clipping: [global-nrom]", "did you mean 'global-norm'?"),
    ("clipping: [none]", "clipping: []", "clipping: the list is empty"),
    ("budget: {steps: 10}", "budget: {steps: 10, epochs: 2}", "budget: give exactly one of"),
    ("budget: {steps: 10}", "budget: {}", "budget: give exactly one of"),
    ("budget: {steps: 10}", "budget: {steps: 0}", "budget.steps: 0 is out of range"),
    ("evaluate: {every: 5}", "evaluate: {every: 0}", "evaluate.every: 0 is out of range"),
    ("name: example", "name: a/b", "example.yml:2:7: name: 'a/b' cannot name a file"),
    ("optbench: 1", "optbench: 2", "this program reads format 1"),
    ("schedule: constant", "schedule: cosin", "did you mean 'cosine'?"),
    ("  - rosenbrock-2d", "  - rosenbrok-2d", "did you mean 'rosenbrock-2d'?"),
    ("record: {per_tensor: false}", "record: {per_tensor: no}", "expected true or false"),
    ("title: An example", "name: again", "is given again further down"),
  ])
  func aMistakeIsNamedWithItsPlace(line: String, replacement: String, expected: String) {
    let message = message(replacing: line, by: replacement)
    #expect(message.contains(expected), "\(message)")
  }

  /// What people who come from PyTorch, Keras and Optax write, and what they are told.
  @Test(arguments: [
    ("seeds: 3", "epochs: 3", "write budget: {epochs: 10}"),
    ("seeds: 3", "seed: 3", "did you mean 'seeds'?"),
    ("seeds: 3", "max_grad_norm: 1", "clipping: [{name: global-norm, max_norm: 1.0}]"),
    ("seeds: 3", "num_steps: 3", "write budget: {steps: 1000}"),
    ("budget: {steps: 10}", "budget: {iterations: 10}", "did you mean 'steps'?"),
    ("evaluate: {every: 5}", "evaluate: {interval: 5}", "did you mean 'every'?"),
    ("  - sgd", "  - AdamW", "did you mean 'adamw'?"),
    ("  - sgd", "  - torch.optim.SGD", "did you mean 'sgd'?"),
    ("  - sgd", "  - {name: sgd, lr: 1}", "did you mean 'learning_rate'?"),
    ("  - sgd", "  - {name: sgd, weight-decay: 1}", "did you mean 'weight_decay'?"),
    ("  - sgd", "  - {name: sgd, clipnorm: 1}", "{name: per-tensor-norm, max_norm: 1.0}"),
    ("  - sgd", "  - {name: sgd, global_clipnorm: 1}", "{name: global-norm, max_norm: 1.0}"),
    ("clipping: [none]", "clipping: [clip_grad_norm_]", "did you mean 'global-norm'?"),
    ("clipping: [none]", "clipping: [agc]", "did you mean 'adaptive'?"),
    ("schedule: constant", "schedule: StepLR", "did you mean 'step'?"),
    ("schedule: constant", "schedule: OneCycleLR", "did you mean 'one-cycle'?"),
    ("schedule: constant", "schedule: CosineAnnealingLR", "did you mean 'cosine'?"),
    (
      "  - rosenbrock-2d", "  - {name: digits-mlp, target: {metric: val_accuracy, at_least: 1}}",
      "did you mean 'validation_accuracy'?"
    ),
    (
      "  - rosenbrock-2d", "  - {name: digits-mlp, loss: CrossEntropyLoss}",
      "did you mean 'cross-entropy'?"
    ),
    ("  - rosenbrock-2d", Self.model("linear"), "did you mean 'dense'?"),
    ("  - rosenbrock-2d", Self.model("conv2d"), "did you mean 'convolution'?"),
    ("  - rosenbrock-2d", Self.model("BatchNorm2d"), "did you mean 'batch-norm'?"),
    ("  - rosenbrock-2d", Self.model("{name: dense, out_features: 3}"), "did you mean 'outputs'?"),
    (
      "  - rosenbrock-2d", Self.model("{name: dense, initialization: kaiming_normal_}"),
      "did you mean 'he-normal'?"
    ),
  ])
  func foreignNamesAreAnsweredWithOurs(line: String, replacement: String, expected: String) {
    let message = message(replacing: line, by: replacement)
    #expect(message.contains(expected), "\(message)")
  }

  private static func model(_ layer: String) -> String {
    "  - {name: digits-mlp, model: {name: layers, layers: [flatten, \(layer), dense]}}"
  }

  @Test func everySynonymStandsForSomething() {
    #expect(optimizerCatalog.synonyms.targets.isSubset(of: optimizerCatalog.names))
    #expect(clippingCatalog.synonyms.targets.isSubset(of: clippingCatalog.names))
    #expect(scheduleCatalog.synonyms.targets.isSubset(of: scheduleCatalog.names))
    #expect(Layers.catalog.synonyms.targets.isSubset(of: Layers.catalog.names))
    #expect(Losses.catalog.synonyms.targets.isSubset(of: Losses.catalog.names))
    #expect(Initializations.catalog.synonyms.targets.isSubset(of: Initializations.catalog.names))
    #expect(Models.catalog.synonyms.targets.isSubset(of: Models.catalog.names))
    #expect(Datasets.catalog.synonyms.targets.isSubset(of: Datasets.catalog.names))
    #expect(Functions.catalog.synonyms.targets.isSubset(of: Functions.catalog.names))
    #expect(NamedProblems.catalog.synonyms.targets.isSubset(of: NamedProblems.catalog.names))
  }

  @Test func allMistakesOfAFileAreToldAtOnceInItsOrder() {
    let text = valid.replacing("- sgd", with: "- {name: sgd, lr: 1, momentum: 7}")
      .replacing("clipping: [none]", with: "clipping: [agc, {name: value, max_value: -1}]")
      .replacing("seeds: 3", with: "sedes: 3").replacing("steps: 10", with: "steps: ten")
      .replacing("per_tensor: false", with: "per_tensor: no")
    let error = #expect(throws: SettingsError.self) { try ExperimentSpec(text, file: "a.yml") }
    let lines = error?.description.split(separator: "\n").map { String($0) } ?? []
    let expected = [
      "a.yml:7:17: optimizers[0].lr: ", "a.yml:7:34: optimizers[0].momentum: ",
      "a.yml:11:12: clipping[0]: ", "a.yml:11:42: clipping[1].max_value: ",
      "a.yml:12:1: sedes: ", "a.yml:13:17: budget.steps: ", "a.yml:17:22: record.per_tensor: ",
    ]
    #expect(lines.count == expected.count, "\(lines)")
    for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start), "\(line)") }
  }

  /// Files in styles that an editor of lines would spoil, all of the same experiment.
  @Test(arguments: [
    "{optbench: 1, name: t, problems: [rosenbrock-2d], optimizers: [sgd], learning_rate: 0.001, seeds: 3, budget: {steps: 5}}",
    "optbench: 1\nname: t\nproblems: [rosenbrock-2d]\noptimizers: [sgd]\nlearning_rate: 0.001\n'seeds':\n  - 0\n  - 1\n  - 2\n\"budget\": {steps: 5}\n",
    "optbench: 1\r\nname: t # seeds: 9\r\nproblems: [rosenbrock-2d]\r\noptimizers: [sgd]\r\nlearning_rate: 0.001\r\nseeds: # many\r\n- 0\r\n- 1\r\n- 2\r\nbudget: {steps: 5}",
    "x: &five 5\n",
  ])
  func otherSeedsGiveATextOfTheSameExperiment(text: String) throws {
    let text =
      text.hasPrefix("x:")
      ? "optbench: 1\nname: t\nproblems: [&p rosenbrock-2d]\noptimizers:\n- &o {name: sgd}\n- {<<: *o, label: two}\nlearning_rate: 0.001\ntitle: |\n  seeds: 4\n  seeds: 5\nseeds: &n 3\nbudget: {steps: *n}\n"
      : text
    let spec = try ExperimentSpec(text, file: "a.yml", seeds: [7, 8])
    let again = try ExperimentSpec(spec.text, file: "again.yml")
    #expect(again.seeds == [7, 8])
    #expect(again.digest == spec.digest)
    #expect(again.title == spec.title)
    #expect(again.text == spec.text)
    #expect(try ExperimentSpec(text, file: "a.yml", seeds: [0, 1, 2]).text == text)
  }

  @Test func theDigestIgnoresCommentsFormattingAndTitle() throws {
    let digest = try ExperimentSpec(valid, file: "a.yml").digest
    let other = valid.replacing("title: An example", with: "title: Other # comment")
      .replacing("points: 3}", with: "points:  3 }").replacing("1.0e-3", with: "0.001")
    #expect(try ExperimentSpec(other, file: "b.yml").digest == digest)
    let steps = valid.replacing("steps: 10", with: "steps: 11")
    #expect(try ExperimentSpec(steps, file: "a.yml").digest != digest)
    #expect(try ExperimentSpec(valid, file: "a.yml", seeds: [0, 1, 2]).digest == digest)
    #expect(try ExperimentSpec(valid, file: "a.yml", seeds: [0, 1]).digest != digest)
  }

  @Test(arguments: [
    ("optimizer: sdg, metric: train_loss", "did you mean 'sgd'?"),
    (
      "optimizer: sgd, clipping: value, metric: train_loss",
      "unknown clipping strategy of this file"
    ),
    ("optimizer: sgd, problem: rosenbrock, metric: train_loss", "did you mean 'rosenbrock-2d'?"),
    (
      "optimizer: sgd, learning_rate: 0.02, metric: train_loss",
      "published[0].learning_rate: no run of 'sgd' has this learning rate; the nearest of its grid is 0.01"
    ),
    ("optimizer: sgd, learning_rate: 0.0100001, metric: steps_to_target", "accepted"),
  ])
  func aPublishedFigureBelongsToARun(figure: String, expected: String) {
    let message = message(
      replacing: "record: {per_tensor: false}",
      by: "published: [{source: a, \(figure), value: 1}]")
    #expect(message.contains(expected), "\(message)")
  }

  @Test func publishedFiguresChangeNoRun() throws {
    let digest = try ExperimentSpec(valid, file: "a.yml").digest
    let more = valid + "\npublished: [{source: a, optimizer: sgd, metric: train_loss, value: 1}]"
    #expect(try ExperimentSpec(more, file: "a.yml").digest == digest)
  }

  @Test(arguments: [
    ("seeds: 3", "seeds: 60000", "the file plans 360000 runs"),
    ("seeds: 3", "seeds: 60000", "more than 100000; plan fewer, or allow them with --max-runs"),
    (
      "budget: {steps: 10}\n", "budget: {gradient_evaluations: 1}\nclipping: [none]\n",
      "optimizer 'sam(sgd)' may spend 2 gradient evaluations in one step"
    ),
  ])
  func aPlanOutOfBoundsIsRefused(line: String, replacement: String, expected: String) throws {
    let text = valid.replacing("clipping: [none]\n", with: "").replacing(line, with: replacement)
      .replacing("- sgd", with: expected.contains("sam") ? "- sam" : "- sgd")
    let spec = try ExperimentSpec(text, file: "a.yml")
    let error = #expect(throws: PlanError.self) { try ExperimentPlan(spec, baseDirectory: ".") }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func moreRunsArePlannedWhereTheyAreAllowed() throws {
    let spec = try ExperimentSpec(valid, file: "a.yml")
    #expect(throws: PlanError.self) {
      try ExperimentPlan(spec, baseDirectory: ".", mostRuns: 17)
    }
    #expect(try ExperimentPlan(spec, baseDirectory: ".", mostRuns: 18).runs.count == 18)
  }

  @Test func epochsOfAFunctionAreRefused() throws {
    let text = valid.replacing("steps: 10", with: "epochs: 2")
    let spec = try ExperimentSpec(text, file: "a.yml")
    let error = #expect(throws: PlanError.self) {
      try ExperimentPlan(spec, baseDirectory: ".")
    }
    #expect(error?.description.contains("has no epochs") == true)
  }

  @Test(arguments: [
    ("[{name: sgd, momentum: 0.5}, adamw]", true), ("[{name: sgd, grid: {momentum: [0.1]}}]", true),
    ("[{name: sgd, grid: {momentum: [0.1]}}, rmsprop]", false), ("[sgd]", false),
  ])
  func aGridOptionThatNoOptimizerTakesIsRefused(optimizers: String, isRefused: Bool) {
    let text = """
      optbench: 1
      name: grid
      problems: [rosenbrock-2d]
      optimizers: \(optimizers)
      learning_rate: 0.01
      grid: {momentum: [0.5, 0.9]}
      seeds: 1
      budget: {steps: 2}
      """
    do {
      _ = try ExperimentSpec(text, file: "g.yml")
      #expect(!isRefused)
    } catch {
      #expect(isRefused && error.description.contains("takes 'momentum' from the grid"))
    }
  }
}
