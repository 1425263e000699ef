internal import Analysis
internal import LinearAlgebra
internal import Optimizers
public import Problems
internal import Settings
internal import Tensors

/// A method's steps one by one: what it did to given gradients, or on a problem.
///
/// The steps are the trainer's own. They go on whatever happens: a trace does not judge.
public struct Trace: Sendable {
  private let isEvaluatedElsewhere: Bool
  private var parameters: [String] = []
  private var evaluated: [String] = []
  private var clippedGradients: [String] = []
  private var telemetry: [String] = []
  private var learningRates: [String] = []

  /// Replays `method` on given gradients, one step for each.
  public init(_ method: MethodFile, on given: GivenGradients) throws(TraceError) {
    if let optimizer = method.optimizer, optimizer.optimizer.demand.isElsewhere {
      throw TraceError(
        file: method.file, path: "optimizer",
        "'\(optimizer.label)' asks for gradients at other parameters, which given gradients cannot "
          + "tell; use --problem in place of --gradients")
    }
    if method.schedule.observesLoss, given.losses == nil {
      throw TraceError(
        file: given.file, path: "",
        "the key 'losses' is missing, which the method's schedule follows; give one for each "
          + "gradient")
    }
    let problem = ReplayProblem(given: given)
    try Self.check(method, on: problem, steps: given.gradients.count)
    self = try FloatingPointMode.flushingDenormals { () throws(TraceError) in
      try Self(
        method.method, on: problem, steps: given.gradients.count, seed: 0, start: nil,
        knowsLoss: given.losses != nil)
    }
    if problem.requests.isMissing {
      throw TraceError(
        file: given.file, path: "second_gradients",
        "the method asks \(problem.requests.count) times for a gradient of sampled labels, and one "
          + "is missing; give one for each gradient or one for each time")
    }
  }

  /// Makes `steps` steps of `method` on a problem.
  ///
  /// - Parameter seed: The run's seed; nil for seed 0 from the function's standard start.
  public init(
    _ method: MethodFile, on problem: any TestProblem, steps: Int, seed: Int?
  ) throws(TraceError) {
    if let optimizer = method.optimizer, optimizer.optimizer.demand.samplesLabels,
      !problem.samplesLabels
    {
      throw TraceError(
        file: method.file, path: "optimizer",
        "'\(optimizer.label)' draws labels from the model's predictions, which problem "
          + "'\(problem.name)' does not have")
    }
    try Self.check(method, on: problem, steps: steps)
    self = try FloatingPointMode.flushingDenormals { () throws(TraceError) in
      try Self(
        method.method, on: problem, steps: steps, seed: seed ?? 0,
        start: seed == nil ? problem.standardStart : nil, knowsLoss: true)
    }
  }

  /// Refuses a schedule with a rate that no optimizer can use, and a clip that works on nothing.
  private static func check(
    _ method: MethodFile, on problem: any TestProblem, steps: Int
  ) throws(TraceError) {
    let wrong =
      TransformCheck.problem(with: method.clipping, of: method.optimizer)
      ?? TransformCheck([method.clipping]).problem(with: [], on: [problem])
    if let wrong { throw TraceError(file: method.file, path: "clipping", wrong) }
    let base = method.learningRate
    guard let step = method.schedule.firstUnusableStep(base: base, totalSteps: steps) else {
      return
    }
    let rate = method.schedule.learningRate(base: base, step: step, totalSteps: steps)
    throw TraceError(
      file: method.file, path: "schedule",
      "the learning rate at step \(step) of \(steps) is \(numberLabel(rate)); allowed: from 0 to "
        + "3.4e38 at every step. Change the schedule's options or the learning rate")
  }

  private init(
    _ method: Method, on problem: any TestProblem, steps: Int, seed: Int, start: [Float]?,
    knowsLoss: Bool
  ) throws(TraceError) {
    Threads.useOneThread()
    var run: TrainingRun
    do throws(ObjectiveFailure) {
      run = try TrainingRun(
        problem: problem, method: method,
        plan: TrainingPlan(steps: steps, evaluateEvery: max(1, steps)), seed: UInt64(seed),
        start: start, isTraced: true)
    } catch {
      throw TraceError(file: problem.name, path: "", "\(error)")
    }
    let judge = OutcomeJudge(
      initialLoss: .nan, lowerBound: problem.lowerBound, lossUnit: problem.lossUnit,
      explosionFactor: .infinity)
    let count = problem.layout.count
    var isElsewhere = false
    for step in 0..<steps {
      let before = run.gradientEvaluations
      _ = run.advance(step, judge: judge)
      if let failure = run.objectiveFailure {
        throw TraceError(file: problem.name, path: "", "step \(step): \(failure)")
      }
      run.observe(loss: run.last.loss)
      let place = run.evaluationParameters
      isElsewhere = isElsewhere || place != UnsafePointer(run.parameters.pointer)
      parameters.append(Self.json(run.parameters.pointer, count: count))
      evaluated.append(Self.json(place, count: count))
      clippedGradients.append(Self.json(run.lastClippedGradient, count: count))
      learningRates.append(jsonNumber(run.last.learningRate))
      telemetry.append(
        Self.telemetry(
          of: run, count: count, evaluations: run.gradientEvaluations - before,
          knowsLoss: knowsLoss))
    }
    isEvaluatedElsewhere = isElsewhere
  }

  /// The trace as JSON, a step a line.
  public var json: String {
    func field(_ name: String, _ rows: [String]) -> String {
      "\"\(name)\": [" + (rows.isEmpty ? "]" : "\n  \(rows.joined(separator: ",\n  "))\n]")
    }
    var fields = [field("parameters", parameters)]
    if isEvaluatedElsewhere { fields.append(field("evaluated", evaluated)) }
    fields.append(field("clipped_gradients", clippedGradients))
    fields.append(field("telemetry", telemetry))
    fields.append(field("learning_rate", learningRates))
    return "{\(fields.joined(separator: ",\n"))}"
  }

  /// What the clipping strategy did at a step, and what the step measured.
  private static func telemetry(
    of run: TrainingRun, count: Int, evaluations: Int64, knowsLoss: Bool
  ) -> String {
    let last = run.last
    let angle = angle(
      between: run.lastGradient, and: run.lastClippedGradient,
      norms: last.gradientNorm * last.clippedGradientNorm, count: count)
    let fields = [
      "\"fired\":\(last.clipFired)", "\"skipped\":\(last.isSkipped)",
      "\"coefficient\":\(jsonNumber(last.clipCoefficient))",
      "\"norm_lost\":\(jsonNumber(last.gradientNorm - last.clippedGradientNorm))",
      "\"angle\":\(jsonNumber(angle))",
      "\"loss\":\(knowsLoss ? jsonNumber(last.loss) : "null")",
      "\"gradient_norm\":\(jsonNumber(last.gradientNorm))",
      "\"clipped_gradient_norm\":\(jsonNumber(last.clippedGradientNorm))",
      "\"update_norm\":\(jsonNumber(last.updateNorm))",
      "\"parameter_norm\":\(jsonNumber(last.parameterNorm))",
      "\"gradient_cosine\":\(jsonNumber(last.gradientCosine))",
      "\"gradient_evaluations\":\(evaluations)",
    ]
    return "{\(fields.joined(separator: ","))}"
  }

  /// The angle in radians; 0 for the same vector, NaN where one of two has no direction.
  private static func angle(
    between first: UnsafePointer<Float>, and second: UnsafePointer<Float>, norms: Double, count: Int
  ) -> Double {
    if first == second { return 0 }
    guard norms > 0, norms.isFinite else { return .nan }
    var apart = 0.0
    var along = 0.0
    let ratio = Vector.norm(first, count: count) / Vector.norm(second, count: count)
    for index in 0..<count {
      let a = Double(first[index])
      let b = ratio * Double(second[index])
      apart += (a - b) * (a - b)
      along += (a + b) * (a + b)
    }
    // Kahan's form, exact for small angles, where the cosine is not.
    return 2 * arcTangent(apart.squareRoot(), over: along.squareRoot())
  }

  private static func json(_ values: UnsafePointer<Float>, count: Int) -> String {
    "[" + (0..<count).map { jsonNumber(values[$0]) }.joined(separator: ",") + "]"
  }
}
