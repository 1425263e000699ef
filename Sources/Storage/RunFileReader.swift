internal import Records

/// What stands in a run's own file.
struct FoundRun: Sendable {
  let key: RunKey
  let file: RunArchive.RunFile
}

/// Reads the run file at `path` and checks every value of it; a damaged one is a failure that is
/// returned, because the run can be done again. To be called within `HDF5Library.exclusively`.
///
/// - Throws: If the file belongs to another spec, to other data, or has a newer format.
func readRunFile(
  _ path: String, of header: ExperimentHeader
) throws(StorageError) -> Result<FoundRun, StorageError> {
  do {
    let reader = try ExperimentReader(path)
    try requireSameSpec(reader.header, as: header, file: path)
    try requireSameProblems(reader.header, as: header, file: path)
    let run = try reader.verifiedRun()
    return .success(
      FoundRun(key: run.key, file: RunArchive.RunFile(path: path, shape: ProblemShape(run))))
  } catch {
    guard [.damaged, .foreign, .unsealed].contains(error.kind) else { throw error }
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
