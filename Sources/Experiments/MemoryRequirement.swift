internal import Foundation
internal import Problems
internal import Processes
internal import Tensors

extension ExperimentPlan {
  /// Throws if the machine's memory cannot hold the runs that train at the same time.
  ///
  /// It counts what every run takes whatever its method: five vectors of the parameters' size, and
  /// what is recorded at each step. What passes may still need more.
  ///
  /// - Parameters:
  ///   - jobs: Runs trained at the same time.
  ///   - available: The memory in bytes; by default all that the process may have.
  public func requireMemory(
    jobs: Int, available: Double? = nil
  ) throws(PlanError) {
    let available = available ?? AvailableMemory.bytes
    for (problem, training) in zip(problems, trainingPlans) {
      let vectors = 5 * 4 * Double(problem.layout.count)
      let tensors = training.recordsTensors ? problem.layout.tensors.count : 0
      let recorded = Double(training.steps) * Double(StepRecorder.bytesPerStep(tensors: tensors))
      guard Double(jobs) * (vectors + recorded) > available else { continue }
      throw PlanError(
        "problem '\(problem.name)': a run needs at least \(Self.gigabytes(vectors + recorded)) of "
          + "memory (model \(Self.gigabytes(vectors)), record \(Self.gigabytes(recorded))), with "
          + "\(jobs) at a time \(Self.gigabytes(Double(jobs) * (vectors + recorded))), but this "
          + "machine has \(Self.gigabytes(available)); use fewer --jobs, a smaller model or a smaller "
          + "budget.steps")
    }
  }

  private static func gigabytes(_ bytes: Double) -> String {
    String(format: "%.2f GB", bytes / 1e9)
  }
}
