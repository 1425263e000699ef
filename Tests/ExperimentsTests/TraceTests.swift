import Experiments
import Foundation
import Optimizers
import Problems
import Records
import Settings
import Testing

@Suite struct TraceTests {
  private struct Output: Decodable {
    let parameters: [[Float]]
    let evaluated: [[Float]]?
    let clipped_gradients: [[Float]]
    let telemetry: [Telemetry]
    let learning_rate: [Double]
  }

  private struct Telemetry: Decodable {
    let fired: Bool
    let skipped: Bool
    let coefficient: Double
    let norm_lost: Double
    let angle: Double
    let loss: Double?
    let update_norm: Double
    let parameter_norm: Double
    let gradient_evaluations: Int
  }

  private func decode(_ trace: Trace) throws -> Output {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(Output.self, from: Data(trace.json.utf8))
  }

  private func trace(_ method: String, _ file: String) throws -> Output {
    try decode(
      Trace(
        MethodFile(method, file: "method.yml"),
        on: GivenGradients(Data(file.utf8), file: "given.json")))
  }

  private func given(_ gradients: String, more: String = "") -> String {
    """
    {"parameters": [{"name": "w", "shape": [1, 2], "role": "weight", "values": [1, -2]},
      {"name": "b", "shape": [1], "role": "bias", "values": [0.5]}],
     "gradients": \(gradients)\(more)}
    """
  }

  @Test func eachGradientIsAStepOfTheMethod() throws {
    let output = try trace(
      "{optimizer: {name: momentum, momentum: 0.5}, learning_rate: 0.25}",
      given("[[1, 2, 4], [0, -8, 0.5]]"))
    #expect(output.parameters == [[0.75, -2.5, -0.5], [0.625, -0.75, -1.125]])
    #expect(output.clipped_gradients == [[1, 2, 4], [0, -8, 0.5]])
    #expect(output.learning_rate == [0.25, 0.25])
    #expect(output.evaluated == nil)
    #expect(output.telemetry.allSatisfy { !$0.fired && $0.coefficient == 1 && $0.loss == nil })
  }

  @Test func withoutAnOptimizerTheClippingStandsAlone() throws {
    let output = try trace(
      "clipping: {name: value, max_value: 1}", given("[[3, 0, 0], [0.5, -0.5, \"-inf\"]]"))
    #expect(output.clipped_gradients == [[1, 0, 0], [0.5, -0.5, -1]])
    #expect(output.parameters == [[1, -2, 0.5], [1, -2, 0.5]])
    #expect(output.telemetry[0].norm_lost == 2)
    #expect(output.telemetry[0].angle == 0)
    #expect(output.telemetry.map(\.fired) == [true, true])
  }

  @Test func withoutAnOptimizerAProjectionWorksOnTheParameters() throws {
    let output = try trace(
      "clipping: [{name: global-norm, max_norm: 5}, {name: max-norm, max_norm: 0.25}]",
      given("[[0, 6, 8]]"))
    #expect(abs(output.clipped_gradients[0][1] - 3) < 1e-5)
    #expect(output.parameters[0] != [1, -2, 0.5])
  }

  @Test func aRefusedStepMovesNothing() throws {
    let output = try trace(
      "{optimizer: sgd, clipping: skip-nonfinite, learning_rate: 1}",
      given("[[1, 0, 0], [\"nan\", 0, 0], [1, 0, 0]]"))
    #expect(output.parameters.map { $0[0] } == [0, 0, -1])
    #expect(output.telemetry.map(\.skipped) == [false, true, false])
  }

  @Test func aScheduleFollowsTheGivenLosses() throws {
    let output = try trace(
      """
      optimizer: sgd
      learning_rate: 1
      schedule: {name: reduce-on-plateau, patience: 0, factor: 0.5}
      """, given("[[0,0,0], [0,0,0], [0,0,0]]", more: ", \"losses\": [1, 2, 0.5]"))
    #expect(output.learning_rate == [1, 1, 0.5])
    #expect(output.telemetry.map(\.loss) == [1, 2, 0.5])
  }

  @Test(arguments: ["[null, [2, 2, 2], null, [4, 4, 4]]", "[[2, 2, 2], [4, 4, 4]]"])
  func sampledGradientsComeByStepOrInOrder(_ second: String) throws {
    let output = try trace(
      """
      optimizer: {name: sophia-g, k: 2, bs: 1, rho: 1, betas: [0, 0], weight_decay: 0}
      learning_rate: 1
      """,
      given("[[1,0,0], [1,0,0], [1,0,0], [1,0,0]]", more: ", \"second_gradients\": \(second)"))
    // h is 0 for two steps, then 2² = 4.
    #expect(output.parameters.map { $0[0] } == [0, -1, -1.25, -1.5])
    #expect(output.telemetry.map(\.gradient_evaluations) == [1, 2, 1, 2])
  }

  @Test func aMethodThatIsEvaluatedElsewhereShowsWhere() throws {
    let output = try trace(
      "{optimizer: {name: lookahead, k: 2, alpha: 0.5}, learning_rate: 1}",
      given("[[1,0,0], [1,0,0], [1,0,0]]"))
    #expect(output.parameters.map { $0[0] } == [0, 0, -1])
    #expect(output.evaluated?.map { $0[0] } == [1, 0, 0])
  }

  @Test(arguments: ["adam", "{name: sam, base: momentum}", "{name: schedule-free-sgd}"])
  func onAProblemItIsTheTrainersRun(_ optimizer: String) throws {
    let problem = QuadraticProblem(curvatures: [1, 3, 10], start: [1, -2, 0.5])
    let method = try MethodFile(
      """
      optimizer: \(optimizer)
      clipping: {name: global-norm, max_norm: 2}
      learning_rate: 0.05
      schedule: cosine
      """, file: "method.yml")
    let output = try decode(Trace(method, on: problem, steps: 20, seed: 3))
    let record = RunRecord(
      key: RunKey(problem: "quadratic", run: "run"), optimizer: "", clipping: "", trial: 0,
      seed: 3, baseLearningRate: 0.05, isDefaultLearningRate: false, hyperparameters: [],
      config: "{}")
    let choice = try #require(method.optimizer)
    let run = try #require(
      Trainer(problem: problem, plan: TrainingPlan(steps: 20, evaluateEvery: 5)).train(
        record,
        with: Method(
          optimizer: choice.optimizer, clipping: method.clipping,
          schedule: method.schedule, baseLearningRate: method.learningRate),
        isCancelled: { false }))
    #expect(output.telemetry.map { Float($0.parameter_norm) } == run.trajectory[.parameterNorm])
    #expect(output.telemetry.map { Float($0.update_norm) } == run.trajectory[.updateNorm])
    #expect(output.learning_rate.map { Float($0) } == run.trajectory[.learningRate])
    #expect(
      output.telemetry.reduce(0) { $0 + $1.gradient_evaluations } == Int(run.gradientEvaluations))
  }

  @Test(arguments: [
    ("[[1, 2]]", "", "gradients[0]: 2 numbers for 3 parameters"),
    ("[[1, 2, \"x\"]]", "", "gradients[0][2]: expected a number"),
    ("[[1, 2, 3]]", ", \"loss\": 1", "loss: unknown key; allowed: parameters, gradients"),
    ("[[1, 2, 3]]", ", \"losses\": []", "losses: 0 losses for 1 gradients"),
    ("[[1, 2, 3]]", ", \"second_gradients\": [[1]]", "second_gradients[0]: 1 numbers for 3"),
    ("[1, NaN]", "", "not valid JSON"),
  ])
  func aBrokenFileIsRefusedWithItsPlace(_ gradients: String, _ more: String, _ message: String) {
    let error = #expect(throws: TraceError.self) {
      try GivenGradients(Data(given(gradients, more: more).utf8), file: "given.json")
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("given.json: "))
    #expect(text.contains(message), "\(text)")
  }

  @Test func methodsThatGivenGradientsCannotAnswerSayWhatTheyNeed() throws {
    func message(_ method: String) -> String {
      do {
        _ = try trace(method, given("[[1,0,0]]"))
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message("optimizer: sam").contains("method.yml: optimizer: 'sam(sgd)' asks"))
    #expect(message("optimizer: {name: sophia-g, k: 1}").contains("second_gradients"))
    #expect(message("{optimizer: sgd, schedule: reduce-on-plateau}").contains("'losses'"))
    #expect(message("learning_rate: 1").contains("neither 'optimizer' nor 'clipping'"))
    #expect(
      message("optimizer: {name: sgd, learning_rate: [1, 2]}").contains("one learning rate"))
  }
}
