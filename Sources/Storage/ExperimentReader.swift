internal import Files
internal import HDF5
internal import Records

/// An open result file of this format, merged or of one run.
///
/// To be made, used and released within one `HDF5Library.exclusively`.
struct ExperimentReader: ~Copyable {
  let header: ExperimentHeader
  /// The digest that was stored when the file was written.
  let contentDigest: String
  /// The runs of each problem, in the header's order.
  let runCounts: [Int]
  /// What the runs of each problem recorded.
  let shapes: [ProblemShape]
  private let path: String
  private let file: HDF5File

  /// Opens the file at `path` and reads what it holds besides the runs.
  ///
  /// - Parameter isSealed: Whether it must have its seal: a file without one may make the HDF5
  ///   library crash.
  init(_ path: String, isSealed: Bool = true) throws(StorageError) {
    let file = try openExperiment(path, isSealed: isSealed)
    let contents = try reading(path) { () throws(HDF5Error) in try Contents(file) }
    guard ExperimentHeader.isName(contents.header.name) else {
      throw StorageError(
        kind: .damaged, operation: "read", file: path,
        detail: "its name '\(contents.header.name.prefix(80).escapingControls)' cannot name an "
          + "experiment; allowed: letters, digits, '-', '_' and '.'", advice: damagedAdvice)
    }
    guard
      contents.nameDigest.map({
        $0 == nameDigest(of: contents.header.name, contentDigest: contents.digest)
      }) ?? true
    else {
      throw StorageError(
        kind: .damaged, operation: "read", file: path,
        detail: "its name does not match its digest: it was changed after it was written",
        advice: damagedAdvice)
    }
    header = contents.header
    contentDigest = contents.digest
    runCounts = contents.runCounts
    shapes = contents.shapes
    self.path = path
    self.file = file
  }

  /// The keys of the stored runs, in their order.
  func keys() throws(StorageError) -> [RunKey] {
    try reading(path) { () throws(HDF5Error) in
      let root = try file.root()
      var keys: [RunKey] = []
      for problem in header.problems {
        let group = try root.group(problem.name)
        keys += try ProblemReader.keys(of: group, problem: problem.name)
      }
      return keys
    }
  }

  /// The identities of the stored runs, in their order; empty texts in files that lack them.
  func identities() throws(StorageError) -> [String] {
    try reading(path) { () throws(HDF5Error) in
      let root = try file.root()
      var identities: [String] = []
      for (problem, count) in zip(header.problems, runCounts) {
        let group = try root.group(problem.name)
        identities +=
          try group.contains(RunColumn.identity)
          ? group.texts(RunColumn.identity, rows: 0..<count)
          : Array(repeating: "", count: count)
      }
      return identities
    }
  }

  /// The runs in `rows` of the problem at `index`.
  func runs(ofProblem index: Int, rows: Range<Int>) throws(StorageError) -> [RunRecord] {
    try reading(path) { () throws(HDF5Error) in
      let name = header.problems[index].name
      let group = try file.root().group(name)
      return try ProblemReader.runs(of: group, problem: name, shape: shapes[index], rows: rows)
    }
  }

  /// Reads every run, block by block, and throws if any differs from what was written: a
  /// checksum covers only what lies in chunks, the content digest all that is reproducible.
  func verify(_ body: ([RunRecord]) -> Void = { _ in }) throws(StorageError) {
    var digest = ExperimentDigest(header)
    for (index, problem) in header.problems.enumerated() {
      for block in RunBlock.all(of: runCounts[index]) {
        let runs = try runs(ofProblem: index, rows: block.rows)
        let stored = try reading(path) { () throws(HDF5Error) in
          try ProblemReader.digests(of: file.root().group(problem.name), rows: block.rows)
        }
        for (run, stored) in zip(runs, stored) {
          let found = run.contentDigest
          guard found == stored else {
            throw damaged(object: "/\(problem.name)", "the run \(run.key.run)")
          }
          digest.add(runDigest: found)
        }
        body(runs)
      }
    }
    guard digest.finish() == contentDigest else { throw damaged(object: "", "the experiment") }
  }

  /// The run in a row of the problem at `index`, compared with its digest.
  func intactRun(ofProblem index: Int, row: Int) throws(StorageError) -> RunRecord {
    let problem = header.problems[index].name
    let stored = try reading(path) { () throws(HDF5Error) in
      try ProblemReader.digests(of: file.root().group(problem), rows: row..<row + 1)
    }
    let runs = try runs(ofProblem: index, rows: row..<row + 1)
    guard runs.count == 1, [runs[0].contentDigest] == stored else {
      throw damaged(object: "/\(problem)", "the run in row \(row)")
    }
    return runs[0]
  }

  /// Throws unless what the file says of the experiment, its problems and the digests of its runs is what
  /// was written.
  func verifyHeader() throws(StorageError) {
    var digest = ExperimentDigest(header)
    for (index, problem) in header.problems.enumerated() {
      let stored = try reading(path) { () throws(HDF5Error) in
        try ProblemReader.digests(
          of: file.root().group(problem.name), rows: 0..<runCounts[index])
      }
      for run in stored { digest.add(runDigest: run) }
    }
    guard digest.finish() == contentDigest else { throw damaged(object: "", "the experiment") }
  }

  /// The only run of a run's own file, verified.
  func verifiedRun() throws(StorageError) -> RunRecord {
    var runs: [RunRecord] = []
    if runCounts == [1] { try verify { runs += $0 } }
    guard let run = runs.first else {
      throw StorageError(
        kind: .damaged, operation: "read", file: path,
        detail: "it holds \(runCounts.reduce(0, +)) runs instead of one", advice: damagedAdvice)
    }
    return run
  }

  private func damaged(object: String, _ part: String) -> StorageError {
    StorageError(
      kind: .damaged, operation: "read", file: path, object: object,
      detail: "\(part) does not match its content digest: the file is damaged",
      advice: damagedAdvice)
  }
}

/// What a file holds besides the runs themselves.
private struct Contents {
  let header: ExperimentHeader
  let digest: String
  let nameDigest: String?
  var runCounts: [Int] = []
  var shapes: [ProblemShape] = []

  init(_ file: borrowing HDF5File) throws(HDF5Error) {
    let root = try file.root()
    header = try HeaderAttributes.read(root)
    let origins = header.origins.isEmpty ? [header.provenance] : header.origins
    digest = try root.textAttribute(HeaderAttributes.contentDigest)
    nameDigest =
      try root.hasAttribute(HeaderAttributes.nameDigest)
      ? root.textAttribute(HeaderAttributes.nameDigest) : nil
    for problem in header.problems {
      var contents = try ProblemReader.contents(of: root.group(problem.name))
      runCounts.append(contents.runs)
      if contents.runs > 0 { contents.shape.origins = origins }
      shapes.append(contents.shape)
    }
  }
}

/// Opens the file at `path` if it is one that this program can read; says what it is otherwise.
private func openExperiment(_ path: String, isSealed: Bool) throws(StorageError) -> HDF5File {
  func refusal(
    _ kind: StorageError.Kind, _ detail: String, _ advice: String
  ) -> StorageError {
    StorageError(kind: kind, operation: "read", file: path, detail: detail, advice: advice)
  }
  let kind = try filing { () throws(FileError) in try fileKind(path) }
  switch kind {
  case .missing:
    throw refusal(.missing, "there is no such file", "check the path, or run the experiment")
  case .folder: throw refusal(.foreign, "it is a folder", "give the .h5 file")
  default: break
  }
  let (start, seal) = try filing { () throws(FileError) in
    let file = try PlainFile(path)
    return (
      try file.bytes(from: 0, count: hdf5Signature.count), try FileSeal.check(file)
    )
  }
  guard start != JournalFormat.signature else {
    throw refusal(
      .foreign, "it is a run journal, not a result",
      "run its experiment again: what is finished is taken over")
  }
  guard start == hdf5Signature else {
    throw refusal(
      .foreign, "it is not an HDF5 file",
      "give a file that optbench has written, or remove this one")
  }
  let isIntact = isSealed ? try seal.get() : true
  guard isIntact else {
    throw refusal(
      .unsealed, "it has no seal at its end: it was cut off, or another program has written to it",
      "'optbench repair \(path)' checks it and seals it again")
  }
  let file = try openHDF5(path)
  let version: Int32?
  do {
    version = try formatVersion(of: file)
  } catch {
    throw StorageError(reading: error, file: path)
  }
  guard let version else {
    throw refusal(
      .foreign, "it is an HDF5 file, but not an optbench experiment",
      "give a file that optbench has written, or choose another name with --output")
  }
  guard version >= 1, version <= ExperimentHeader.formatVersion else {
    throw refusal(
      .newerFormat,
      "its format version is \(version); this program reads up to "
        + "\(ExperimentHeader.formatVersion)", "use a newer optbench")
  }
  return file
}

/// The version of the format; nil if the file has another format.
private func formatVersion(of file: borrowing HDF5File) throws(HDF5Error) -> Int32? {
  let root = try file.root()
  guard try root.hasAttribute("format"),
    try root.textAttribute("format") == HeaderAttributes.format
  else { return nil }
  return try root.attribute("format_version", as: Int32.self)
}

private func openHDF5(_ path: String) throws(StorageError) -> HDF5File {
  do {
    return try HDF5File.open(path)
  } catch {
    throw StorageError(
      kind: .damaged, operation: "read", file: path,
      detail: "it is truncated or damaged (\(error.detail))", advice: damagedAdvice)
  }
}

/// The first bytes of every HDF5 file without a user block.
let hdf5Signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
