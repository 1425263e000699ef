internal import Records

/// What stands in a run's own file.
struct FoundRun: Sendable {
  let key: RunKey
  let file: RunArchive.RunFile
}

/// Reads the run file at `path` and checks every value of it; a damaged one is a failure that is
/// returned, because the run can be done again. To be called within `HDF5Library.exclusively`.
///
/// - Throws: If the file belongs to another spec or has a newer format.
func readRunFile(
  _ path: String, of header: ExperimentHeader
) throws(StorageError) -> Result<FoundRun, StorageError> {
  do {
    let reader = try ExperimentReader(path)
    try requireSameSpec(reader.header, as: header, file: path)
    let run = try reader.verifiedRun()
    return .success(
      FoundRun(key: run.key, file: RunArchive.RunFile(path: path, shape: ProblemShape(run))))
  } catch {
    guard error.kind == .damaged || error.kind == .foreign else { throw error }
    return .failure(error)
  }
}

/// Throws if the file was written for another spec than `header`.
func requireSameSpec(
  _ found: ExperimentHeader, as header: ExperimentHeader, file: String
) throws(StorageError) {
  guard found.specDigest != header.specDigest else { return }
  throw StorageError(
    kind: .otherSpec, operation: "write", file: file,
    detail: "it holds another experiment, '\(found.title)' (spec \(found.specDigest.prefix(12))), "
      + "than '\(header.title)' (spec \(header.specDigest.prefix(12)))",
    advice: "choose another file with --output, or remove this one to start over")
}

/// Traps on a record whose lists do not fit together: a mistake in the program that made it.
func requireWellFormed(_ run: RunRecord) {
  let steps = run.trajectory.steps
  let evaluations = run.evaluations
  precondition(
    run.trajectory.series.count == StepSeries.allCases.count
      && run.trajectory.series.allSatisfy { $0.count == steps },
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
