internal import Files
internal import HDF5
internal import Records

/// The folder beside a result in which finished runs are kept until they are published: journals, and, of
/// earlier releases, HDF5 files of one run each.
///
/// A process appends to a journal of its own, the first that is new; others are only read. A run is out of
/// the process once it is kept, so that no end of the process loses it. On the disk it is at once if it took
/// a second or more; shorter ones are synchronised together, once a second, as waiting for the disk would
/// take longer than they do.
struct RunsFolder: ~Copyable {
  let path: String
  private(set) var runs: [RunKey: KeptRun] = [:]
  /// The runs that are not finished and can go on.
  private(set) var checkpoints = Checkpoints()
  /// What was found that could not be used, one sentence each.
  private(set) var warnings: [String] = []
  /// The files of this program: read or written.
  private var files: [String] = []
  /// Of the finished runs found here.
  private var identities: Set<String> = []
  private var journal: AppendedFile?
  private var synchronized = ContinuousClock.now

  private static let longRun = 1.0

  /// Opens the folder, creating it where it is missing, and reads every run in it.
  ///
  /// - Parameter growth: Takes the runs in.
  /// - Throws: If a run belongs to another experiment, to other data, or has a newer format.
  init(_ path: String, of growth: inout Growth) throws(StorageError) {
    self.path = path
    let names = try filing { () throws(FileError) in
      try createFolder(path)
      try WholeFile.sweep(path, signature: hdf5Signature)
      try WholeFile.sweep(path, signature: JournalFormat.signature)
      return try fileNames(in: path)
    }
    for name in names where !name.hasPrefix(".") {
      let file = "\(path)/\(name)"
      do {
        if name.hasSuffix(".h5") {
          try takeFile(file, of: &growth)
        } else if name.hasSuffix(Self.ending) {
          try takeJournal(file, of: &growth)
        }
      } catch {
        guard [.damaged, .foreign, .unsealed].contains(error.kind) else { throw error }
        warn(error)
        if error.kind != .foreign { files.append(file) }
      }
    }
  }

  deinit {
    try? journal?.synchronize()
    removeFolderIfEmpty(path)
  }

  private static let ending = ".journal"

  private mutating func warn(_ error: StorageError) {
    warnings.append("\(error); the run is done again")
  }

  private mutating func takeFile(
    _ file: String, of growth: inout Growth
  ) throws(StorageError) {
    let (header, run) = try HDF5Library.exclusively { () throws(StorageError) in
      let reader = try ExperimentReader(file)
      return (reader.header, try reader.verifiedRun())
    }
    let key = try growth.take(run, of: header, file: file)
    runs[key] = KeptRun(place: .file(file), shape: ProblemShape(run))
    identities.insert(run.identity)
    files.append(file)
  }

  private mutating func takeJournal(
    _ file: String, of growth: inout Growth
  ) throws(StorageError) {
    var reader = try JournalReader(file)
    if reader.isEmpty {
      // Its writer died before its first run was finished.
      return try filing { () throws(FileError) in try removeFile(file) }
    }
    files.append(file)
    while let item = try reader.next() {
      switch item {
      case .damage(let error): warn(error)
      case .run(let found, let range):
        let key = try growth.take(found.run, of: found.header, file: file)
        runs[key] = KeptRun(place: .journal(file, range), shape: ProblemShape(found.run))
        identities.insert(found.run.identity)
      case .unfinished(let found, let steps, let range):
        checkpoints.add(
          Checkpoints.Place(
            file: file, range: range, steps: steps,
            dataDigest: found.header.problems[0].dataDigest, provenance: found.header.provenance),
          of: found.run.identity)
      }
    }
  }

  /// Keeps a finished run.
  ///
  /// - Parameter blocks: Its blocks.
  mutating func keep(_ run: RunRecord, as blocks: [UInt8]) throws(StorageError) {
    let file = try openJournal()
    let range: Range<Int>?
    do throws(FileError) {
      range = try journal?.append(blocks)
      try synchronize(after: run.wallSeconds)
    } catch {
      removeJournalWithoutRuns()
      throw StorageError(error)
    }
    guard let range else { return }
    runs[run.key] = KeptRun(place: .journal(file, range), shape: ProblemShape(run))
    removeCheckpoints(of: run.identity)
  }

  /// The file for the next checkpoint of a run.
  func fileForCheckpoint(of identity: String) throws(StorageError) -> String {
    try filing { () throws(FileError) in try createFolder(path) }
    return checkpoints.nextName(of: identity, in: path)
  }

  /// Takes note of a checkpoint that was written to its file.
  mutating func keep(_ checkpoint: Checkpoints.Place, of identity: String) {
    checkpoints.add(checkpoint, of: identity)
    if !files.contains(checkpoint.file) { files.append(checkpoint.file) }
  }

  /// Removes what runs left that were finished since: those found here, and `others`.
  mutating func removeStaleCheckpoints(others: [String]) {
    for identity in identities.union(others) { removeCheckpoints(of: identity) }
  }

  private mutating func removeCheckpoints(of identity: String) {
    for file in checkpoints.remove(of: identity) {
      let holdsRuns = runs.values.contains { $0.place.file == file }
      guard !holdsRuns else { continue }
      files.removeAll { $0 == file }
      try? removeFile(file)
    }
  }

  private mutating func synchronize(after seconds: Double) throws(FileError) {
    let now = ContinuousClock.now
    guard seconds >= Self.longRun || now - synchronized >= .seconds(Self.longRun) else { return }
    try journal?.synchronize()
    synchronized = now
  }

  /// The journal of this process, created where there is none or somebody has removed it.
  private mutating func openJournal() throws(StorageError) -> String {
    if let path = journal?.path, journal?.isNamed == true { return path }
    return try filing { () throws(FileError) in
      try createFolder(path)
      let numbers = try fileNames(in: path).filter { $0.hasSuffix(Self.ending) }
        .compactMap { Int($0.dropLast(Self.ending.count)) }
      let file = "\(path)/\((numbers.max() ?? 0) + 1)\(Self.ending)"
      var start = JournalEncoder()
      start.addStart()
      journal = try AppendedFile(creating: file)
      do throws(FileError) {
        _ = try journal?.append(start.bytes)
        try Files.synchronize(path)
      } catch {
        removeJournalWithoutRuns()
        throw error
      }
      files.append(file)
      return file
    }
  }

  private mutating func removeJournalWithoutRuns() {
    guard let file = journal?.path, journal?.size ?? 0 <= JournalFormat.startLength else { return }
    journal = nil
    files.removeAll { $0 == file }
    try? removeFile(file)
  }

  /// Removes the files of this program, whose runs are published, but for those from which unfinished
  /// ones can go on.
  mutating func removeFiles() throws(StorageError) {
    journal = nil
    runs = [:]
    let kept = files.filter { checkpoints.use($0) }
    files.removeAll { checkpoints.use($0) }
    while let file = files.popLast() {
      try filing { () throws(FileError) in try removeFile(file) }
    }
    files = kept
    removeFolderIfEmpty(path)
  }
}

/// A finished run that is not yet published.
struct KeptRun: Sendable {
  enum Place: Sendable {
    /// A part of a journal.
    case journal(String, Range<Int>)
    /// An HDF5 file of its own.
    case file(String)

    var file: String {
      switch self {
      case .journal(let file, _), .file(let file): file
      }
    }
  }

  let place: Place
  let shape: ProblemShape

  /// Reads the run; to be called within `HDF5Library.exclusively`.
  func record() throws(StorageError) -> RunRecord {
    switch place {
    case .journal(let path, let range): try JournalReader.run(in: path, at: range)
    case .file(let path): try ExperimentReader(path).verifiedRun()
    }
  }
}
