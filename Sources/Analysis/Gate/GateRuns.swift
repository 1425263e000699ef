internal import Records

/// The runs of a result by cell and seed.
struct GateRuns {
  /// One setting of a method on a problem.
  struct Setting: Hashable {
    let problem: String
    let method: Method
    /// Of a method that was tuned, the multiple of its own tuned rate: what a change makes of the rate
    /// itself is then part of what it does.
    /// nil where it was not recorded.
    let learningRate: Double?
    let isMultiple: Bool
    /// The bits of the further hyperparameters that vary; none of a method that was tuned, which may have
    /// chosen others.
    let hyperparameters: [UInt64]
  }

  let record: ExperimentRecord
  /// In the order of the file.
  let settings: [Setting]
  let seeds: [Int]
  private let runs: [Setting: [Int: RunSummary]]

  /// - Parameter metrics: What decides in each problem, the same for both results.
  init(_ record: ExperimentRecord, metrics: [String: ProblemMetrics]) {
    var settings: [Setting] = []
    var runs: [Setting: [Int: RunSummary]] = [:]
    var seeds: Set<Int> = []
    let entries = Dictionary(record.header.plan.map { ($0.key, $0) }) { first, _ in first }
    for problem in record.header.problems {
      guard let metrics = metrics[problem.name] else { continue }
      for run in record.runs(of: problem.name) {
        var multiple: Double?
        let entry = entries[run.key]
        switch entry?.purpose ?? .grid {
        case .grid: break
        case .evaluation(let value):
          // Of a search that the file names no longer.
          if entry?.isNamed == false { continue }
          multiple = value
        // Tuning seeds evaluate nothing.
        case .tuning: continue
        }
        let setting = Setting(
          problem: problem.name, method: Method(optimizer: run.optimizer, clipping: run.clipping),
          learningRate: multiple ?? (run.baseLearningRate.isNaN ? nil : run.baseLearningRate),
          isMultiple: multiple != nil,
          hyperparameters: multiple == nil ? run.hyperparameters.map(\.value.bitPattern) : [])
        if runs[setting] == nil { settings.append(setting) }
        let summary = RunSummary(run, problem: problem, metrics: metrics)
        // A run whose objective failed says nothing, as one that is missing.
        runs[setting, default: [:]][run.seed] = summary.isJudged ? summary : nil
        seeds.insert(run.seed)
      }
    }
    self.record = record
    self.settings = settings
    self.runs = runs
    self.seeds = seeds.sorted()
  }

  func run(_ setting: Setting, seed: Int) -> RunSummary? { runs[setting]?[seed] }

  /// How many digests the runs of a problem with one of `seeds` have.
  func distinct(
    _ digest: KeyPath<RunRecord, String>, of problem: String, seeds: [Int]
  ) -> Int {
    let seeds = Set(seeds)
    let runs = record.runs.lazy.filter { $0.key.problem == problem && seeds.contains($0.seed) }
    return Set(runs.map { $0[keyPath: digest] }).count
  }

  /// What a seed of a problem drew, which its runs share; nil where it has none, or that was not stored.
  func draw(_ digest: KeyPath<RunRecord, String>, of problem: String, seed: Int) -> String? {
    let run = record.runs.first { $0.key.problem == problem && $0.seed == seed }
    return run.map { $0[keyPath: digest] }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether the setting has a run for each of `seeds`.
  func isComplete(_ setting: Setting, seeds: [Int]) -> Bool {
    seeds.allSatisfy { runs[setting]?[$0] != nil }
  }
}
