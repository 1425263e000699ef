internal import Records

/// How an experiment goes on in a file that holds runs already: finished runs are those that are
/// determined as the plan says now, and runs that it no longer names stay.
struct Growth {
  /// The header of the grown file: with the problems and runs that only the file names.
  private(set) var header: ExperimentHeader
  /// The runs that only the file names.
  private(set) var unnamed: [RunKey] = []
  private let planned: [RunKey: PlanEntry]
  /// The planned runs that are determined in a way.
  private let byIdentity: [Determination: [RunKey]]
  private var taken: Set<RunKey> = []
  /// The runs in `unnamed`.
  private var known: Set<RunKey> = []

  private struct Determination: Hashable {
    let problem: String
    let identity: String
  }

  /// - Parameter header: What the experiment file says now.
  init(to header: ExperimentHeader) {
    self.header = header
    planned = Dictionary(header.plan.map { ($0.key, $0) }) { first, _ in first }
    byIdentity = Dictionary(
      grouping: header.plan, by: { Determination(problem: $0.key.problem, identity: $0.identity) }
    ).mapValues { $0.map(\.key) }
  }

  /// Takes in a merged file's runs with their identities.
  ///
  /// - Returns: What each of them is called now.
  /// - Throws: If the file holds another experiment, or runs that are determined otherwise.
  mutating func take(
    _ runs: [(RunKey, String)], of stored: ExperimentHeader, file: String
  ) throws(StorageError) -> [RunKey] {
    let isSame = stored.specDigest == header.specDigest
    // A file that does not say what determined its runs goes on only as what it was.
    guard isSame || (stored.name == header.name && !stored.plan.isEmpty && !header.plan.isEmpty)
    else { throw otherExperiment(stored, file) }
    try requireProblems(of: stored, isSame: isSame, file)
    let entries = Dictionary(stored.plan.map { ($0.key, $0) }) { first, _ in first }
    // First those that are called as before.
    for (key, identity) in runs where planned[key]?.identity == identity { taken.insert(key) }
    var names: [RunKey] = []
    for (key, identity) in runs {
      let name = try name(of: key, identity, isSame: isSame, stored, file)
      names.append(name ?? key)
      guard name == nil, !header.plan.isEmpty else { continue }
      guard var entry = entries[key] else { throw otherExperiment(stored, file) }
      entry.isNamed = false
      keep(entry)
    }
    return names
  }

  /// Takes in the run of a file of its own.
  ///
  /// - Returns: What it is called now.
  mutating func take(
    _ run: RunRecord, of stored: ExperimentHeader, file: String
  ) throws(StorageError) -> RunKey {
    let isSame = stored.specDigest == header.specDigest
    guard isSame || (stored.name == header.name && !run.identity.isEmpty && !header.plan.isEmpty)
    else { throw otherExperiment(stored, file) }
    try requireProblems(of: stored, isSame: isSame, file)
    if let name = try name(of: run.key, run.identity, isSame: isSame, stored, file) { return name }
    if !header.plan.isEmpty, !known.contains(run.key) {
      keep(PlanEntry(unnamed: run))
    }
    return run.key
  }

  /// Takes in the problems, which must be what they were.
  private mutating func requireProblems(
    of stored: ExperimentHeader, isSame: Bool, _ file: String
  ) throws(StorageError) {
    for problem in stored.problems {
      guard let now = header.problems.first(where: { $0.name == problem.name }) else {
        header.problems.append(problem)
        continue
      }
      let hasOtherData =
        now.dataDigest != problem.dataDigest && !now.dataDigest.isEmpty
        && !problem.dataDigest.isEmpty
      if isSame || hasOtherData { try requireSameProblems(stored, as: header, file: file) }
      // What the experiment file says is best compared there.
      guard now.steps == problem.steps, now.digest == problem.digest else {
        throw otherExperiment(stored, file)
      }
    }
  }

  /// The planned run that a stored one is; nil where the plan does not name it.
  private mutating func name(
    of key: RunKey, _ identity: String, isSame: Bool, _ stored: ExperimentHeader, _ file: String
  ) throws(StorageError) -> RunKey? {
    if let entry = planned[key], entry.identity == identity || (identity.isEmpty && isSame) {
      taken.insert(key)
      return key
    }
    // The same training under another name: a label or the grid around it has changed.
    let others = byIdentity[Determination(problem: key.problem, identity: identity)] ?? []
    if !identity.isEmpty, let name = others.first(where: { !taken.contains($0) }) {
      taken.insert(name)
      return name
    }
    guard planned[key] == nil else { throw otherExperiment(stored, file) }
    return nil
  }

  private mutating func keep(_ entry: PlanEntry) {
    unnamed.append(entry.key)
    known.insert(entry.key)
    header.plan.append(entry)
    header.plannedRuns += 1
  }

  /// A method on a problem.
  private static func method(of entry: PlanEntry) -> [String] {
    [entry.key.problem, entry.optimizer, entry.clipping]
  }

  /// What to say of the runs that only the file names; nil without any.
  var notice: String? {
    // What a later round asked for is named again by that round, and so may be any run of a method
    // whose rate is searched for.
    let later = Set(header.plan.filter { $0.round > 0 }.map(\.key))
    let searched = Set(planned.values.filter { $0.purpose != .grid }.map(Self.method(of:)))
    let entries = Dictionary(header.plan.map { ($0.key, $0) }) { first, _ in first }
    let unnamed = unnamed.filter { key in
      !later.contains(key)
        && !(entries[key].map { searched.contains(Self.method(of: $0)) } ?? false)
    }
    guard let first = unnamed.first else { return nil }
    let which =
      unnamed.count == 1
      ? "'\(first.run)' on \(first.problem)"
      : "such as '\(first.run)' on \(first.problem)"
    return
      "\(unnamed.count) stored \(unnamed.count == 1 ? "run is" : "runs are") not in the experiment "
      + "file any more, \(which): kept"
  }

  private func otherExperiment(_ stored: ExperimentHeader, _ file: String) -> StorageError {
    StorageError(
      kind: .otherSpec, operation: "write", file: file,
      detail:
        "it holds another experiment, '\(stored.title)' (spec \(stored.specDigest.prefix(12))), "
        + "than '\(header.title)' (spec \(header.specDigest.prefix(12)))",
      advice: "choose another file with --output, or remove this one to start over")
  }
}

extension RunRecord {
  /// Takes over from the plan what is no property of the training: what the run and its method are
  /// called, where the setting stands in the grid, and which hyperparameters vary.
  mutating func take(placeOf planned: PlanEntry) {
    key = planned.key
    optimizer = planned.optimizer
    clipping = planned.clipping
    trial = planned.trial
    isDefaultLearningRate = planned.isDefault
    identity = planned.identity
    hyperparameters = planned.hyperparameters.map {
      (name: $0.name, value: Double($0.text) ?? .nan)
    }
  }
}
