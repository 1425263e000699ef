public import Records
internal import Settings
internal import Statistics

/// What the robust protocol found on one problem: every method at its own tuned rate and at multiples
/// of it, held against a baseline that was named beforehand.
public struct RobustAnalysis: Sendable {
  public let problem: ProblemRecord
  public let scale: ProgressScale
  /// Every method, in the order of the plan.
  public let planned: [Method]
  /// Whose runs are whole, in the order of the plan.
  public let methods: [RobustMethod]
  /// The methods that cannot be judged because runs of theirs are missing or say nothing.
  public let unfinished: [Method]
  /// nil without methods.
  public let comparison: RobustComparison?
  /// Whether the experiment file names the baseline, and its runs are whole.
  public let isBaselineDeclared: Bool
  public let tuningSeeds: [Int]
  public let evaluationSeeds: [Int]
  /// The most rates that a method might try.
  public let cap: Int

  /// The positions of the methods, the greatest robust progress first; by the tuned loss where the
  /// problem has no lower bound. A method that does not train comes last.
  public let order: [Int]

  /// nil where the problem's runs belong to a grid, or its reference loss is not known.
  init?(
    _ problem: ProblemRecord, plan: [PlanEntry], _ summaries: [RunSummary], spec: String,
    _ options: AnalysisOptions
  ) {
    guard let scale = ProgressScale(problem), plan.contains(where: { $0.purpose != .grid })
    else { return nil }
    let entries = Dictionary(grouping: plan) {
      Method(optimizer: $0.optimizer, clipping: $0.clipping)
    }
    var names: [Method] = []
    for entry in plan where entry.purpose != .grid {
      let method = Method(optimizer: entry.optimizer, clipping: entry.clipping)
      if !names.contains(method) { names.append(method) }
    }
    func seeds(_ isWanted: (RunPurpose) -> Bool) -> [Int] {
      Set(plan.filter { isWanted($0.purpose) }.map(\.seed)).sorted()
    }
    let tuningSeeds = seeds { if case .tuning = $0 { true } else { false } }
    let evaluationSeeds = seeds { if case .evaluation = $0 { true } else { false } }
    let byKey = Dictionary(summaries.map { ($0.key, $0) }) { first, _ in first }
    let cap = Self.cap(spec: spec)
    var methods: [RobustMethod] = []
    var unfinished: [Method] = []
    for name in names {
      let runs = RobustRuns(entries[name] ?? [], byKey, evaluationSeeds: evaluationSeeds)
      let method = RobustMethod(
        name, runs, evaluationSeeds: evaluationSeeds.count, cap: cap, scale: scale,
        options: options)
      // Without a tuned rate there is no more to run only once the scan is over.
      let isOver = method.tunedRate == nil && method.scan.nextRound().isEmpty
      if runs.isWhole, isOver || method.ladder != nil {
        methods.append(method)
      } else {
        unfinished.append(name)
      }
    }
    let baseline = Self.declaredBaseline(of: methods.map(\.method), spec: spec)
    self.problem = problem
    self.scale = scale
    planned = names
    isBaselineDeclared = baseline != nil
    self.methods = methods
    self.unfinished = unfinished
    self.tuningSeeds = tuningSeeds
    self.evaluationSeeds = evaluationSeeds
    self.cap = cap
    comparison =
      methods.isEmpty || evaluationSeeds.isEmpty
      ? nil
      : RobustComparison(
        methods, baseline: baseline ?? methods.firstIndex { $0.method.label == "adamw" } ?? 0,
        scale: scale, options: options)
    // Without a ladder comes last, and then by the score that tuning saw.
    let keys = methods.map { method -> (Double, Double) in
      let progress = method.meanRobustProgress ?? -method.tunedPosition
      return method.ladder == nil ? (.infinity, 0) : (-progress, method.tunedPosition)
    }
    let labels = methods.map(\.method.label)
    order = methods.indices.sorted {
      (keys[$0].0, keys[$0].1, labels[$0]) < (keys[$1].0, keys[$1].1, labels[$1])
    }
  }

  /// The method that the file's `baseline` names; nil where it names none of them. Then adamw unclipped
  /// is the baseline, or else the first method.
  private static func declaredBaseline(of methods: [Method], spec: String) -> Int? {
    let named = (try? Setting.parse(spec, file: "spec"))?.value(of: "baseline")
    let name = named.flatMap { try? $0.text() }
    return name.flatMap { name in
      methods.firstIndex { $0.label == name } ?? methods.firstIndex { $0.optimizer == name }
    }
  }

  private static func cap(spec: String) -> Int {
    let setting = try? Setting.parse(spec, file: "spec")
    return (try? setting?.value(of: "tuning")?.value(of: "rates")?.integer()) ?? RateScan.cap
  }
}

/// The runs of one method on one problem by what they are for.
struct RobustRuns {
  /// By lattice index, ascending: the rate and its runs.
  var tuning: [(index: Int, learningRate: Double, runs: [RunSummary])] = []
  /// By multiple: the rate and its runs, in the order of the evaluation seeds.
  var ladder: [(multiple: Double, learningRate: Double, runs: [RunSummary])] = []
  /// The rate that the search starts from.
  var origin = Double.nan
  /// Whether every planned run is there and says something.
  var isWhole = true

  init(_ entries: [PlanEntry], _ byKey: [RunKey: RunSummary], evaluationSeeds: [Int]) {
    var byIndex: [Int: (rate: Double, runs: [RunSummary])] = [:]
    var byRung: [Int: (rate: Double, runs: [RunSummary])] = [:]
    for entry in entries.sorted(by: { $0.seed < $1.seed }) {
      guard let run = byKey[entry.key], run.isJudged else {
        if entry.purpose != .grid { isWhole = false }
        continue
      }
      switch entry.purpose {
      case .grid: continue
      case .tuning(let multiple):
        let index = RateScan.index(multiple: multiple)
        byIndex[index, default: (run.learningRate, [])].runs.append(run)
        if index == 0 { origin = run.learningRate }
      case .evaluation(let multiple):
        guard let rung = StressLadder.multiples.firstIndex(of: multiple) else { continue }
        byRung[rung, default: (run.learningRate, [])].runs.append(run)
      }
    }
    tuning = byIndex.keys.sorted().compactMap { index in
      byIndex[index].map { (index, $0.rate, $0.runs) }
    }
    if byRung.count == StressLadder.multiples.count,
      byRung.values.allSatisfy({ $0.runs.map(\.seed) == evaluationSeeds })
    {
      ladder = StressLadder.multiples.indices.compactMap { rung in
        byRung[rung].map { (StressLadder.multiples[rung], $0.rate, $0.runs) }
      }
    }
  }
}
