internal import Records

/// What stands in a run's own file.
struct FoundRun: Sendable {
  let key: RunKey
  let file: RunArchive.RunFile
}

/// Reads the run file at `path` and checks every value of it; a damaged one is a failure that is
/// returned, because the run can be done again. To be called within `HDF5Library.exclusively`.
///
/// - Parameter growth: Takes the run in.
/// - Throws: If the file belongs to another experiment, to other data, or has a newer format.
func readRunFile(
  _ path: String, of growth: inout Growth
) throws(StorageError) -> Result<FoundRun, StorageError> {
  do {
    let reader = try ExperimentReader(path)
    let run = try reader.verifiedRun()
    let key = try growth.take(run, of: reader.header, file: path)
    return .success(
      FoundRun(key: key, file: RunArchive.RunFile(path: path, shape: ProblemShape(run))))
  } catch {
    guard [.damaged, .foreign, .unsealed].contains(error.kind) else { throw error }
    return .failure(error)
  }
}
