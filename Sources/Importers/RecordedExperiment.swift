internal import Digests
public import Records
internal import Settings

/// An experiment that no experiment file planned: the runs that other programs recorded, with an
/// experiment file that names what they are. There is nothing in it to train.
public struct RecordedExperiment: Sendable {
  public let record: ExperimentRecord
  /// What must be said of the runs, one sentence each.
  public private(set) var notes: [String] = []

  /// - Parameter runs: In the order in which they are to be numbered where they have no seeds.
  /// - Throws: If two runs are the same by problem, method, setting and seed.
  public init(_ runs: [RecordedRun], _ options: ImportOptions) throws(ImportError) {
    guard !runs.isEmpty else { throw ImportError(options.name, "there is no run to import") }
    var runs = runs
    Self.numberSeeds(of: &runs, notes: &notes)
    let problems = try Self.problems(of: runs)
    Self.nameVarying(&runs)
    Self.tellApart(&runs)
    try Self.name(&runs)
    var header = ExperimentHeader(
      name: options.name, title: options.title ?? options.name, spec: "", specDigest: "",
      provenance: options.provenance, problems: problems, plannedRuns: runs.count)
    var order: [RunRecord] = []
    for problem in problems {
      order += Self.ordered(runs.filter { $0.run.key.problem == problem.name })
    }
    header.spec = Self.spec(options, header, order)
    header.specDigest = Digest.ofText(header.spec)
    header.plan = order.map { run in
      var entry = PlanEntry(unnamed: run)
      entry.isNamed = true
      entry.setting = RunSetting(
        [RunSetting.Value(name: "learning_rate", text: numberLabel(run.baseLearningRate))]
          + run.hyperparameters.filter { !$0.value.isNaN }.map {
            RunSetting.Value(name: $0.name, text: numberLabel($0.value))
          })
      entry.hyperparameters = run.hyperparameters.map {
        RunSetting.Value(name: $0.name, text: "\($0.value)")
      }
      return entry
    }
    for index in order.indices {
      var origin = order[index].provenance ?? Provenance()
      if origin.created.isEmpty { origin.created = options.provenance.created }
      if origin.optbenchVersion.isEmpty {
        origin.optbenchVersion = options.provenance.optbenchVersion
      }
      order[index].provenance = origin
    }
    record = ExperimentRecord(header: header, runs: order)
  }

  /// Gives runs without a seed the next free numbers of their method, and small ones to seeds that are
  /// too large for a result.
  private static func numberSeeds(of runs: inout [RecordedRun], notes: inout [String]) {
    let given = Set(runs.filter(\.hasSeed).map(\.run.seed)).sorted()
    if given.contains(where: { $0 < 0 || $0 > Int(Int32.max) }) {
      let places = Dictionary(uniqueKeysWithValues: given.enumerated().map { ($1, $0) })
      for index in runs.indices where runs[index].hasSeed {
        runs[index].run.seed = places[runs[index].run.seed] ?? 0
      }
      notes.append(
        "seeds beyond \(Int32.max) do not fit into a result: the \(given.count) seeds are numbered from 0 in their order"
      )
    }
    var next: [[String]: Int] = [:]
    var numbered = 0
    for index in runs.indices where !runs[index].hasSeed {
      let run = runs[index].run
      let method =
        [run.key.problem, run.optimizer, run.clipping, "\(run.baseLearningRate)"]
        + runs[index].hyperparameters.filter { $0.name != "variant" || Double($0.text) == nil }
        .map { "\($0.name)=\($0.text)" }
      let taken = Set(
        runs.filter { $0.hasSeed && $0.run.optimizer == run.optimizer }.map(\.run.seed))
      var seed = next[method] ?? 0
      while taken.contains(seed) { seed += 1 }
      runs[index].run.seed = seed
      next[method] = seed + 1
      numbered += 1
    }
    if numbered > 0 {
      notes.append(
        "\(numbered) of \(runs.count) runs have no seed in their log: they are numbered from 0, and runs of one number are no pairs"
      )
    }
  }

  /// The problems in the order of appearance, each with what all its runs say of it.
  private static func problems(of runs: [RecordedRun]) throws(ImportError) -> [ProblemRecord] {
    var problems: [ProblemRecord] = []
    for run in runs {
      guard let index = problems.firstIndex(where: { $0.name == run.problem.name }) else {
        problems.append(run.problem)
        continue
      }
      guard problems[index].digest == run.problem.digest else {
        throw ImportError(
          run.run.key.run, "the problem '\(run.problem.name)' is another one than in other runs")
      }
      problems[index].steps = max(problems[index].steps, run.problem.steps)
      if run.problem.lowerBound.isNaN { problems[index].lowerBound = .nan }
      if problems[index].targetMetric.isEmpty {
        problems[index].targetMetric = run.problem.targetMetric
        problems[index].targetValue = run.problem.targetValue
        problems[index].targetRule = run.problem.targetRule
      }
    }
    return problems
  }

  /// Gives each run the numeric values that vary within its problem, and its method what else varies.
  private static func nameVarying(_ runs: inout [RecordedRun]) {
    for problem in Set(runs.map(\.run.key.problem)) {
      let own = runs.indices.filter { runs[$0].run.key.problem == problem }
      var names: [String] = []
      for name in own.flatMap({ runs[$0].hyperparameters.map(\.name) })
      where !names.contains(name) && !isNoSetting(name) {
        names.append(name)
      }
      for name in names {
        let texts = own.map { index in runs[index].hyperparameters.first { $0.name == name }?.text }
        guard Set(texts).count > 1 else { continue }
        let numbers = texts.map { $0.map { Double($0) } ?? .nan }
        guard numbers.allSatisfy({ $0 != nil }) else { continue }
        for (index, number) in zip(own, numbers) {
          runs[index].run.hyperparameters.append((plainName(name), number ?? .nan))
        }
      }
    }
  }

  /// Whether a number is called like one that every run has for itself, such as `job_id`.
  private static func isNoSetting(_ name: String) -> Bool {
    let words = Set(plainName(name).split(separator: "_").map(String.init))
    return !words.isDisjoint(with: [
      "variant", "id", "pid", "job", "jobid", "port", "time", "timestamp", "date", "created",
      "started",
      "node", "host", "gpu", "device", "devices", "workers", "git", "version", "rank",
    ])
  }

  /// Where runs of one method, setting and seed differ in a word of theirs, makes it part of the labels of
  /// all runs of that method: `adam unfiltered` beside `adam`.
  private static func tellApart(_ runs: inout [RecordedRun]) {
    func method(_ run: RecordedRun) -> [String] {
      [run.run.key.problem, run.run.optimizer, run.run.clipping]
    }
    func place(_ run: RecordedRun) -> [String] {
      method(run) + ["\(run.run.baseLearningRate)", "\(run.run.seed)"]
        + run.run.hyperparameters.map { "\($0.value)" }
    }
    func words(_ run: RecordedRun) -> [String: String] {
      Dictionary(run.hyperparameters.filter { Double($0.text) == nil }) { first, _ in first }
    }
    let logs = runs.indices.filter { runs[$0].run.key.run.isEmpty }
    var differing: [[String]: [String]] = [:]
    for group in Dictionary(grouping: logs, by: { place(runs[$0]) }).values where group.count > 1 {
      let all = group.map { words(runs[$0]) }
      for name in Set(all.flatMap(\.keys)).sorted() where Set(all.map { $0[name] ?? "" }).count > 1
      {
        let key = method(runs[group[0]])
        if differing[key]?.contains(name) != true { differing[key, default: []].append(name) }
      }
    }
    for index in logs {
      guard let names = differing[method(runs[index])] else { continue }
      let own = words(runs[index])
      runs[index].run.optimizer = ([runs[index].run.optimizer] + names.compactMap { own[$0] })
        .joined(separator: " ")
    }
  }

  /// Names the runs, and says what each was given.
  private static func name(_ runs: inout [RecordedRun]) throws(ImportError) {
    func key(_ record: RunRecord) -> String {
      var words = [record.optimizer]
      if !record.clipping.isEmpty { words.append(record.clipping) }
      if !record.baseLearningRate.isNaN {
        words.append("lr=\(numberLabel(record.baseLearningRate))")
      }
      words += record.hyperparameters.filter { !$0.value.isNaN }.map {
        "\($0.name)=\(numberLabel($0.value))"
      }
      return (words + ["seed=\(record.seed)"]).joined(separator: " ")
    }
    var taken: [RunKey: String] = [:]
    for index in runs.indices {
      var record = runs[index].run
      let name = record.key.run.isEmpty ? key(record) : record.key.run
      if let other = taken[RunKey(problem: record.key.problem, run: name)] {
        throw ImportError(
          runs[index].place,
          "this run and that of \(other) are both '\(name)' on '\(record.key.problem)'; leave one out, or tell them apart with --problem, --optimizer or --seed in two imports"
        )
      }
      record.key = RunKey(problem: record.key.problem, run: name)
      taken[record.key] = runs[index].place
      if record.config.isEmpty { record.config = config(of: runs[index]) }
      if record.identity.isEmpty {
        var identity = Digest()
        identity.add("optbench recorded run 1")
        for text in [runs[index].problem.digest, record.config] { identity.add(text) }
        identity.add(record.seed)
        record.identity = identity.finish()
      }
      runs[index].run = record
    }
  }

  /// What the run was given, as JSON: as far as it is known.
  private static func config(of run: RecordedRun) -> String {
    let record = run.run
    let options = run.hyperparameters.map { name, text in
      "\(jsonText(plainName(name))):\(Double(text).flatMap { $0.isFinite ? jsonNumber($0) : nil } ?? jsonText(text))"
    }
    let optimizer = (["\"name\":\(jsonText(record.optimizer))"] + options).joined(separator: ",")
    let clipping =
      record.clipping.isEmpty || record.clipping == "none"
      ? "" : "{\"name\":\(jsonText(record.clipping))}"
    return
      "{\"optimizer\":{\(optimizer)},\"clipping\":[\(clipping)],\"learning_rate\":\(jsonNumber(record.baseLearningRate))}"
  }

  /// The runs of one problem by method, setting and seed, their settings numbered.
  private static func ordered(_ runs: [RecordedRun]) -> [RunRecord] {
    var methods: [[String]] = []
    var settings: [[String]: [[UInt64]]] = [:]
    func method(_ run: RunRecord) -> [String] { [run.optimizer, run.clipping] }
    func setting(_ run: RunRecord) -> [UInt64] {
      ([run.baseLearningRate] + run.hyperparameters.map(\.value)).map {
        ($0.isNaN ? Double.nan : $0 + 0).bitPattern
      }
    }
    let byRate = runs.map(\.run).sorted { a, b in
      let rates = (a.baseLearningRate, b.baseLearningRate)
      return rates.0.isNaN ? false : rates.1.isNaN ? true : rates.0 < rates.1
    }
    for run in runs.map(\.run) where !methods.contains(method(run)) { methods.append(method(run)) }
    for run in byRate where settings[method(run)]?.contains(setting(run)) != true {
      settings[method(run), default: []].append(setting(run))
    }
    let placed = runs.map(\.run).map { run -> (place: [Int], run: RunRecord) in
      var run = run
      run.trial = settings[method(run)]?.firstIndex(of: setting(run)) ?? 0
      return ([methods.firstIndex(of: method(run)) ?? 0, run.trial, run.seed], run)
    }
    return placed.sorted { $0.place.lexicographicallyPrecedes($1.place) }.map(\.run)
  }

  /// The experiment file: what was recorded, for people and for `merge`.
  private static func spec(
    _ options: ImportOptions, _ header: ExperimentHeader, _ runs: [RunRecord]
  ) -> String {
    func distinct(_ texts: [String]) -> [String] {
      var seen: Set<String> = []
      return texts.filter { !$0.isEmpty && seen.insert($0).inserted }
    }
    var pairs: [(key: String, value: SettingTree)] = [
      ("optbench", .integer(1)), ("name", .text(header.name)),
    ]
    if header.title != header.name { pairs.append(("title", .text(header.title))) }
    pairs += [
      ("recorded", .text("true")),
      (
        "problems",
        .list(
          header.problems.map { problem in
            .mapping([("name", .text(problem.name)), ("recorded_by", .text(problem.recordedBy))])
          })
      ),
      ("optimizers", .list(distinct(runs.map(\.optimizer)).map { .text($0) })),
    ]
    let clippings = distinct(runs.map(\.clipping))
    if !clippings.isEmpty { pairs.append(("clipping", .list(clippings.map { .text($0) }))) }
    pairs.append(("seeds", .list(Set(runs.map(\.seed)).sorted().map { .integer($0) })))
    return SettingTree.mapping(pairs).yaml()
  }
}
