internal import Records
internal import Statistics

/// What a result says of a claim.
public struct ClaimVerdict: Sendable {
  public enum Outcome: Sendable, Equatable {
    /// The advantage exceeds the margin beyond the stated doubt.
    case holds
    /// It falls short of it beyond the same doubt.
    case refuted
    /// Neither; the seeds, all together, that would probably settle it; nil where nothing foreseeable would.
    case undecided(seedsNeeded: Int?)
    /// Fewer seeds than the claim states: nothing is tested.
    case tooFewSeeds
    /// The result cannot tell, and why.
    case unanswerable(String)
  }

  public let claim: Claim
  /// The problem's name.
  public let problem: String
  public let outcome: Outcome
  /// Whether the experiment file held the claim when the first runs were made.
  public let isStatedBefore: Bool
  /// The seeds compared: of those that both methods have, ascending, as many as the claim states.
  public let seeds: Int
  /// Those that both methods have.
  public let seedsPresent: Int
  /// The means over the seeds.
  public let better: Double
  public let than: Double
  /// The mean advantage, positive where the claim's better method is better, and what it has to exceed.
  public let advantage: Double
  public let margin: Double
  /// σ, of the advantage over seeds.
  public let deviation: Double
  /// Of "the advantage is at most the margin", adjusted for all claims (Holm).
  public let pValue: Double
  /// Of "the advantage is at least the margin", likewise.
  public let refutation: Double

  /// The verdicts on claims that are made together.
  public static func all(
    of claims: [Claim], in analysis: ExperimentAnalysis
  ) -> [ClaimVerdict] {
    let tests = claims.map { ClaimTest($0, in: analysis, isOneOf: claims.count) }
    let testable = tests.indices.filter { tests[$0].pValue != nil }
    let holding = holmAdjusted(testable.map { tests[$0].pValue ?? 1 })
    let refuting = holmAdjusted(testable.map { tests[$0].refutation ?? 1 })
    let stated = Set(analysis.header.statedClaims)
    return tests.indices.map { index in
      let place = testable.firstIndex(of: index)
      return ClaimVerdict(
        tests[index], pValue: place.map { holding[$0] } ?? 1,
        refutation: place.map { refuting[$0] } ?? 1,
        isStatedBefore: stated.contains(claims[index].statement))
    }
  }

  private init(
    _ test: ClaimTest, pValue: Double, refutation: Double, isStatedBefore: Bool
  ) {
    claim = test.claim
    problem = test.problem
    self.isStatedBefore = isStatedBefore
    seeds = test.seeds
    seedsPresent = test.seedsPresent
    better = test.better
    than = test.than
    advantage = test.advantage
    margin = test.margin
    deviation = test.deviation
    self.pValue = pValue
    self.refutation = refutation
    outcome =
      if let obstacle = test.obstacle {
        .unanswerable(obstacle)
      } else if let stated = claim.seeds, test.seedsPresent < stated {
        .tooFewSeeds
      } else if pValue <= claim.level {
        .holds
      } else if refutation <= claim.level {
        .refuted
      } else {
        .undecided(seedsNeeded: test.seedsNeeded.map { max($0, test.seeds + 1) })
      }
  }
}

/// One claim tested, before it is judged together with the others.
private struct ClaimTest {
  let claim: Claim
  let problem: String
  var obstacle: String?
  var seeds = 0
  var seedsPresent = 0
  var better = Double.nan
  var than = Double.nan
  var advantage = Double.nan
  var margin = Double.nan
  var deviation = Double.nan
  var pValue: Double?
  var refutation: Double?
  var seedsNeeded: Int?

  init(_ claim: Claim, in analysis: ExperimentAnalysis, isOneOf claims: Int) {
    self.claim = claim
    let problems = analysis.problems
    let wanted = claim.problem ?? problems.first?.problem.name ?? ""
    problem = wanted
    if claim.problem == nil, problems.count > 1 {
      let names = problems.map(\.problem.name).joined(separator: ", ")
      obstacle = "'on' is missing; the result has the problems \(names)"
      return
    }
    guard let analysed = problems.first(where: { $0.problem.name == wanted }) else {
      obstacle =
        "there is no problem '\(wanted)'; there are \(problems.map(\.problem.name).joined(separator: ", "))"
      return
    }
    let before: [Int: Double]
    let after: [Int: Double]
    do throws(ClaimMetric.Obstacle) {
      after = try Self.values(claim.better, of: claim.metric, isBetter: true, on: analysed)
      before = try Self.values(claim.than, of: claim.metric, isBetter: false, on: analysed)
    } catch {
      obstacle = error.reason
      return
    }
    let common = after.keys.filter { before[$0] != nil }.sorted()
    seedsPresent = common.count
    // No more than stated: who may go on until it holds finds what is not there.
    let used = common.prefix(claim.seeds ?? common.count)
    seeds = used.count
    guard seeds > 1 else {
      obstacle = "\(seeds) seeds in common; a difference takes more"
      return
    }
    compare(used.compactMap { after[$0] }, used.compactMap { before[$0] }, claims: claims)
  }

  private mutating func compare(_ after: [Double], _ before: [Double], claims: Int) {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let sign = claim.metric.isHigherBetter ? 1.0 : -1.0
    better = mean(after)
    than = mean(before)
    advantage = sign * (better - than)
    let level = claim.level / Double(claims)
    let plain = zip(after, before).map { sign * ($0 - $1) }
    deviation = MarginTest(differences: plain, margin: 0).deviation
    switch claim.margin {
    case .absolute(let value) where claim.metric.isShare:
      let test = ShareDifference(
        after.count { $0 == 1 }, before.count { $0 == 1 }, of: seeds, margin: value)
      margin = value
      (pValue, refutation) = (test.exceeding, test.fallingShort)
      seedsNeeded = test.trialsNeeded(level: level)
    case .absolute(let value):
      margin = value
      take(MarginTest(differences: plain, margin: value), level)
    case .relative(let share):
      margin = share * abs(than)
      // Linear in both, so that the margin is no estimate: a − (1 + s)·b.
      let differences = zip(after, before).map { sign * ($0 - $1) - share * abs($1) }
      take(MarginTest(differences: differences, margin: 0), level)
    }
  }

  private mutating func take(_ test: MarginTest, _ level: Double) {
    (pValue, refutation) = (test.exceeding, test.fallingShort)
    seedsNeeded = test.unitsNeeded(level: level)
  }

  /// The values of the method called `label` by seed.
  private static func values(
    _ label: String, of metric: ClaimMetric, isBetter: Bool, on analysis: ProblemAnalysis
  ) throws(ClaimMetric.Obstacle) -> [Int: Double] {
    func plain(_ label: String) -> String { label.filter { !$0.isWhitespace } }
    let wanted = plain(label)
    let planned = analysis.robust?.planned ?? analysis.methods.map(\.method)
    guard let method = planned.first(where: { plain($0.label) == wanted }) else {
      throw ClaimMetric.Obstacle(
        reason: "there is no method '\(label)' on \(analysis.problem.name); there are "
          + planned.map(\.label).joined(separator: ", "))
    }
    if let robust = analysis.robust {
      guard let found = robust.methods.first(where: { $0.method == method }) else {
        throw ClaimMetric.Obstacle(reason: "runs of \(method.label) are missing")
      }
      return try metric.values(
        ClaimRuns(
          problem: analysis.problem, chosen: found.tunedRuns, robust: found,
          seeds: robust.evaluationSeeds), isBetter)
    }
    let choices = analysis.methods.first { $0.method == method }?.choices ?? []
    let chosen = analysis.summaries.filter { run in
      run.method == method && run.isJudged
        && choices.contains { $0.seed == run.seed && $0.trial == run.trial }
    }
    return try metric.values(
      ClaimRuns(
        problem: analysis.problem, chosen: chosen, robust: nil, seeds: chosen.map(\.seed)),
      isBetter)
  }
}
