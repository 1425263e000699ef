internal import Records

/// Traps on a record whose lists do not fit together: a mistake in the program that made it.
func requireWellFormed(_ run: RunRecord) {
  for kind in RecordingKind.all {
    guard let recording = kind.recording(run) else { continue }
    let count = recording.steps.count * (kind.isPerTensor ? recording.tensors.count : 1)
    precondition(
      recording.series.allSatisfy { $0.numbers.count == count },
      "the run \(run.key.run) has series of different lengths in its \(kind.label)")
    precondition(
      zip(recording.steps, recording.steps.dropFirst()).allSatisfy { $0 < $1 }
        && recording.steps.allSatisfy { $0 >= 0 },
      "the run \(run.key.run) has \(kind.label) out of order")
    precondition(
      kind.rows != .steps || recording.steps.count == run.trajectory.steps,
      "the run \(run.key.run) has \(kind.label) of another length than its steps")
  }
  precondition(
    run.trajectory.series.count == StepSeries.allCases.count
      && run.evaluations.values.count == EvaluationMetric.allCases.count
      && run.evaluations.gradientEvaluations.allSatisfy { $0 >= 0 },
    "the run \(run.key.run) lacks series or counts")
}
