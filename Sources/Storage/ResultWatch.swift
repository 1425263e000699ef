internal import Files
internal import HDF5
public import Records

/// Looks at a result while another process makes it: what is published, what is kept in journals, and what
/// the writer says. It takes no lock and writes nothing.
public struct ResultWatch {
  /// What is to be seen at one moment.
  public struct Sight: Sendable {
    /// The experiment's title, once anything says it.
    public var title: String?
    /// How the finished runs ended, published ones first, each once.
    public var ends: [RunEnd] = []
    /// The run that failed last; nil where there was none, or none since the result was published.
    public var latestFailure: RunEnd?
    /// Whether a process writes the result now.
    public var isBeingWritten = false
    /// How far that process is.
    public var writer: WriterProgress?
    /// The runs planned, as the published result or the writer says.
    public var planned: Int?
    /// Whether all planned runs are published.
    public var isComplete = false
  }

  /// The result's path.
  public let path: String
  private var sight = Sight()
  private var places: [RunKey: Int] = [:]
  /// Where the last run ended that was read of each journal.
  private var readUpTo: [String: Int] = [:]
  private var published: FileIdentity?
  private var publishedRuns = 0

  /// - Parameter path: The result file, such as `results/digits.h5`; it need not exist yet.
  public init(_ path: String) { self.path = path }

  /// Looks again.
  ///
  /// - Throws: If there is neither a result, nor journals, nor a process that makes them, or if one of
  ///   them cannot be read.
  public mutating func look() throws(StorageError) -> Sight {
    // The writer first: what it publishes after this is seen the next time.
    let lock = RunArchive.lockPath(of: path)
    let note = FileLock.note(lock)
    sight.isBeingWritten = note != nil
    sight.writer = note.flatMap { WriterProgress($0) }
    let isPublished = try lookAtResult()
    let hasJournals = try lookAtJournals()
    guard isPublished || hasJournals || sight.isBeingWritten else {
      throw StorageError(
        kind: .missing, operation: "read", file: path,
        detail: "there is no result, no journal beside it, and nobody writes it",
        advice: "start 'optbench run', or name the file that it prints")
    }
    if let planned = sight.writer?.planned { sight.planned = planned }
    if let planned = sight.planned, sight.ends.count > planned { sight.planned = sight.ends.count }
    sight.isComplete =
      isPublished && !sight.isBeingWritten && publishedRuns == sight.planned
    return sight
  }

  /// Reads the published result where it is new; says whether there is one.
  private mutating func lookAtResult() throws(StorageError) -> Bool {
    let status = try filing { () throws(FileError) in try fileIdentity(path) }
    guard let status else { return false }
    guard status != published else { return true }
    let (header, runs) = try HDF5Library.exclusively { () throws(StorageError) in
      let reader = try ExperimentReader(path)
      var ends: [RunEnd] = []
      try reader.verify { ends += $0.map { RunEnd($0) } }
      return (reader.header, ends)
    }
    published = status
    publishedRuns = runs.count
    sight.title = header.title
    sight.planned = header.plannedRuns
    for run in runs { take(run, isNew: false) }
    return true
  }

  /// Reads what was added to the journals; says whether there are any with runs.
  private mutating func lookAtJournals() throws(StorageError) -> Bool {
    let folder = "\(RunArchive.stem(of: path)).runs"
    guard let names = try? fileNames(in: folder) else { return false }
    var hasRuns = false
    for name in names.sorted() where !name.hasPrefix(".") && name.hasSuffix(".journal") {
      if Checkpoints.isName(name) {
        // Of a run that is not finished: nothing to read.
        hasRuns = true
        continue
      }
      let file = "\(folder)/\(name)"
      do throws(StorageError) {
        if try read(file) { hasRuns = true }
      } catch {
        // Published and removed, or begun, at this very moment.
        guard error.kind != .missing, error.kind != .damaged else { continue }
        throw error
      }
    }
    return hasRuns
  }

  private mutating func read(_ file: String) throws(StorageError) -> Bool {
    let found = try filing { () throws(FileError) in try fileIdentity(file) }
    guard let size = found.map({ Int($0.size) }), size > JournalFormat.startLength else {
      return false
    }
    let start = readUpTo[file] ?? JournalFormat.startLength
    guard size > start else { return true }
    var reader = try JournalReader(file, range: start..<size)
    // Damage behind the last run may be a block that is being written.
    while let item = try reader.next() {
      guard case .run(let found, let range) = item else { continue }
      readUpTo[file] = range.upperBound
      sight.title = sight.title ?? found.header.title
      take(RunEnd(found.run), isNew: true)
    }
    return true
  }

  private mutating func take(_ end: RunEnd, isNew: Bool) {
    if isNew, end.outcome.isDiverged || end.outcome == .objectiveFailed {
      sight.latestFailure = end
    }
    if let place = places[end.key] {
      sight.ends[place] = end
    } else {
      places[end.key] = sight.ends.count
      sight.ends.append(end)
    }
  }
}
