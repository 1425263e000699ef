internal import HDF5
internal import Records

/// Writes a whole result file at `path`, asking for the runs block by block, so that no more than
/// one block need be in memory. To be called within `HDF5Library.exclusively`.
///
/// - Parameters:
///   - name: The file's name for error messages: `path` may be temporary.
///   - shapes: What the runs of each of the header's problems recorded.
///   - runCounts: The number of runs of each problem.
///   - deflate: The level at which trajectories are deflated.
///   - runs: Gives the runs in some rows of the problem at an index.
func writeExperiment(
  to path: String, named name: String, header: ExperimentHeader, shapes: [ProblemShape],
  runCounts: [Int], deflate: Int,
  runs: (_ problem: Int, _ rows: Range<Int>) throws(StorageError) -> [RunRecord]
) throws(StorageError) {
  var header = header
  var origins: [Provenance] = []
  for origin in shapes.flatMap(\.origins) where !origins.contains(origin) {
    origins.append(origin)
  }
  // Whoever publishes need not have made a run.
  if origins.count == 1 { header.provenance = origins[0] }
  let file = try writing(name) { () throws(HDF5Error) in try HDF5File.create(path) }
  var digest = ExperimentDigest(header)
  let writers = header.problems.indices.map { index in
    ProblemWriter(
      problem: header.problems[index], shape: shapes[index], origins: origins, deflate: deflate)
  }
  try writing(name) { () throws(HDF5Error) in
    let root = try file.root()
    try HeaderAttributes.write(header, to: root)
    for (writer, count) in zip(writers, runCounts) {
      try writer.createGroup(in: root, hasRuns: count > 0)
    }
    try PlanGroup.write(header.plan, to: root)
    try ProvenanceGroup.write(origins, to: root)
    try UpdateTraceGroup.write(header.updateTraces, to: root)
    try root.close()
  }
  for (index, writer) in writers.enumerated() {
    for block in RunBlock.all(of: runCounts[index]) {
      let records = try runs(index, block.rows)
      let digests = records.map(\.contentDigest)
      for runDigest in digests { digest.add(runDigest: runDigest) }
      try writing(name) { () throws(HDF5Error) in
        try writer.write(records, digests: digests, block: block, in: file.root())
      }
    }
  }
  let contentDigest = digest.finish()
  try writing(name) { () throws(HDF5Error) in
    let root = try file.root()
    try root.setAttribute(HeaderAttributes.contentDigest, contentDigest)
    try root.setAttribute(
      HeaderAttributes.nameDigest, nameDigest(of: header.name, contentDigest: contentDigest))
    try root.close()
  }
  do {
    try file.close()
  } catch {
    throw StorageError(writing: error, file: name)
  }
}
