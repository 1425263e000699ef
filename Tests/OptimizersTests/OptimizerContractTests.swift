import Optimizers
import Settings
import Tensors
import Testing

/// What every optimizer of the catalog keeps to, whatever its rule.
@Suite struct OptimizerContractTests {
  /// One entry with some options, over one layout.
  struct Subject: Sendable, CustomTestStringConvertible {
    let text: String
    let shapes: [[Int]]

    var testDescription: String { "\(text) on \(shapes)" }
    var layout: ParameterLayout { OptimizersTests.layout(shapes) }

    /// Whether an element's update depends on that element's gradients alone.
    var isElementwise: Bool { !names(OptimizerContractTests.wholeTensorRules) }

    /// Whether the entry is one of `rules`, with whatever options.
    func names(_ rules: Set<String>) -> Bool {
      rules.contains { text == $0 || text.hasPrefix("{name: \($0),") }
    }

    func run() throws -> OptimizerRun {
      let choice = try OptimizerChoice.read(try .parse(text, file: "contract.yml"))
      var stream = RandomStream(seed: 3, name: "contract test")
      return OptimizerRun(
        choice.optimizer, layout: layout, learningRate: choice.defaultLearningRate,
        initial: (0..<layout.count).map { _ in Float(stream.normal()) })
    }
  }

  /// Rules that look at a tensor, or at all of them, as a whole.
  static let wholeTensorRules: Set = [
    "lars", "lamb", "stableadamw", "adafactor", "prodigy", "dadapt-adam", "muon", "shampoo", "soap",
    "sam", "asam", "lbfgs",
  ]
  /// Rules for which NaN is no direction: PyTorch's semantics as well.
  static let rulesThatIgnoreNaN: Set = ["rprop"]
  /// Rules that are there to fail.
  static let negativeControls: Set = ["cudap"]

  /// A scalar, fewer elements than a lane, whole lanes, lanes with a rest, several tensors.
  static let shapes = [
    [[]], [[3]], [[4, 8]], [[5, 7], [5]], [[20, 9], [20], [1, 1], [2, 3, 2, 2]],
  ]
  /// Each entry with its defaults, then the variants that change its state or its kernel.
  static let texts =
    optimizerCatalog.names + [
      "{name: sgd, momentum: 0.9, dampening: 0.3}", "{name: sgd, weight_decay: 0.1}",
      "{name: nesterov, weight_decay: 0.1}", "{name: rmsprop, centered: true}",
      "{name: rmsprop, momentum: 0.9, weight_decay: 0.1}",
      "{name: rmsprop, centered: true, momentum: 0.5}", "{name: adam, amsgrad: true}",
      "{name: adam, weight_decay: 0.1}", "{name: adamw, amsgrad: true, weight_decay: 0.3}",
      "{name: adagrad, initial_accumulator_value: 0.1, lr_decay: 0.01}",
      "{name: nadam, weight_decay: 0.1, decoupled_weight_decay: true}",
      "{name: radam, betas: [0.9, 0.9], weight_decay: 0.1}",
      "{name: asgd, t0: 2}",
      "{name: signum, weight_decay: 0.1}", "{name: lion, weight_decay: 0.1}",
      "{name: adabelief, rectify: false, weight_decay: 0.1}",
      "{name: adabelief, decoupled_weight_decay: false, weight_decay: 0.1}",
      "{name: yogi, weight_decay: 0.1}", "{name: adan, weight_decay: 0.1}",
      "{name: adan, weight_decay: 0.1, no_prox: true}", "{name: adopt, clip_exp: null}",
      "{name: adopt, weight_decay: 0.1, decoupled_weight_decay: true}",
      "{name: spam, grad_accu_steps: 2, update_proj_gap: 5, warmup_epoch: 2, weight_decay: 0.1}",
      "{name: lars, weight_decay: 0.1, nesterov: true}", "{name: lamb, weight_decay: 0.1}",
      "{name: prodigy, weight_decay: 0.1, use_bias_correction: true}",
      "{name: muon, nesterov: false, adjust_lr_fn: match_rms_adamw}",
      "{name: shampoo, max_precond_dim: 6, weight_decay: 0.1}",
      "{name: shampoo, eps: 1, precondition_frequency: 3}",
      "{name: soap, max_precond_dim: 6, precondition_frequency: 2}",
      "{name: soap, max_precond_dim: 1, weight_decay: 0.1}",
      "{name: frozen-adam, freeze_after: 3}", "{name: frozen-adam, second_moment: 0.25}",
      "{name: schedule-free-sgd, warmup_steps: 3, weight_decay: 0.1}",
      "{name: schedule-free-adamw, r: 1, weight_lr_power: 0, weight_decay: 0.1}",
      "{name: sophia-g, k: 2, bs: 8}", "{name: lookahead, k: 3, base: {name: adam, amsgrad: true}}",
      "{name: sam, base: momentum}", "{name: sam, base: {name: lookahead, k: 2, base: sgd}}",
      "{name: lbfgs, max_iter: 4, history_size: 2, line_search_fn: strong_wolfe}",
      "{name: lbfgs, max_iter: 1, learning_rate: 0.1}",
    ]
  static let subjects = texts.flatMap { text in
    shapes.map { Subject(text: text, shapes: $0) }
  }

  private func noise(_ count: Int, step: Int) -> [Float] {
    var stream = RandomStream(seed: UInt64(step), name: "contract gradient")
    return (0..<count).map { _ in Float(stream.normal()) }
  }

  private func allFinite(_ values: some Sequence<Float>) -> Bool {
    values.allSatisfy { $0.isFinite }
  }

  /// The state as bits, so that NaNs compare as well.
  private func bits(_ run: OptimizerRun) -> [[UInt32]] {
    ([run.parameters, run.update] + run.state.arrays).map { $0.values.map(\.bitPattern) }
  }

  @Test func everyEntryIsCompleteData() throws {
    #expect(Set(optimizerCatalog.names).count == optimizerCatalog.names.count)
    for entry in optimizerCatalog.entries {
      #expect(entry.hyperparameters.first?.name == "learning_rate")
      #expect(entry.hyperparameters.first?.scale == .logarithmic)
      #expect(!entry.summary.isEmpty && !entry.summary.hasSuffix("."))
      #expect(entry.reference.contains { $0.isNumber })
      #expect(Set(entry.hyperparameters.map(\.name)).count == entry.hyperparameters.count)
      for option in entry.hyperparameters { #expect(!option.summary.isEmpty) }
      _ = try entry.make(Hyperparameters(entry.hyperparameters))
    }
  }

  @Test(arguments: subjects)
  func descendsAQuadratic(_ subject: Subject) throws {
    var run = try subject.run()
    func loss() -> Double {
      run.parameters.values.reduce(0) { $0 + Double($1) * Double($1) / 2 }
    }
    let before = loss()
    // The default rates span four decades: the slow ones get more steps.
    var steps = 0
    while steps < 6000, loss() >= 0.8 * before {
      for _ in 0..<100 { run.take(run.parameters.values) }
      steps += 100
    }
    #expect((loss() < 0.8 * before) != subject.names(Self.negativeControls))
  }

  @Test(arguments: subjects)
  func repeatsBitForBit(_ subject: Subject) throws {
    var first = try subject.run()
    var second = try subject.run()
    for step in 0..<10 {
      let gradient = noise(subject.layout.count, step: step)
      first.take(gradient)
      second.take(gradient)
      #expect(bits(first) == bits(second))
      #expect(first.state.numbers == second.state.numbers)
    }
  }

  @Test(arguments: subjects)
  func resumesFromACopiedStateToTheSameBits(_ subject: Subject) throws {
    var run = try subject.run()
    for step in 0..<7 { run.take(noise(subject.layout.count, step: step)) }
    var resumed = run.resumedCopy()
    for step in 7..<14 {
      let gradient = noise(subject.layout.count, step: step)
      run.take(gradient)
      resumed.take(gradient)
    }
    #expect(bits(run) == bits(resumed))
    #expect(run.state.numbers == resumed.state.numbers)
  }

  @Test(arguments: subjects)
  func stateFitsTheLayout(_ subject: Subject) throws {
    let run = try subject.run()
    #expect(
      Set(run.state.names + run.state.numberNames).count
        == run.state.names.count + run.state.numberNames.count)
    guard subject.isElementwise else { return }
    for array in run.state.arrays { #expect(array.count == subject.layout.count) }
  }

  @Test(arguments: subjects.filter(\.isElementwise))
  func treatsAnElementTheSameWhereverItLies(_ subject: Subject) throws {
    // Elementwise rules: each element alone, as a scalar parameter, gives the same bits.
    var whole = try subject.run()
    let initial = whole.parameters.values
    let gradients = (0..<4).map { noise(subject.layout.count, step: $0) }
    for gradient in gradients { whole.take(gradient) }
    for index in [0, subject.layout.count / 2, subject.layout.count - 1] {
      var alone = OptimizerRun(
        whole.optimizer, layout: layout([[]]), learningRate: whole.learningRate,
        initial: [initial[index]])
      for gradient in gradients { alone.take([gradient[index]]) }
      #expect(alone.parameters.values[0] == whole.parameters.values[index])
    }
  }

  @Test(arguments: subjects)
  func zeroGradientsLeaveFiniteParameters(_ subject: Subject) throws {
    var run = try subject.run()
    for _ in 0..<5 { run.take(Array(repeating: 0, count: subject.layout.count)) }
    #expect(allFinite(run.parameters.values))
  }

  @Test(arguments: subjects, [1e30, -1e30, Float.infinity, -.infinity, .nan, 1e-30])
  func extremeGradientsNeitherTrapNorStayHidden(_ subject: Subject, _ value: Float) throws {
    var run = try subject.run()
    run.take(noise(subject.layout.count, step: 0))
    var gradient = noise(subject.layout.count, step: 1)
    gradient[gradient.count - 1] = value
    run.take(gradient)
    for step in 2..<5 { run.take(noise(subject.layout.count, step: step)) }
    let last = run.parameters.values[gradient.count - 1]
    if value.isNaN { #expect(last.isNaN != subject.names(Self.rulesThatIgnoreNaN)) }
    // The other elements of an elementwise rule do not notice.
    if subject.isElementwise { #expect(allFinite(run.parameters.values.dropLast())) }
  }

  @Test(arguments: optimizerCatalog.entries.filter(maximizes).map(\.name))
  func maximizingIsDescendingTheNegative(name: String) throws {
    let subject = Subject(text: name, shapes: [[5, 7]])
    let ascent = Subject(text: "{name: \(name), maximize: true}", shapes: [[5, 7]])
    var down = try subject.run()
    var up = try ascent.run()
    for step in 0..<5 {
      let gradient = noise(35, step: step)
      down.take(gradient.map { -$0 })
      up.take(gradient)
    }
    #expect(down.parameters.values == up.parameters.values)
  }

  @Test(arguments: optimizerCatalog.entries.filter(decays).map(\.name))
  func weightDecayOnWeightsSparesBiases(name: String) throws {
    func parameters(_ options: String) throws -> [Float] {
      var run = try Subject(text: "{name: \(name), \(options)}", shapes: [[5, 7], [5]]).run()
      for step in 0..<4 { run.take(noise(40, step: step)) }
      return run.parameters.values
    }
    let everywhere = try parameters("weight_decay: 0.3")
    let onWeights = try parameters("weight_decay: 0.3, weight_decay_on: weights")
    let nowhere = try parameters("weight_decay: 0")
    #expect(onWeights[..<35] == everywhere[..<35])
    #expect(onWeights[35...] == nowhere[35...])
    #expect(zip(everywhere, nowhere).contains { $0 != $1 })
  }

  private static func maximizes(_ entry: CatalogEntry<any Optimizer>) -> Bool {
    entry.hyperparameters.contains { $0.name == "maximize" }
  }

  private static func decays(_ entry: CatalogEntry<any Optimizer>) -> Bool {
    // The step size of these is one for all tensors, so that a decay here moves something there.
    if ["prodigy", "dadapt-adam"].contains(entry.name) { return false }
    return entry.hyperparameters.contains { $0.name == "weight_decay" }
  }

  @Test func centeredRMSpropStaysFiniteWhereRoundingMakesTheVarianceNegative() throws {
    let subject = Subject(
      text: "{name: rmsprop, centered: true, alpha: 0.5, eps: 1.0e-3}", shapes: [[40]])
    var run = try subject.run()
    let gradient = noise(40, step: 0).map { $0 * 3 }
    for _ in 0..<200 { run.take(gradient) }
    #expect(allFinite(run.parameters.values))
  }
}
