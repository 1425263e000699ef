internal import Statistics
internal import Tensors

/// One method on one problem under the robust protocol: its scan, its tuned rate, its ladder.
public struct RobustMethod: Sendable {
  /// A method whose best score gains less than this share of what is possible does not train.
  public static let trainingShare = 0.1

  public let method: Method
  public let scan: RateScan
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

  /// The rate at which a scan's method is to be evaluated; nil where it does not train.
  public static func tunedRate(of scan: RateScan, origin: Double, scale: ProgressScale) -> Double? {
    guard let anchor = scan.anchor, let best = scan.best.flatMap({ scan.scores[$0] }) else {
      return nil
    }
    if let progress = scale.progress(at: best), progress < trainingShare { return nil }
    return origin * power(10, anchor.position / 4)
  }

  /// - Parameters:
  ///   - tuning: By lattice index, the selection loss of each tuning seed, nil for a failed run.
  ///   - ladder: By multiple, the loss of each evaluation seed; nil before it has been run.
  ///   - evaluationSeeds: Their number.
  public init(
    _ method: Method, origin: Double, tuning: [Int: [Double?]], ladder: [[Double?]]?,
    evaluationSeeds: Int, scale: ProgressScale, options: AnalysisOptions = AnalysisOptions()
  ) {
    var scan = RateScan(reference: scale.referencePosition)
    for (index, losses) in tuning where !losses.isEmpty {
      scan.record(interquartileMean(losses.map { scale.position($0) }), at: index)
    }
    self.method = method
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
