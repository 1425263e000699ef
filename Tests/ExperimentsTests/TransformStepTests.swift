import Experiments
import Foundation
import Optimizers
import Problems
import Records
import Settings
import Tensors
import TestSupport
import Testing

/// Transforms with a place and tensors, through whole steps.
@Suite struct TransformStepTests {
  private struct Output: Decodable {
    let parameters: [[Double]]
    let telemetry: [Telemetry]
  }

  private struct Telemetry: Decodable, Equatable {
    let fired: Bool
    let skipped: Bool
    let coefficient: Double
  }

  private func output(_ trace: Trace) throws -> Output {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(Output.self, from: Data(trace.json.utf8))
  }

  private func trace(_ method: String, _ given: Data) throws -> Output {
    try output(
      Trace(MethodFile(method, file: "method.yml"), on: GivenGradients(given, file: "g.json")))
  }

  private func problem(_ text: String) throws -> any TestProblem {
    var datasets = LoadedDatasets()
    return try ProblemSpec.read(Setting.parse(text, file: "test"))
      .make(using: &datasets, baseDirectory: ".")
  }

  // MARK: - Against NumPy

  private struct Oracle: Decodable {
    struct Case: Decodable {
      let method: String
      let reached: [[Double]]
    }
    let cases: [Case]
  }

  @Test func everyPlaceDoesWhatItsRuleSays() throws {
    let name = "transform_places"
    let stored: Oracle = try oracle(name)
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Oracles/\(name).json")
    let fields = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    let given = try JSONSerialization.data(withJSONObject: #require(fields?["given"]))
    #expect(stored.cases.count == 17)
    for one in stored.cases {
      let ours = try trace(one.method, given).parameters
      #expect(ours.count == one.reached.count)
      for (step, (reached, right)) in zip(ours, one.reached).enumerated() {
        for (ours, theirs) in zip(reached, right) {
          #expect(
            isClose(ours, theirs, relative: 2e-6, absolute: 2e-6), "\(one.method), step \(step)")
        }
      }
    }
  }

  // MARK: - Momentum

  /// Methods that offer their momentum, wrappers around them included.
  private static let offering =
    optimizerCatalog.entries.filter { entry in
      (try? entry.make(Hyperparameters(entry.hyperparameters)))?.offersMomentum == true
    }.map { "{name: \($0.name)}" } + [
      "{name: sgd, momentum: 0.9, dampening: 0.1, weight_decay: 0.01}",
      "{name: adam, amsgrad: true, weight_decay: 0.1, weight_decay_on: weights}",
      "{name: adamw, weight_decay: 0.1}", "{name: lion, weight_decay: 0.1, maximize: true}",
      "{name: adabelief, weight_decay: 0.1}", "{name: signsgd, momentum: 0.5}",
      "{name: lookahead, k: 2, base: {name: adam, weight_decay: 0.1}}",
      "{name: sam, base: momentum}", "{name: asam, base: {name: lookahead, base: nadam}}",
    ]

  private static let network = """
    name: net
    dataset: {name: blobs, training: 64, validation: 20, test: 20}
    model: {name: mlp, hidden: [5]}
    loss: cross-entropy
    batch_size: 16
    """

  @Test(arguments: offering)
  func aMomentumLeftAloneIsTheUsualStepBitForBit(optimizer: String) throws {
    let problem = try problem(Self.network)
    func bits(_ clipping: String) throws -> [[UInt64]] {
      let method = "{optimizer: \(optimizer), learning_rate: 0.01, clipping: \(clipping)}"
      return try output(
        Trace(MethodFile(method, file: "m.yml"), on: problem, steps: 8, seed: 1)
      ).parameters.map { $0.map(\.bitPattern) }
    }
    let usual = try bits("none")
    #expect(try bits("{name: global-norm, max_norm: 1.0e+30, at: momentum}") == usual)
    #expect(try bits("{name: noise, at: momentum, on: weight}") != usual)
  }

  @Test func whoOffersMomentumIsKnown() {
    #expect(
      optimizerCatalog.momentumOffers == [
        "sgd (with momentum)", "momentum", "nesterov", "signsgd (with momentum)", "signum", "lion",
        "adam", "adamw", "adamax", "nadam", "radam", "adabelief", "yogi", "adopt", "lamb", "muon",
        "sam (around one of them)", "asam (around one of them)", "lookahead (around one of them)",
      ])
  }

  // MARK: - Refusals

  private let given = Data(
    #"""
    {"parameters": [{"name": "w", "shape": [2, 1], "role": "weight", "values": [0, 0]},
                    {"name": "b", "shape": [2], "role": "bias", "values": [0, 0]}],
     "gradients": [[3, -4, 30, 0.5], [1, 1, 1, 1]]}
    """#.utf8)

  @Test(
    arguments: [
      ("sgd", "{name: value, on: 'conv*'}", "'conv*' selects no tensor of problem"),
      ("sgd", "{name: value, on: [norm, embedding]}", "'norm' selects no tensor"),
      ("sgd", "{name: value, on: [bias, nrom]}", "'nrom' selects no tensor of problem"),
      ("sgd", "{name: value, on: x}", "which has w, b; allowed: all, matrices"),
      (
        "sgd", "{name: value, at: momentum}",
        "works at the momentum, which optimizer 'sgd' does not offer; allowed: sgd (with momentum)"
      ),
      ("{name: lookahead, base: rmsprop}", "{name: value, at: momentum}", "'lookahead(rmsprop)'"),
    ])
  func aTransformOfNothingIsRefused(optimizer: String, clipping: String, part: String) throws {
    let error = #expect(throws: TraceError.self) {
      try trace("{optimizer: \(optimizer), clipping: \(clipping)}", given)
    }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func aTransformAloneWorksOnTheGradient() throws {
    let alone = try trace("{clipping: {name: value, max_value: 2, at: update, on: w}}", given)
    #expect(alone.telemetry.map(\.fired) == [true, false])
    let error = #expect(throws: TraceError.self) {
      try trace("{clipping: {name: value, at: momentum}}", given)
    }
    #expect(error?.description.contains("there is no optimizer to offer it") == true)
  }

  @Test func aRefusedMomentumGivesTheMemoryBack() throws {
    // The first momentum is (3, −4, 30, 0.5): refused, as if its gradient had never come.
    let refused = try trace(
      "{optimizer: momentum, learning_rate: 1, clipping: {name: skip-large, max_norm: 10, at: momentum}}",
      given)
    #expect(refused.parameters == [[0, 0, 0, 0], [-1, -1, -1, -1]])
    #expect(
      refused.telemetry == [
        Telemetry(fired: true, skipped: true, coefficient: 1),
        Telemetry(fired: false, skipped: false, coefficient: 1),
      ])
  }

  // MARK: - Experiments

  private func plan(
    _ clipping: String, optimizers: String = "momentum", problems: String = "digits-mlp",
    record: String = "{}", name: String = "t"
  ) throws -> ExperimentPlan {
    try ExperimentPlan(
      ExperimentSpec(
        """
        {optbench: 1, name: \(name), problems: [\(problems)], optimizers: [\(optimizers)],
         clipping: [\(clipping)], learning_rate: 0.01, seeds: 1, budget: {steps: 3},
         record: \(record)}
        """, file: "t.yml"), baseDirectory: ".")
  }

  @Test func aPlanRefusesWhatWouldWorkOnNothing() throws {
    func message(_ make: () throws -> ExperimentPlan) -> String {
      let error = #expect(throws: PlanError.self) { _ = try make() }
      return error?.description ?? ""
    }
    #expect(
      message { try plan("{name: value, on: matrices}", problems: "digits-mlp, rosenbrock-2d") }
        .contains("'matrices' selects no tensor of problem 'rosenbrock-2d'"))
    #expect(
      message { try plan("{name: value, at: momentum}", optimizers: "momentum, sgd") }
        .contains("optimizer 'sgd' does not offer"))
    #expect(
      message {
        try plan(
          "{name: value, at: momentum}",
          optimizers: "{name: sgd, grid: {momentum: [0, 0.9]}}")
      }.contains("'sgd' does not offer"))
    _ = try plan(
      "{name: value, at: momentum, on: weight}",
      optimizers: "{name: sgd, grid: {momentum: [0.5, 0.9]}}")
  }

  @Test func whatEachTransformDidIsRecordedWithItsRefusals() throws {
    let plan = try plan(
      "[{name: global-norm, max_norm: 1.0e-3, at: update, on: matrices}, "
        + "{name: skip-large, max_norm: 1.0e-9, at: update, on: bias}, {name: max-norm, max_norm: 1}]",
      record: "{clipping_transforms: true}")
    let run = try #require(plan.runs.first)
    let record = try #require(
      Trainer(problem: plan.problems[0], plan: plan.trainingPlans[0]).train(
        plan.record(for: run), with: plan.method(for: run), isCancelled: { false }))
    func series(_ name: String) throws -> [Float] {
      try #require(record.trajectory.further.first { $0.quantity.name == name }).values
    }
    #expect(try series("transform_1_fired")[0] == 1)
    for step in 0..<3 where try series("transform_1_fired")[step] == 1 {
      let before = try series("transform_1_norm_before")[step]
      let after = try series("transform_1_norm_after")[step]
      #expect(abs(after - 1e-3) < 1e-6 && before > after)
      #expect(try abs(series("transform_1_coefficient")[step] - after / before) < 1e-6)
    }
    #expect(try series("transform_2_skipped") == [1, 1, 1])
    #expect(try series("transform_2_coefficient") == [1, 1, 1])
    // The parameters are projected at refused steps as well.
    #expect(try series("transform_3_fired")[0] == 1)
    #expect(try series("transform_3_norm_after")[0] < series("transform_3_norm_before")[0])
    #expect(record.trajectory[Quantity.clipSkipped] == [1, 1, 1])
    #expect(record.trajectory[.updateNorm] == [0, 0, 0])
  }

  /// Every clip at every place that it allows, on tensors of its own, around wrappers too.
  @Test(arguments: clippingCatalog.names.filter { $0 != "none" })
  func everyClipRunsAtEveryPlaceOnTensors(name: String) throws {
    let entry = try #require(clippingCatalog.entry(named: name))
    let places = try entry.make(Hyperparameters(entry.hyperparameters))[0].allowedStages
    let problem = try problem(Self.network)
    let optimizers = ["adam", "{name: lookahead, base: momentum}", "{name: sam, base: adamw}"]
    for (place, optimizer) in places.flatMap({ place in optimizers.map { (place, $0) } }) {
      let method = MethodFile.self
      let text = """
        {optimizer: \(optimizer), learning_rate: 0.01,
         clipping: {name: \(name), at: \(place.rawValue), on: [matrices, '*1*']}}
        """
      let reached = try output(
        Trace(method.init(text, file: "m.yml"), on: problem, steps: 3, seed: 0)
      ).parameters
      #expect(reached.count == 3 && reached[2].allSatisfy(\.isFinite), "\(text)")
    }
  }
}
