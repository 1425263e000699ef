public import Records
internal import Statistics
internal import Tensors

/// One method on one problem under the robust protocol: its scan, its tuned rate, its ladder.
public struct RobustMethod: Sendable {
  /// A method whose best score gains less than this share of what is possible does not train.
  public static let trainingShare = 0.1

  public let method: Method
  /// The values that were chosen for options beside the learning rate; none for the default.
  public internal(set) var setting = RunSetting([])
  /// The settings that were tried, the default first; empty where the rate alone was tuned.
  public internal(set) var settings: [TriedSetting] = []
  /// The median norm of the gradient before the first step, which thresholds are multiples of.
  public internal(set) var startGradientNorm: Double?
  /// The lattice indices at which the chosen setting was tried before its rate was searched for; none for
  /// the default, whose search begins with a scan.
  public internal(set) var firstIndices: [Int] = []
  /// At the chosen setting.
  public let scan: RateScan
  /// The rates that were tried, ascending, with the tuning seeds' runs.
  public let tuning: [TriedRate]
  /// The multiples of the tuned rate that were run, ascending, with the evaluation seeds' runs; empty
  /// without a ladder.
  public let evaluation: [TriedRate]
  /// The rate about which the scan's lattice lies.
  public let origin: Double
  /// c, the centre of the plateau round the best rate; nil where the method does not train.
  public let tunedRate: Double?
  /// Whether the best rate is interior and the plateau bracketed within the cap.
  public let isTuningComplete: Bool
  /// nil where the method does not train, and where its ladder has not been run.
  public let ladder: StressLadder?
  public let intervals: RobustIntervals?
  /// The position that each evaluation seed counts with at the tuned rate: the reference's where the
  /// method does not train.
  public let tunedPositions: [Double]
  /// RP of each evaluation seed: 0 where the method does not train; nil without a lower bound.
  public let robustProgress: [Double]?

  /// A learning rate and its runs, in the order of their seeds.
  public struct TriedRate: Sendable {
    /// Over that which the search starts from, or over the tuned one.
    public let multiple: Double
    public let learningRate: Double
    public let runs: [RunSummary]
    /// The position that each run counts with.
    public let positions: [Double]
  }

  /// Values for options beside the learning rate, with what came of them.
  public struct TriedSetting: Sendable {
    /// None for the default.
    public let values: RunSetting
    /// By ascending rate; fewer seeds than tuned where halving stopped.
    public let rates: [TriedRate]
    /// The score q of the best rate, by the seeds that tried it.
    public let score: Double
    public let isChosen: Bool

    /// The most seeds that tried a rate.
    public var seeds: Int { rates.map(\.runs.count).max() ?? 0 }
  }

  /// The rate at which a scan's method is to be evaluated, with three significant digits so that its
  /// multiples can be stated; nil where it does not train.
  public static func tunedRate(of scan: RateScan, origin: Double, scale: ProgressScale) -> Double? {
    guard let anchor = scan.anchor, let best = scan.best.flatMap({ scan.scores[$0] }) else {
      return nil
    }
    if let progress = scale.progress(at: best), progress < trainingShare { return nil }
    return rounded(origin * power(10, anchor.position / 4), toSignificantDigits: 3)
  }

  /// The runs at the tuned rate; empty without a ladder.
  public var tunedRuns: [RunSummary] {
    evaluation.isEmpty ? [] : evaluation[StressLadder.tuned].runs
  }

  /// The interquartile mean over evaluation seeds of the position at the tuned rate.
  public var tunedPosition: Double { interquartileMean(tunedPositions) }

  /// The mean of RP over evaluation seeds; nil without a lower bound.
  public var meanRobustProgress: Double? { robustProgress.map(Self.mean) }

  /// The mean of S⁺ over evaluation seeds: 1 where the method does not train.
  public var meanOvershootRegret: Double { ladder.map { Self.mean($0.overshootRegrets) } ?? 1 }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  init(
    _ method: Method, _ runs: RobustRuns, _ search: SettingSearch, evaluationSeeds: Int,
    scale: ProgressScale, options: AnalysisOptions
  ) {
    func tried(
      _ multiple: Double, _ rate: Double, _ runs: [RunSummary], _ loss: (RunSummary) -> Double?
    ) -> TriedRate {
      TriedRate(
        multiple: multiple, learningRate: rate, runs: runs,
        positions: runs.map { scale.position(loss($0)) })
    }
    func rates(of setting: Int) -> [TriedRate] {
      runs.tuning.filter { $0.trial.setting == setting }.map {
        tried(
          RateScan.multiple(index: $0.trial.index), $0.learningRate, $0.runs, \.selectionLoss)
      }
    }
    let choice = search.choice
    self.init(
      method, origin: runs.origin, tuning: search.losses(of: choice),
      ladder: runs.ladder.isEmpty ? nil : runs.ladder.map { $0.runs.map(\.scoreLoss) },
      evaluationSeeds: evaluationSeeds, cap: search.cap, scale: scale, options: options,
      tried: rates(of: choice),
      rungs: runs.ladder.map { tried($0.multiple, $0.learningRate, $0.runs, \.scoreLoss) })
    let starts = runs.tuning.filter { $0.trial.setting == 0 && $0.trial.index == 0 }
      .flatMap(\.runs).compactMap(\.startGradientNorm)
    startGradientNorm = starts.isEmpty ? nil : median(starts)
    setting = runs.settings[choice]
    firstIndices = choice == 0 ? [] : search.centre
    guard search.settings > 0 else { return }
    settings = runs.settings.indices.map { index in
      let rates = rates(of: index)
      return TriedSetting(
        values: runs.settings[index], rates: rates,
        score: rates.map(\.middlePosition).min() ?? scale.referencePosition,
        isChosen: index == choice)
    }
  }

  /// - Parameters:
  ///   - tuning: By lattice index, the selection loss of each tuning seed, nil for a failed run.
  ///   - ladder: By multiple, the loss of each evaluation seed; nil before it has been run.
  ///   - evaluationSeeds: Their number.
  public init(
    _ method: Method, origin: Double, tuning: [Int: [Double?]], ladder: [[Double?]]?,
    evaluationSeeds: Int, cap: Int = RateScan.cap, scale: ProgressScale,
    options: AnalysisOptions = AnalysisOptions(), tried: [TriedRate] = [],
    rungs: [TriedRate] = []
  ) {
    var scan = RateScan(reference: scale.referencePosition, cap: cap)
    for (index, losses) in tuning where !losses.isEmpty {
      scan.record(scale.score(ofTuning: losses), at: index)
    }
    self.method = method
    self.tuning = tried
    self.evaluation = rungs
    self.scan = scan
    self.origin = origin
    tunedRate = Self.tunedRate(of: scan, origin: origin, scale: scale)
    isTuningComplete = scan.anchor?.isComplete ?? false
    self.ladder =
      tunedRate == nil ? nil : ladder.map { StressLadder(losses: $0, scale: scale) }
    intervals = self.ladder.map { ladder in
      RobustIntervals(
        tuning: tuning, ladder: ladder, resamples: options.resamples,
        confidence: options.confidence, seed: options.seed)
    }
    tunedPositions =
      self.ladder?.positions[StressLadder.tuned]
      ?? [Double](repeating: scale.referencePosition, count: evaluationSeeds)
    robustProgress =
      scale.lowerBound == nil
      ? nil : self.ladder?.robustProgress ?? [Double](repeating: 0, count: evaluationSeeds)
  }
}
