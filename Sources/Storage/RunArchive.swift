internal import Files
internal import HDF5
public import Records
internal import Synchronization

/// An experiment's runs: in journals in `results/<experiment>.runs/` once finished, all of them as HDF5 in
/// `results/<experiment>.h5` once published.
///
/// A run is there whole or not at all, whenever the process dies. One process at a time owns an archive;
/// within it `keep` may be called from any thread.
public final class RunArchive: RunStore {
  /// The merged file's path.
  public let path: String
  /// What was found that could not be used, one sentence each: the runs concerned are done again.
  public let warnings: [String]

  private let header: ExperimentHeader
  /// Where and with what the runs are made that this process keeps.
  private let provenance: Provenance
  private let keepsJournals: Bool
  private let lock: FileLock
  private let state: Mutex<State>

  /// What is kept where.
  private struct State: ~Copyable {
    var destination: Destination
    /// The runs in the merged file, in its order.
    var merged: [RunKey]
    var folder: RunsFolder
    /// Runs kept by this process, as far as they fit: publishing need not read the journal.
    var recent = RecentRuns()
    /// Whether runs were kept since the merged file was written.
    var isChanged = false
    /// What the merged file says of itself; nil where there is none.
    var stored: ExperimentHeader?
    /// The rounds of the plan after the first.
    var later: [PlanEntry] = []

    /// The runs that are in the merged file or in the folder.
    var finished: Set<RunKey> { Set(merged).union(folder.runs.keys) }
  }

  /// Opens the archive of the experiment `header`, or creates it.
  ///
  /// - Parameters:
  ///   - path: The merged file, such as `results/digits.h5`. Folders are created.
  ///   - keepsRuns: Whether the journals stay after their runs have been published.
  /// - Throws: If another process owns the archive, if it holds runs of another spec, of other data
  ///   or of a newer format, if a file of that name is none of ours or damaged (it is never overwritten), or if
  ///   the folder cannot be written.
  public init(
    path: String, header: ExperimentHeader, keepsRuns: Bool = false
  ) throws(StorageError) {
    for problem in header.problems {
      precondition(
        !problem.name.isEmpty && problem.name != "." && !problem.name.contains("/")
          && !problem.name.hasControls,
        "'\(problem.name)' cannot name a problem: empty, a dot, with a slash or a control character"
      )
    }
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw StorageError(
        kind: .refused, operation: "write", file: "'\(path)'", detail: "it is not a file's name",
        advice: "give one such as results/name.h5 with --output")
    }
    let destination = try filing { () throws(FileError) in
      let destination = try Destination(path)
      try destination.requireFile()
      return destination
    }
    // Everything lies where the result does, whichever links lead there.
    let place = destination.path
    let stem = Self.stem(of: place)
    let lock = try filing { () throws(FileError) in
      try createFolder(folder(of: place))
      let lock = try FileLock(Self.lockPath(of: place), guarding: path)
      try WholeFile.sweep(folder(of: place), of: fileName(of: place), signature: hdf5Signature)
      return lock
    }

    var growth = Growth(to: header)
    var stored: ExperimentHeader?
    var names: [RunKey] = []
    var identities: [String] = []
    if destination.isTaken {
      let (found, merged, theirs) = try HDF5Library.exclusively { () throws(StorageError) in
        let reader = try ExperimentReader(path)
        return (reader.header, try reader.keys(), try reader.identities())
      }
      identities = theirs
      names = try growth.take(Array(zip(merged, identities)), of: found, file: path)
      stored = found
    }
    // Not before: what is refused above leaves no folder behind.
    var runs = try RunsFolder("\(stem).runs", of: &growth)
    runs.removeStaleCheckpoints(others: identities)
    var warnings = runs.warnings
    if let notice = runs.checkpoints.notice(for: header.provenance) { warnings.append(notice) }
    provenance = header.provenance
    var header = growth.header
    if let notice = growth.notice { warnings.append(notice) }
    if let stored, names.count == header.plannedRuns { header.provenance = stored.provenance }
    if let stored {
      header.keepTraces(of: stored, trained: names)
      if !names.isEmpty { header.statedClaims = stored.statedClaims }
    }
    self.path = path
    self.header = header
    self.keepsJournals = keepsRuns
    self.warnings = warnings
    self.lock = lock
    state = Mutex(
      State(destination: destination, merged: names, folder: runs, stored: stored))
  }

  public func finishedRuns() throws(StorageError) -> Set<RunKey> {
    state.withLock { $0.finished }
  }

  /// A result's path without its ending.
  static func stem(of place: String) -> String {
    place.hasSuffix(".h5") ? String(place.dropLast(3)) : place
  }

  /// The lock of who writes the result at `place`.
  static func lockPath(of place: String) -> String { "\(stem(of: place)).runs.lock" }

  /// Tells whoever watches the result how far its experiment is.
  public func say(_ progress: WriterProgress) { lock.say(progress.text) }

  /// Adds a round of runs to the plan; those that are kept already must be what it says.
  public func extend(by round: [PlanEntry]) throws(StorageError) -> Set<RunKey> {
    let known = Dictionary(header.plan.map { ($0.key, $0.identity) }) { first, _ in first }
    for entry in round {
      guard let identity = known[entry.key], identity != entry.identity else { continue }
      throw StorageError(
        kind: .otherSpec, operation: "write", file: path,
        detail: "its run '\(entry.key.run)' is not the one that is planned under this name",
        advice: "choose another file with --output, or remove this one to start over")
    }
    return state.withLock { state in
      state.later += round
      return state.finished.intersection(round.map(\.key))
    }
  }

  /// The header with all rounds of the plan: first those that are named, as they came.
  private func wholeHeader(_ later: [PlanEntry]) -> ExperimentHeader {
    guard !later.isEmpty else { return header }
    var header = header
    let planned = Set(later.map(\.key))
    header.plan =
      header.plan.filter(\.isNamed) + later
      + header.plan.filter { !$0.isNamed && !planned.contains($0.key) }
    header.plannedRuns = header.plan.count
    return header
  }

  public func runs(_ keys: [RunKey]) throws(StorageError) -> [RunRecord] {
    try state.withLock { state throws(StorageError) in
      let finished = state.finished
      let publication = Publication(
        header: wholeHeader(state.later), destination: state.destination, merged: state.merged,
        kept: state.folder.runs, recent: state.recent, order: [])
      return try HDF5Library.exclusively { () throws(StorageError) in
        try publication.runs(keys.filter { finished.contains($0) })
      }
    }
  }

  /// Keeps one finished run in the journal of this process.
  ///
  /// An empty flight recording counts as none.
  public func keep(_ run: RunRecord) throws(StorageError) {
    if let defect = run.defect { preconditionFailure(defect) }
    guard let problem = header.problems.first(where: { $0.name == run.key.problem }) else {
      preconditionFailure("the experiment has no problem '\(run.key.problem)'")
    }
    var run = run
    if run.provenance == nil { run.provenance = provenance }
    var blocks = JournalEncoder(capacity: 1 << 15)
    try blocks.add(run, of: header, problem: problem, file: path)
    try state.withLock { state throws(StorageError) in
      try state.folder.keep(run, as: blocks.bytes)
      state.recent.insert(run)
      state.isChanged = true
    }
  }

  /// Keeps a checkpoint of a run that is not finished, on the disk when this returns.
  public func keep(_ checkpoint: RunCheckpoint) throws(StorageError) {
    let identity = checkpoint.run.identity
    // Nobody could tell which run it is.
    guard !identity.isEmpty else { return }
    guard let problem = header.problems.first(where: { $0.name == checkpoint.run.key.problem })
    else {
      preconditionFailure("the experiment has no problem '\(checkpoint.run.key.problem)'")
    }
    var checkpoint = checkpoint
    checkpoint.run.provenance = provenance
    let file = try state.withLock { state throws(StorageError) in
      try state.folder.fileForCheckpoint(of: identity)
    }
    var whole = try filing { () throws(FileError) in
      try WholeFile(Destination(file), replacing: .anyFile)
    }
    let range = try checkpoint.write(to: whole, of: header, problem: problem)
    try filing { () throws(FileError) in _ = try whole.publish() }
    state.withLock { state in
      state.folder.keep(
        Checkpoints.Place(
          file: file, range: range, steps: checkpoint.run.trajectory.steps,
          dataDigest: problem.dataDigest, provenance: provenance), of: identity)
    }
  }

  /// The last whole checkpoint of the unfinished run that `run` identifies, made by this program on a machine
  /// like this one.
  public func checkpoint(of run: RunRecord) -> RunCheckpoint? {
    guard let problem = header.problems.first(where: { $0.name == run.key.problem }) else {
      return nil
    }
    let places = state.withLock { $0.folder.checkpoints.places(of: run.identity) }
    for place in places
    where place.dataDigest == problem.dataDigest
      && place.provenance.differences(from: provenance).isEmpty
    {
      if let found = try? JournalReader.checkpoint(in: place.file, at: place.range) { return found }
    }
    return nil
  }

  /// Publishes the kept runs, and those that the merged file already holds, as one file.
  ///
  /// The new file is read back and compared with its content digest before it takes the place of the
  /// old one; only then are the journals removed. Runs that `order` does not name come last.
  public func publish(order: [RunKey]) throws(StorageError) {
    precondition(Set(order).count == order.count, "a run is to be published twice")
    try state.withLock { state throws(StorageError) in
      let finished = state.finished
      let named = order.filter { finished.contains($0) }
      let rest = finished.subtracting(named).sorted { ($0.problem, $0.run) < ($1.problem, $1.run) }
      let header = wholeHeader(state.later)
      let publication = Publication(
        header: header, destination: state.destination, merged: state.merged,
        kept: state.folder.runs, recent: state.recent, order: named + rest)
      // The experiment file may have grown, or a title or a published figure been edited: the new
      // file takes it over, and leaves it said with what the runs were made.
      let saysOtherwise =
        state.stored.map {
          $0.spec != header.spec || (!$0.plan.isEmpty && $0.plan != header.plan)
        } ?? true
      try HDF5Library.exclusively { () throws(StorageError) in
        if state.isChanged || saysOtherwise || publication.order != state.merged
          || !state.destination.isTaken
        {
          state.destination = try publication.write()
        } else if !keepsJournals, !state.folder.runs.isEmpty {
          // What a crash left between publishing and removing.
          try ExperimentReader(path).verify()
        }
      }
      state.merged = publication.order
      state.recent = RecentRuns()
      state.isChanged = false
      state.stored = header
      if !keepsJournals { try state.folder.removeFiles() }
    }
  }

  /// Removes the result and its journals, whose runs are kept elsewhere; what unfinished runs go on from stays.
  func remove() throws(StorageError) {
    try state.withLock { state throws(StorageError) in
      try filing { () throws(FileError) in try removeFile(state.destination.path) }
      state.merged = []
      try state.folder.removeFiles()
    }
  }

  /// Reads a whole result file and compares it with its content digest.
  public static func read(_ path: String) throws(StorageError) -> ExperimentRecord {
    try HDF5Library.exclusively { () throws(StorageError) in
      let reader = try ExperimentReader(path)
      var runs: [RunRecord] = []
      try reader.verify { runs += $0 }
      return ExperimentRecord(header: reader.header, runs: runs)
    }
  }

  /// Reads the finished runs of a run journal, and what damage there is in it.
  package static func readJournal(
    _ path: String
  ) throws(StorageError) -> (runs: [RunRecord], damage: [StorageError]) {
    var reader = try JournalReader(path)
    var runs: [RunRecord] = []
    var damage: [StorageError] = []
    while let item = try reader.next() {
      switch item {
      case .run(let found, _): runs.append(found.run)
      case .unfinished: break
      case .damage(let error): damage.append(error)
      }
    }
    return (runs, damage)
  }

  /// Reads what a result file holds besides its runs.
  public static func readSummary(_ path: String) throws(StorageError) -> ExperimentSummary {
    try HDF5Library.exclusively { () throws(StorageError) in
      let reader = try ExperimentReader(path)
      return ExperimentSummary(
        header: reader.header, runsPerProblem: reader.runCounts,
        contentDigest: reader.contentDigest)
    }
  }

  /// What `init` would find in the merged file at `path`: the planned runs that it holds, and what to
  /// say of others. Writes nothing.
  ///
  /// - Throws: If `init` would refuse the file.
  public static func preview(
    path: String, header: ExperimentHeader
  ) throws(StorageError) -> (finished: Int, notice: String?) {
    let destination = try filing { () throws(FileError) in
      let destination = try Destination(path)
      try destination.requireFile()
      return destination
    }
    let place = destination.path
    guard
      !FileLock.isHeld(lockPath(of: place))
    else {
      throw StorageError(
        kind: .inUse, operation: "write", file: path, detail: "another process is writing it",
        advice: "wait until it has finished, stop it, or choose another file with --output")
    }
    guard destination.isTaken else { return (0, nil) }
    let (found, merged, identities) = try HDF5Library.exclusively { () throws(StorageError) in
      let reader = try ExperimentReader(path)
      return (reader.header, try reader.keys(), try reader.identities())
    }
    var growth = Growth(to: header)
    let names = try growth.take(Array(zip(merged, identities)), of: found, file: path)
    return (names.count - growth.unnamed.count, growth.notice)
  }

  /// The version of the HDF5 library in use.
  public static var hdf5Version: String { HDF5Library.version }
}
