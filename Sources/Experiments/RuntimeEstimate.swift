#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif
internal import LinearAlgebra
internal import Optimizers
internal import Problems
internal import Tensors

/// What an experiment will cost, from short measurements: of each problem's gradient and evaluation,
/// and of what each optimizer adds to a step.
public struct RuntimeEstimate: Sendable {
  /// One optimizer on one problem.
  public struct Method: Sendable {
    public let optimizer: String
    public let runs: Int
    /// Updates per run.
    public let steps: Int
    /// Gradients that a step takes.
    public let gradientsPerStep: Double
    public let secondsPerStep: Double
  }

  /// One problem's share.
  public struct Problem: Sendable {
    public let name: String
    public let methods: [Method]
    public let secondsPerEvaluation: Double
    /// Evaluations per run, without the first, which the runs of a seed share.
    public let evaluations: Int

    public var runs: Int { methods.reduce(0) { $0 + $1.runs } }

    /// The seconds that all runs take on one core.
    public var seconds: Double {
      methods.reduce(0) { sum, method in
        sum + Double(method.runs)
          * (Double(method.steps) * method.secondsPerStep
            + Double(evaluations) * secondsPerEvaluation)
      }
    }
  }

  public let problems: [Problem]

  /// The seconds that all runs take with `jobs` at a time, if none ends early.
  public func seconds(jobs: Int) -> Double {
    problems.reduce(0) { $0 + $1.seconds } / Double(max(jobs, 1))
  }

  /// Measures each problem and each optimizer for a moment.
  public init(_ plan: ExperimentPlan) throws {
    Threads.useOneThread()
    problems = try plan.problems.indices.compactMap { index in
      let runs = plan.runs.filter { $0.problem == index }
      guard !runs.isEmpty else { return nil }
      return try FloatingPointMode.flushingDenormals(plan.trainingPlans[index].flushesDenormals) {
        try Self.measure(index, runs, in: plan)
      }
    }
  }

  /// Evaluations of a run of `steps` updates after the first one.
  package static func evaluations(steps: Int, every interval: Int) -> Int {
    (steps + interval - 1) / interval
  }

  /// The seconds that measurements of a problem take in all, apart from those that last longer.
  private static let patience = 0.8
  /// What is looked at of a split to know how long it takes.
  private static let sample = 32

  private static func measure(
    _ index: Int, _ runs: [PlannedRun], in plan: ExperimentPlan
  ) throws -> Problem {
    let problem = plan.problems[index]
    let training = plan.trainingPlans[index]
    let seed = UInt64(runs.first?.seed ?? 0)
    let parameters = FloatBuffer(problem.initialParameters(seed: seed))
    let objective = try problem.makeObjective(seed: seed)
    var buffers = problem.makeBuffers()
    var order = problem.makeBatchOrder(seed: seed)
    let gradient = FloatBuffer(count: problem.layout.count)
    // The first of all builds kernels and touches memory for the first time.
    var loss = 0.0
    let secondsPerGradient = seconds(within: patience / 4) {
      loss = objective.loss(
        at: parameters.pointer, batch: order.next(), buffers: &buffers, updateStatistics: false,
        gradient: gradient.pointer)
    }
    guard Float(loss).isFinite else {
      throw ExperimentRunner.unusableInitialLoss(loss, problem: problem.name, seed: Int(seed))
    }
    _ = objective.evaluatePart(
      at: parameters.pointer, on: .train, buffers: buffers, limit: 1)
    let secondsPerEvaluation = DataSplit.allCases.reduce(0) { sum, split in
      let start = threadSeconds()
      let share = objective.evaluatePart(
        at: parameters.pointer, on: split, buffers: buffers, limit: sample)
      return sum + (share.map { (threadSeconds() - start) / $0 } ?? 0)
    }

    let optimizers = Set(runs.map(\.optimizer)).sorted()
    let methods = try optimizers.compactMap { optimizer throws -> Method? in
      let own = runs.filter { $0.optimizer == optimizer }
      guard let first = own.first else { return nil }
      let method = plan.method(for: first)
      let added = try added(
        by: method, to: problem, steps: training.steps, start: parameters,
        within: patience / 2 / Double(optimizers.count))
      let limit = training.gradientEvaluations.map { Int(Double($0) / added.gradients) }
      return Method(
        optimizer: plan.spec.optimizers[optimizer].label, runs: plan.mostRuns(among: own),
        steps: min(training.steps, max(1, limit ?? .max)), gradientsPerStep: added.gradients,
        secondsPerStep: added.gradients * secondsPerGradient + added.seconds)
    }
    return Problem(
      name: problem.name, methods: methods, secondsPerEvaluation: secondsPerEvaluation,
      evaluations: evaluations(steps: training.steps, every: training.evaluateEvery))
  }

  /// The most parameters on which an optimizer that treats each element alike is measured.
  private static let mostElements = 1 << 20
  /// The longest axis on which any other optimizer is measured: longer ones than this are cut, since
  /// methods of matrices treat all beyond some length alike.
  private static let longestAxis = 4096

  /// A layout on which `optimizer` costs as much for each parameter.
  private static func sample(
    of layout: ParameterLayout, for optimizer: any Optimizer
  ) -> ParameterLayout {
    guard layout.count > mostElements else { return layout }
    if optimizer is any DirectOptimizer {
      return ParameterLayout([("weight", [mostElements / 1024, 1024], .weight)])
    }
    return ParameterLayout(
      layout.tensors.map { tensor in
        (tensor.name, tensor.shape.map { min($0, longestAxis) }, tensor.role)
      })
  }

  /// The gradients that a step of `method` takes, and the seconds that it takes beside them.
  private static func added(
    by method: Experiments.Method, to problem: any TestProblem, steps: Int, start: FloatBuffer,
    within limit: Double
  ) throws -> (gradients: Double, seconds: Double) {
    let layout = sample(of: problem.layout, for: method.optimizer)
    let given = GivenGradientProblem(
      layout: layout,
      parameters: Array(UnsafeBufferPointer(start: start.pointer, count: layout.count)))
    let most = min(steps, 200)
    var run = try TrainingRun(
      problem: given, method: method,
      plan: TrainingPlan(steps: most + 1, evaluateEvery: most + 1), seed: 0)
    let judge = OutcomeJudge(
      initialLoss: .nan, lowerBound: 0, lossUnit: 1, explosionFactor: .infinity)
    var step = 0
    let time = seconds(within: limit, atMost: most) {
      _ = run.advance(step, judge: judge)
      step += 1
    }
    let scale = Double(problem.layout.count) / Double(max(layout.count, 1))
    return (Double(run.gradientEvaluations) / Double(max(step, 1)), time * scale)
  }

  /// The mean seconds of `body` after its first call, from as many calls as fit within `limit` seconds.
  private static func seconds(
    within limit: Double, atMost most: Int = 200, _ body: () -> Void
  ) -> Double {
    body()
    let start = threadSeconds()
    var calls = 0
    repeat {
      body()
      calls += 1
    } while calls < most && threadSeconds() - start < limit
    return (threadSeconds() - start) / Double(calls)
  }

  /// The processor time of this thread: what else the machine does meanwhile does not count.
  private static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
