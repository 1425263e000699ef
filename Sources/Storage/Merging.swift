public import Records

extension ExperimentRecord {
  /// The runs of several results of one experiment, or of experiments that differ in what they
  /// cross. A run that several of them hold must be the same in all.
  ///
  /// - Parameters:
  ///   - parts: The results, each with its file's name for error messages.
  ///   - spec: The experiment file that names the runs of all, and its digest.
  /// - Throws: The first problem or run that is not the same in two of them.
  public init(
    merging parts: [(file: String, record: ExperimentRecord)], spec: String, specDigest: String
  ) throws(StorageError) {
    precondition(!parts.isEmpty, "a merger of nothing")
    var header = parts[0].record.header
    header.spec = spec
    header.specDigest = specDigest
    header.problems = []
    header.plan = []
    var runs: [RunRecord] = []
    var owners: [RunKey: (file: String, digest: String)] = [:]
    var problemOwners: [String: String] = [:]
    var planned: Set<RunKey> = []
    for (file, record) in parts {
      func conflict(_ subject: String, _ other: String) -> StorageError {
        StorageError(
          kind: .otherSpec, operation: "merge", file: file,
          detail: "\(subject) is not the same as in \(other)",
          advice: "merge results of the same program, data and budget only")
      }
      for problem in record.header.problems {
        if let known = header.problems.first(where: { $0.name == problem.name }) {
          guard known.digest == problem.digest, known.steps == problem.steps,
            known.layout == problem.layout
          else {
            throw conflict("the problem '\(problem.name)'", problemOwners[problem.name] ?? "")
          }
        } else {
          header.problems.append(problem)
          problemOwners[problem.name] = file
        }
      }
      for run in record.runs {
        // Where a setting stands in its grid is no property of the run.
        let digest = run.digestOfTraining
        if let owner = owners[run.key] {
          guard owner.digest == digest else {
            throw conflict("the run '\(run.key.run)' on \(run.key.problem)", owner.file)
          }
        } else {
          owners[run.key] = (file, digest)
          runs.append(run)
        }
      }
      let entries =
        record.header.plan.isEmpty
        ? record.runs.map { run in
          var entry = PlanEntry(unnamed: run)
          entry.isNamed = true
          return entry
        } : record.header.plan
      for entry in entries where planned.insert(entry.key).inserted { header.plan.append(entry) }
    }
    header.plannedRuns = header.plan.count
    // Stated before all runs, or not.
    header.statedClaims = header.statedClaims.filter { claim in
      parts.allSatisfy { $0.record.header.statedClaims.contains(claim) }
    }
    header.updateTraces = Self.commonTraces(of: parts.map(\.record.header))
    self.init(header: header, runs: runs)
    nameHyperparameters()
    numberSettings()
    sortRuns()
  }

  /// The traces of all methods, but for those of which two results say different things.
  private static func commonTraces(of headers: [ExperimentHeader]) -> [UpdateTrace] {
    var traces: [UpdateTrace] = []
    for trace in headers.flatMap(\.updateTraces) where !traces.contains(trace) {
      traces.append(trace)
    }
    return traces.filter { trace in traces.count { $0.isOfMethod(of: trace) } == 1 }
  }

  /// Gives each run all hyperparameters that vary in any.
  private mutating func nameHyperparameters() {
    var names: [String] = []
    for run in runs {
      for value in run.hyperparameters where !names.contains(value.name) {
        names.append(value.name)
      }
    }
    for index in runs.indices {
      let known = runs[index].hyperparameters
      runs[index].hyperparameters = names.map { name in
        known.first { $0.name == name } ?? (name: name, value: .nan)
      }
    }
  }

  /// One setting of one method on one problem.
  private struct Cell: Hashable {
    let problem: String
    let optimizer: String
    let clipping: String
    var learningRate = 0.0
    var hyperparameters: [UInt64] = []

    /// The method alone.
    init(methodOf run: RunRecord) {
      problem = run.key.problem
      optimizer = run.optimizer
      clipping = run.clipping
    }

    init(_ run: RunRecord) {
      self.init(methodOf: run)
      learningRate = run.baseLearningRate
      hyperparameters = run.hyperparameters.map(\.value.bitPattern)
    }
  }

  /// Numbers the settings of a method anew where the files do not agree about their places: by the
  /// further hyperparameters as they come, then by learning rate.
  private mutating func numberSettings() {
    var trials: [Cell: [Cell: Set<Int>]] = [:]
    var variants: [Cell: [[UInt64]]] = [:]
    for run in runs {
      let (method, cell) = (Cell(methodOf: run), Cell(run))
      trials[method, default: [:]][cell, default: []].insert(run.trial)
      if !variants[method, default: []].contains(cell.hyperparameters) {
        variants[method, default: []].append(cell.hyperparameters)
      }
    }
    var places: [Cell: Int] = [:]
    for (method, cells) in trials {
      let stored = cells.mapValues(\.first)
      let agree =
        cells.values.allSatisfy { $0.count == 1 } && Set(stored.values).count == cells.count
      let rates = Set(cells.keys.map(\.learningRate)).sorted()
      for cell in cells.keys {
        let point = variants[method]?.firstIndex(of: cell.hyperparameters) ?? 0
        let rate = rates.firstIndex(of: cell.learningRate) ?? 0
        places[cell] = agree ? stored[cell] ?? nil : point * rates.count + rate
      }
    }
    // A search numbers the rates of its own method as it tries them, which no other file can change.
    if !isSearched {
      for index in runs.indices { runs[index].trial = places[Cell(runs[index])] ?? 0 }
    }
    let byKey = Dictionary(runs.map { ($0.key, $0) }) { first, _ in first }
    for index in header.plan.indices {
      guard let run = byKey[header.plan[index].key] else { continue }
      header.plan[index].trial = run.trial
      header.plan[index].hyperparameters = run.hyperparameters.map {
        RunSetting.Value(name: $0.name, text: "\($0.value)")
      }
    }
  }

  /// Whether learning rates were searched for.
  private var isSearched: Bool { header.plan.contains { $0.purpose != .grid } }

  /// Sorts the runs as a plan lists them: round, problem, optimizer, clipping, setting, seed; and the
  /// plan of a search likewise.
  private mutating func sortRuns() {
    func order(_ names: [String]) -> [String: Int] {
      Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }
    let problems = order(header.problems.map(\.name))
    let optimizers = order(runs.map(\.optimizer))
    let clippings = order(runs.map(\.clipping))
    let rounds = Dictionary(header.plan.map { ($0.key, $0.round) }) { first, _ in first }
    func place(_ run: RunRecord) -> [Int] {
      [
        rounds[run.key] ?? 0, problems[run.key.problem] ?? 0, optimizers[run.optimizer] ?? 0,
        clippings[run.clipping] ?? 0, run.trial, run.seed,
      ]
    }
    runs = runs.map { (place($0), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    guard isSearched else { return }
    let places = Dictionary(runs.enumerated().map { ($1.key, $0) }) { first, _ in first }
    header.plan = header.plan.enumerated().sorted {
      (places[$0.element.key] ?? .max, $0.offset) < (places[$1.element.key] ?? .max, $1.offset)
    }.map(\.element)
  }
}

extension RunRecord {
  /// The content digest without what follows from the other runs of the experiment.
  fileprivate var digestOfTraining: String {
    var run = self
    run.trial = 0
    run.hyperparameters = []
    return run.contentDigest
  }
}
