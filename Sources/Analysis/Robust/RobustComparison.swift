public import Statistics

/// The methods of a problem held against a baseline that was named beforehand.
///
/// A difference is that of positions at the tuned rates, as a share of the progress that the baseline
/// makes: −0.1 is a tenth of it more. Comparing everybody with the best of the same seeds instead finds
/// a difference among equal methods in a fifth of all experiments.
public struct RobustComparison: Sendable {
  /// A difference below this share of the baseline's progress does not matter, δ.
  public static let margin = 0.05

  public enum Verdict: Sendable, Hashable {
    case better
    case worse
    /// Within δ of the baseline beyond doubt.
    case equivalent
    /// The seeds that would settle it if mean and spread stayed; nil where nothing foreseeable would.
    case undecided(seedsNeeded: Int?)
  }

  /// A method beside the baseline.
  public struct Effect: Sendable {
    /// The mean difference over evaluation seeds; negative is better.
    public let difference: Double
    /// Over evaluation seeds.
    public let interval: Interval
    /// Adjusted for all methods that are held against the baseline.
    public let pValue: Double
    public let verdict: Verdict
  }

  /// The position of the baseline among the methods.
  public let baseline: Int
  /// nil for the baseline, and where it makes no progress to compare with.
  public let effects: [Effect?]
  /// The ranks that the seeds do not rule out, by robust progress; by the tuned position where the
  /// problem has no lower bound.
  public let ranks: [ClosedRange<Int>]

  /// - Parameter baseline: A position in `methods`, which all have the same evaluation seeds.
  public init(
    _ methods: [RobustMethod], baseline: Int, scale: ProgressScale,
    options: AnalysisOptions = AnalysisOptions()
  ) {
    self.baseline = baseline
    let costs = methods.map { method in
      method.robustProgress.map { $0.map { -$0 } } ?? method.tunedPositions
    }
    ranks =
      RankConfidenceSets(
        costs: costs, significance: options.significance, seed: options.seed
      ).ranks

    let own = methods[baseline].tunedPositions
    let progress = scale.referencePosition - interquartileMean(own)
    guard progress > 0 else {
      effects = methods.map { _ in nil }
      return
    }
    let others = methods.indices.filter { $0 != baseline }
    let differences = others.map { index in
      zip(methods[index].tunedPositions, own).map { ($0 - $1) / progress }
    }
    let tests = SimultaneousSignFlips(differences: differences, seed: options.seed)
    var effects = [Effect?](repeating: nil, count: methods.count)
    for (position, index) in others.enumerated() {
      let values = differences[position]
      effects[index] = Effect(
        difference: tests.means[position],
        interval: biasCorrectedBootstrap(
          sizes: [values.count], resamples: options.resamples, confidence: options.confidence,
          seed: options.seed
        ) { drawn in drawn[0].reduce(0) { $0 + values[$1] } / Double(drawn[0].count) },
        pValue: tests.pValues[position],
        verdict: Self.verdict(values, tests.means[position], tests.pValues[position], options))
    }
    self.effects = effects
  }

  private static func verdict(
    _ values: [Double], _ mean: Double, _ pValue: Double, _ options: AnalysisOptions
  ) -> Verdict {
    let equivalence = EquivalenceTest(
      differences: values, margin: margin, significance: options.significance)
    // A difference that is real and too small to matter is equivalence.
    if equivalence.isEquivalent { return .equivalent }
    if pValue <= options.significance { return mean < 0 ? .better : .worse }
    return .undecided(seedsNeeded: equivalence.unitsNeeded.map { max($0, values.count + 1) })
  }
}
