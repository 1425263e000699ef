#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif
internal import Analysis
internal import Optimizers
internal import Problems
internal import Tensors

/// The measurements that a `RuntimeEstimate` rests on.
extension RuntimeEstimate {
  /// The seconds that measurements of a problem take in all, apart from those that last longer.
  private static let patience = 0.8
  /// What is looked at of a split to know how long it takes.
  private static let sample = 32

  static func measure(
    _ index: Int, _ runs: [PlannedRun], in plan: ExperimentPlan
  ) throws -> Problem {
    let problem = plan.problems[index]
    let training = plan.trainingPlans[index]
    let seed = UInt64(runs.first?.seed ?? 0)
    let objective = try problem.makeObjective(seed: seed)
    if let failure = objective.failure { throw failure }
    let parameters = FloatBuffer(
      objective.start?.parameters ?? problem.initialParameters(seed: seed))
    var buffers = problem.makeBuffers()
    var order = problem.makeBatchOrder(seed: seed)
    let gradient = FloatBuffer(count: problem.layout.count)
    // The first of all builds kernels and touches memory for the first time.
    var loss = 0.0
    let secondsPerGradient = seconds(
      within: patience / 4, waited: { objective.waitedSeconds }
    ) {
      loss = objective.loss(
        at: parameters.pointer, batch: order.next(), buffers: &buffers, updateStatistics: false,
        gradient: gradient.pointer)
    }
    if let failure = objective.failure { throw failure }
    guard Float(loss).isFinite else {
      throw ExperimentRunner.unusableInitialLoss(loss, problem: problem.name, seed: Int(seed))
    }
    _ = objective.evaluatePart(
      at: parameters.pointer, on: .train, buffers: buffers, limit: 1)
    let secondsBySplit = DataSplit.allCases.map { split in
      let start = threadSeconds() + objective.waitedSeconds
      let share = objective.evaluatePart(
        at: parameters.pointer, on: split, buffers: buffers, limit: sample)
      return share.map { (threadSeconds() + objective.waitedSeconds - start) / $0 } ?? 0
    }
    let onTheWay = training.evaluation.splitsOnTheWay
    let secondsPerEvaluation = zip(DataSplit.allCases, secondsBySplit).reduce(0) { sum, split in
      onTheWay.contains(split.0) ? sum + split.1 : sum
    }
    let secondsAtTheEnd =
      (secondsBySplit.reduce(0, +) - secondsPerEvaluation) * plan.spec.shareOfRunsThatRank

    // Each optimizer with each setting that may change its work.
    var kinds: [(first: PlannedRun, own: [PlannedRun])] = []
    for (_, own) in Dictionary(grouping: runs, by: { [$0.optimizer, $0.variant] }) {
      if let first = own.first { kinds.append((first, own)) }
    }
    kinds.sort { ($0.first.optimizer, $0.first.variant) < ($1.first.optimizer, $1.first.variant) }
    let share = patience / 2 / Double(kinds.count)
    let clips = try secondsOfClips(runs, in: plan, start: parameters)
    let methods = try kinds.map { first, own throws -> Method in
      let method = plan.method(for: first)
      let demand = method.optimizer.demand
      var added = try added(
        by: method, to: problem, steps: training.steps, start: parameters,
        within: demand.isOpen ? patience / 4 : share)
      if demand.isOpen {
        let longest = Double(demand.evaluations.upperBound)
        let found =
          longest * secondsPerGradient > patience
          ? nil : try trial(of: own, in: plan, steps: training.steps, within: patience / 4)
        // As long for each gradient as there, where the memory was full, unless the trial was long.
        let gradients = found?.gradients ?? longest
        let seconds =
          found?.seconds.map { $0 - gradients * secondsPerGradient }
          ?? added.seconds / added.gradients * gradients
        added = (gradients, max(seconds, 0))
      }
      let clipping =
        own.reduce(0) { $0 + (clips[$1.clipping] ?? 0) } / Double(own.count)
        - (clips[first.clipping] ?? 0)
      let limit = training.gradientEvaluations.map { Int(Double($0) / added.gradients) }
      return Method(
        optimizer: plan.spec.optimizers[first.optimizer].label, runs: plan.mostRuns(among: own),
        steps: min(training.steps, max(1, limit ?? .max)), gradientsPerStep: added.gradients,
        secondsPerStep: added.gradients * (secondsPerGradient + clipping) + added.seconds)
    }
    return Problem(
      name: problem.name, methods: methods, secondsPerEvaluation: secondsPerEvaluation,
      evaluations: training.evaluation.count(of: training.steps),
      secondsAtTheEnd: secondsAtTheEnd)
  }

  /// The most parameters on which an optimizer that treats each element alike is measured.
  private static let mostElements = 1 << 20
  /// The most parameters of a method that remembers a hundred gradients.
  private static let mostRemembered = 1 << 14
  /// The longest axis on which any other optimizer is measured: longer ones than this are cut, since
  /// methods of matrices treat all beyond some length alike.
  private static let longestAxis = 4096

  /// A layout on which `optimizer` costs as much for each parameter.
  private static func sample(
    of layout: ParameterLayout, for optimizer: any Optimizer
  ) -> ParameterLayout {
    if optimizer.demand.isOpen {
      return layout.count > mostRemembered
        ? ParameterLayout([("weight", [mostRemembered], .weight)]) : layout
    }
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
      parameters: Array(UnsafeBufferPointer(start: start.pointer, count: layout.count)),
      isCurved: method.optimizer.demand.isOpen)
    let most = min(steps, 200)
    var run = try TrainingRun(
      problem: given, method: method,
      plan: TrainingPlan(steps: most + 1, evaluateEvery: most + 1), seed: 0)
    let judge = OutcomeJudge(
      initialLoss: .nan, lowerBound: 0, lossUnit: 1, explosionFactor: .infinity)
    var step = 0
    var gradients: [Int64] = []
    var times: [Double] = []
    let time = seconds(within: limit, atMost: most) {
      _ = run.advance(step, judge: judge)
      step += 1
      gradients.append(run.gradientEvaluations)
      times.append(threadSeconds())
    }
    let scale = Double(problem.layout.count) / Double(max(layout.count, 1))
    guard method.optimizer.demand.isOpen, let last = gradients.last, last > gradients[step / 2 - 1]
    else { return (Double(run.gradientEvaluations) / Double(max(step, 1)), time * scale) }
    // The later steps, whose memory is fuller.
    let (late, spent) = (last - gradients[step / 2 - 1], times[step - 1] - times[step / 2 - 1])
    return (Double(late) / Double(step - step / 2), spent / Double(step - step / 2) * scale)
  }

  /// From how many steps on a trial tells how long the later steps of a run take.
  private static let longTrial = 20

  /// The gradients that a step takes of a method that decides about it as it goes, and the seconds of
  /// the step where they are known: on the problem, over the later half of as many steps as fit, for
  /// the first, the middle and the last of its runs, but for those that fail.
  private static func trial(
    of runs: [PlannedRun], in plan: ExperimentPlan, steps: Int, within limit: Double
  ) throws -> (gradients: Double, seconds: Double?) {
    let some = Set([0, runs.count / 2, runs.count - 1]).sorted().map { runs[$0] }
    var trials: [(gradients: Double, seconds: Double, steps: Int, fails: Bool)] = []
    for planned in some {
      var run = try TrainingRun(
        problem: plan.problems[planned.problem], method: plan.method(for: planned),
        plan: TrainingPlan(steps: steps + 1, evaluateEvery: steps + 1), seed: UInt64(planned.seed))
      let judge = OutcomeJudge(
        initialLoss: .nan, lowerBound: 0, lossUnit: 1, explosionFactor: .infinity)
      var gradients: [Int64] = [0]
      var times = [threadSeconds() + run.waitedSeconds]
      var fails = false
      repeat {
        fails = run.advance(gradients.count - 1, judge: judge) != nil
        if let failure = run.objectiveFailure { throw failure }
        gradients.append(run.gradientEvaluations)
        times.append(threadSeconds() + run.waitedSeconds)
      } while !fails && gradients.count <= steps
        && times[times.count - 1] - times[0] < limit / Double(some.count)
      let last = gradients.count - 1
      let late = Double(last - last / 2)
      trials.append(
        (
          Double(gradients[last] - gradients[last / 2]) / late,
          (times[last] - times[last / 2]) / late, last, fails
        ))
    }
    let whole = trials.contains { !$0.fails } ? trials.filter { !$0.fails } : trials
    func mean(_ value: (Int) -> Double) -> Double {
      whole.indices.reduce(0) { $0 + value($1) } / Double(whole.count)
    }
    let isLong = whole.allSatisfy { $0.steps >= min(longTrial, steps) }
    return (mean { whole[$0].gradients }, isLong ? mean { whole[$0].seconds } : nil)
  }

  /// The seconds of a step of plain descent with each clipping strategy, by its position; nothing where
  /// there is only one.
  private static func secondsOfClips(
    _ runs: [PlannedRun], in plan: ExperimentPlan, start: FloatBuffer
  ) throws -> [Int: Double] {
    var result: [Int: Double] = [:]
    let clippings = Set(runs.map(\.clipping)).sorted()
    guard clippings.count > 1, let first = runs.first else { return result }
    for clipping in clippings {
      var method = plan.method(for: first)
      method.optimizer = PlainDescent()
      method.clipping = plan.spec.clippings[clipping]
      result[clipping] =
        try added(
          by: method, to: plan.problems[first.problem],
          steps: plan.trainingPlans[first.problem].steps, start: start,
          within: patience / 4 / Double(clippings.count)
        ).seconds
    }
    return result
  }

  /// The mean seconds of `body` after its first call, from as many calls as fit within `limit` seconds.
  ///
  /// - Parameter waited: The seconds that it has waited for another program, which count too.
  private static func seconds(
    within limit: Double, atMost most: Int = 200, waited: () -> Double = { 0 }, _ body: () -> Void
  ) -> Double {
    body()
    let start = threadSeconds() + waited()
    var calls = 0
    repeat {
      body()
      calls += 1
    } while calls < most && threadSeconds() + waited() - start < limit
    return (threadSeconds() + waited() - start) / Double(calls)
  }

  /// The processor time of this thread: what else the machine does meanwhile does not count.
  private static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// u = −ηg, to measure what else a step costs.
private struct PlainDescent: Optimizer {
  func makeState(for layout: ParameterLayout) -> NamedArrays { .empty }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    Vector.scale(
      step.gradient, by: Float(-step.learningRate), into: step.update, count: step.count)
  }
}

extension GradientDemand {
  /// Whether the rule looks at other parameters as often as it sees fit.
  fileprivate var isOpen: Bool {
    isElsewhere && evaluations.lowerBound < evaluations.upperBound
  }
}
