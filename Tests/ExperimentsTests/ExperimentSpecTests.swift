import Experiments
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
    ("seeds: 3", "sedes: 3", "example.yml:12: sedes: unknown key 'sedes'; did you mean 'seeds'?"),
    ("seeds: 3", "seeds: 0", "example.yml:12: seeds: 0 is out of range"),
    ("seeds: 3", "seeds: three", "example.yml:12: seeds: expected an integer"),
    ("seeds: 3", "seeds: [1, 1]", "example.yml:12: seeds[1]: the seed 1 appears twice"),
    ("seeds: 3", "seeds: [-1]", "example.yml:12: seeds[0]: -1 is out of range"),
    ("  - sgd", "  - sgdd", "example.yml:7: optimizers[0]: unknown optimizer 'sgdd'"),
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
      "example.yml:9: learning_rate: .nan is out of range"
    ),
    (
      "learning_rate: {from: 1.0e-3, to: 1.0e-1, points: 3}", "learning_rate: -0.1",
      "example.yml:9: learning_rate: -0.1 is out of range"
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
    ("name: example", "name: a/b", "example.yml:2: name: 'a/b' cannot name a file"),
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

  @Test func epochsOfAFunctionAreRefused() throws {
    let text = valid.replacing("steps: 10", with: "epochs: 2")
    let spec = try ExperimentSpec(text, file: "a.yml")
    let error = #expect(throws: PlanError.self) {
      try ExperimentPlan(spec, baseDirectory: ".")
    }
    #expect(error?.description.contains("has no epochs") == true)
  }
}
