internal import Statistics
internal import Tensors

// The quantities of the robust protocol with their intervals, as tables state them.

extension RobustMethod {
  /// The loss at the interquartile mean over evaluation seeds of the position at the tuned rate, failed
  /// runs counting as the reference loss; nil without a ladder.
  public var tunedLoss: Estimate? {
    ladder.map { ladder in
      Estimate(
        ladder.scale.loss(at: tunedPosition), intervals?.tunedPosition.map(ladder.scale.loss))
    }
  }

  /// S⁺, the mean over evaluation seeds: 1 where the method does not train.
  public var overshootRegret: Estimate {
    Estimate(meanOvershootRegret, intervals?.overshootRegret)
  }

  /// S⁻, the mean over evaluation seeds; nil without a ladder.
  public var undershootRegret: Double? { ladder.map { mean($0.undershootRegrets) } }

  /// The smallest multiple at which half of the progress is lost, as log₁₀: the mean over evaluation
  /// seeds, the ladder's end where that is never; nil without a ladder.
  public var headroom: Double? { ladder.map { mean($0.headrooms) } }

  /// RP, the mean over evaluation seeds; nil without a lower bound.
  public var progress: Estimate? {
    meanRobustProgress.map { Estimate($0, intervals?.robustProgress) }
  }

  /// π at the tuned rate, the mean over evaluation seeds; nil without a ladder or a lower bound.
  public var tunedProgress: Double? { ladder?.tunedProgress.map(mean) }

  /// Every run, of tuning and evaluation.
  public var runs: [RunSummary] { tuningRuns + evaluation.flatMap(\.runs) }

  /// Every run of tuning, at whatever setting.
  public var tuningRuns: [RunSummary] {
    (settings.isEmpty ? tuning : settings.flatMap(\.rates)).flatMap(\.runs)
  }

  private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}

extension RobustMethod.TriedRate {
  /// The interquartile mean over seeds of the position.
  public var middlePosition: Double { interquartileMean(positions) }
}

extension ProgressScale {
  /// The interquartile mean of the positions that losses count with, nil for a failed run.
  public func middlePosition(of losses: [Double?]) -> Double { score(ofTuning: losses) }
}

extension RateScan {
  /// The rate at a place between lattice indices.
  public static func rate(origin: Double, position: Double) -> Double {
    origin * power(10, position / 4)
  }
}

extension RobustComparison.Effect {
  /// The difference with its interval.
  public var estimate: Estimate { Estimate(difference, interval) }
}

extension StressLadder.Rung {
  /// The share of useful runs with its exact interval.
  public func usefulShare(_ options: AnalysisOptions) -> Estimate? {
    Estimate(share: useful, of: runs, options)
  }

  /// The share of runs that are finite and of no use, likewise.
  public func uselessShare(_ options: AnalysisOptions) -> Estimate? {
    Estimate(share: useless, of: runs, options)
  }

  /// The share of failed runs, likewise.
  public func failedShare(_ options: AnalysisOptions) -> Estimate? {
    Estimate(share: failed, of: runs, options)
  }
}

extension Interval {
  fileprivate func map(_ rising: (Double) -> Double) -> Interval {
    Interval(lower: rising(lower), upper: rising(upper))
  }
}
