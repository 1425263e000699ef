internal import LinearAlgebra
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
    /// What a run adds at its end, on the average, where the test split is read only there.
    public let secondsAtTheEnd: Double

    public var runs: Int { methods.reduce(0) { $0 + $1.runs } }

    /// The seconds that all runs take on one core.
    public var seconds: Double {
      methods.reduce(0) { sum, method in
        sum + Double(method.runs)
          * (Double(method.steps) * method.secondsPerStep
            + Double(evaluations) * secondsPerEvaluation + secondsAtTheEnd)
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
}
