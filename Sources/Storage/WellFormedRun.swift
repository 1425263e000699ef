internal import Records

/// Traps on a record whose lists do not fit together: a mistake in the program that made it.
func requireWellFormed(_ run: RunRecord) {
  let steps = run.trajectory.steps
  let evaluations = run.evaluations
  precondition(
    run.trajectory.series.count == StepSeries.allCases.count
      && run.trajectory.series.allSatisfy { $0.count == steps }
      && run.trajectory.further.allSatisfy { $0.values.count == steps },
    "the run \(run.key.run) has series of different lengths")
  precondition(
    evaluations.values.count == EvaluationMetric.allCases.count
      && evaluations.values.allSatisfy { $0.count == evaluations.steps.count }
      && evaluations.elapsedSeconds.count == evaluations.steps.count
      && evaluations.gradientEvaluations.count == evaluations.steps.count,
    "the run \(run.key.run) has evaluations of different lengths")
  precondition(
    zip(evaluations.steps, evaluations.steps.dropFirst()).allSatisfy { $0 < $1 }
      && evaluations.gradientEvaluations.allSatisfy { $0 >= 0 },
    "the run \(run.key.run) has evaluations out of order")
  if let flight = run.flight {
    let count = flight.steps.count * flight.tensors.count
    precondition(
      flight.gradientNorm.count == count && flight.updateNorm.count == count
        && flight.parameterNorm.count == count && flight.steps.allSatisfy { $0 >= 0 },
      "the run \(run.key.run) has a flight recording of different lengths")
  }
  if let tensors = run.tensors {
    let count = steps * tensors.tensors.count
    precondition(
      tensors.gradientNorm.count == count && tensors.updateNorm.count == count
        && tensors.parameterNorm.count == count,
      "the run \(run.key.run) has a recording per tensor of different length than its steps")
  }
}
