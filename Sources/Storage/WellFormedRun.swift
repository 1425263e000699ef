internal import Records

extension RunRecord {
  /// What does not fit together in the record; nil where all does. In one that this program made it is a
  /// mistake of the program, in one that was read a mistake of its writer.
  var defect: String? {
    for kind in RecordingKind.all {
      guard let recording = kind.recording(self) else { continue }
      let count = recording.steps.count * (kind.isPerTensor ? recording.tensors.count : 1)
      if !recording.series.allSatisfy({ $0.numbers.count == count }) {
        return "the run \(key.run) has series of different lengths in its \(kind.label)"
      }
      if !zip(recording.steps, recording.steps.dropFirst()).allSatisfy({ $0 < $1 })
        || !recording.steps.allSatisfy({ $0 >= 0 })
      {
        return "the run \(key.run) has \(kind.label) out of order"
      }
      if kind.rows == .steps, recording.steps.count != trajectory.steps {
        return "the run \(key.run) has \(kind.label) of another length than its steps"
      }
    }
    let isWhole =
      trajectory.series.count == StepSeries.allCases.count
      && evaluations.values.count == EvaluationMetric.allCases.count
      && evaluations.gradientEvaluations.allSatisfy { $0 >= 0 }
    return isWhole ? nil : "the run \(key.run) lacks series or counts"
  }
}
