internal import Records

/// Throws if the file's runs were made with a problem that is not what `header` says now: with other
/// data, although the experiment file is the same, or with another definition.
///
/// Two problems are the same if their digests are, and the digests of their data where both are known:
/// results from before that digest was stored go on as long as the problem's digest is the same.
func requireSameProblems(
  _ found: ExperimentHeader, as header: ExperimentHeader, file: String
) throws(StorageError) {
  for stored in found.problems {
    guard let problem = header.problems.first(where: { $0.name == stored.name }) else { continue }
    let knowsData = !stored.dataDigest.isEmpty && !problem.dataDigest.isEmpty
    let hasSameData = stored.dataDigest == problem.dataDigest
    guard stored.digest != problem.digest || knowsData && !hasSameData else { continue }
    let isDefinition = problem.dataPlace.isEmpty || knowsData && hasSameData
    let place = problem.dataPlace
    let subject =
      if isDefinition {
        "the definition of the problem '\(problem.name)' has changed since its runs were made"
      } else if knowsData {
        "\(place), the data of the problem '\(problem.name)', has changed since its runs were made"
      } else {
        "\(place), the data of the problem '\(problem.name)', or its definition has changed since its "
          + "runs were made"
      }
    let digests =
      isDefinition || !knowsData
      ? (then: stored.digest, now: problem.digest)
      : (then: stored.dataDigest, now: problem.dataDigest)
    var detail = "\(subject): digest \(digests.then.prefix(12)) then, \(digests.now.prefix(12)) now"
    if stored.summary != problem.summary {
      detail += " (then \(stored.summary); now \(problem.summary))"
    }
    throw StorageError(
      kind: .otherProblem, operation: "write", file: file, detail: detail,
      advice: isDefinition
        ? "choose another file with --output, or go on with the program that made the runs"
        : "choose another file with --output, or restore the data: runs of different data are never "
          + "mixed")
  }
}
