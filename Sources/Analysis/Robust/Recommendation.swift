internal import Statistics
internal import Tensors

/// Which method to take for a model like a problem's: first what must not go wrong, then the loss.
///
/// The constraint comes first: at a multiple of its tuned rate a method has to be *useful*
/// (`StressLadder`) in at least a given share of runs, with confidence, by the one-sided exact interval
/// of Clopper & Pearson (1934). Of the methods that are, the one with the lowest tuned loss is chosen, and
/// those that the seeds cannot tell from it are its alternatives.
public struct Recommendation: Sendable {
  /// What a method must not cost when its rate is misjudged.
  public struct Constraint: Sendable, Hashable {
    /// One of the ladder's multiples.
    public var multiple = 2.0
    /// The least share of useful runs.
    public var usefulShare = 0.7
    public var confidence = 0.95

    public init() {}
  }

  /// A method beside the constraint.
  public struct Candidate: Sendable {
    public let method: RobustMethod
    /// The runs at the constraint's multiple.
    public let rung: StressLadder.Rung
    /// What the share of useful runs is at least, with the constraint's confidence.
    public let leastShare: Double
  }

  /// A method that meets the constraint and is not told from the chosen one.
  public struct Alternative: Sendable {
    public let candidate: Candidate
    /// Its tuned position less the chosen one's, as a share of the chosen one's progress.
    public let difference: Double
    /// Whether the difference is within `RobustComparison.margin` beyond doubt.
    public let isEquivalent: Bool
    /// The evaluation seeds, all in all, that would tell whether it matters; nil where no foreseeable
    /// number would, and where it is within the margin already.
    public let seedsNeeded: Int?
  }

  public let analysis: RobustAnalysis
  public let constraint: Constraint
  /// nil where no method meets the constraint.
  public let choice: Candidate?
  /// By tuned loss.
  public let alternatives: [Alternative]
  /// Met the constraint and are worse than the chosen one beyond doubt, by more than the margin or
  /// maybe more.
  public let beaten: [Candidate]
  /// Do not meet it, the nearest to it first.
  public let excluded: [Candidate]
  /// Have no tuned rate.
  public let untrained: [RobustMethod]
  /// Where nothing meets the constraint: the evaluation seeds with which the best of the excluded would,
  /// if all its runs stayed useful; nil where some of them are not.
  public let seedsNeeded: Int?

  /// - Parameter constraint: Its multiple is one of the ladder's.
  public init(
    of analysis: RobustAnalysis, constraint: Constraint = Constraint(),
    options: AnalysisOptions = AnalysisOptions()
  ) {
    guard let place = StressLadder.multiples.firstIndex(of: constraint.multiple) else {
      preconditionFailure("\(constraint.multiple) is no multiple of the ladder")
    }
    let candidates = analysis.methods.compactMap { method -> Candidate? in
      guard let rung = method.ladder?.rungs[place] else { return nil }
      let interval = clopperPearson(
        successes: rung.useful, trials: rung.runs, confidence: 2 * constraint.confidence - 1)
      return Candidate(method: method, rung: rung, leastShare: interval.lower)
    }
    func byLoss(_ candidates: [Candidate]) -> [Candidate] {
      let keys = candidates.map(\.method.tunedPosition)
      return candidates.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { candidates[$0] }
    }
    let meeting = byLoss(candidates.filter { $0.leastShare >= constraint.usefulShare })
    let others = candidates.filter { $0.leastShare < constraint.usefulShare }
    self.analysis = analysis
    self.constraint = constraint
    choice = meeting.first
    excluded = others.indices.sorted {
      (-others[$0].leastShare, others[$0].method.tunedPosition, $0)
        < (-others[$1].leastShare, others[$1].method.tunedPosition, $1)
    }.map { others[$0] }
    untrained = analysis.methods.filter { $0.ladder == nil }

    var alternatives: [Alternative] = []
    var beaten: [Candidate] = []
    if let best = meeting.first {
      let sets = RankConfidenceSets(
        costs: meeting.map(\.method.tunedPositions), significance: options.significance,
        seed: options.seed)
      let progress = analysis.scale.referencePosition - best.method.tunedPosition
      for (index, candidate) in meeting.enumerated().dropFirst() {
        let differences = zip(candidate.method.tunedPositions, best.method.tunedPositions).map {
          progress > 0 ? ($0 - $1) / progress : 0
        }
        let mean = differences.reduce(0, +) / Double(differences.count)
        let test = EquivalenceTest(
          differences: differences, margin: RobustComparison.margin,
          significance: options.significance)
        // A difference that is real and too small to matter is equivalence.
        if !test.isEquivalent, sets.pValues[0][index] <= options.significance, mean > 0 {
          beaten.append(candidate)
          continue
        }
        alternatives.append(
          Alternative(
            candidate: candidate, difference: mean, isEquivalent: test.isEquivalent,
            seedsNeeded: test.isEquivalent
              ? nil : test.unitsNeeded.map { max($0, differences.count + 1) }))
      }
    }
    self.alternatives = alternatives
    self.beaten = beaten
    seedsNeeded =
      choice == nil
      ? excluded.first.flatMap { nearest in
        nearest.rung.useful == nearest.rung.runs ? Self.seedsNeeded(constraint) : nil
      } : nil
  }

  /// The runs that all have to be useful for the constraint to be met: the smallest n with
  /// (1 − confidence)^(1/n) ≥ the share.
  public static func seedsNeeded(_ constraint: Constraint) -> Int {
    guard constraint.usefulShare > 0 else { return 1 }
    return Int(
      (logarithm(1 - constraint.confidence) / logarithm(constraint.usefulShare)).rounded(.up))
  }
}
