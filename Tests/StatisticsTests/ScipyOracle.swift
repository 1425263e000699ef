import Foundation
import TestSupport

/// `Oracles/statistics.json`, written by scripts/oracles/statistics_scipy.py.
struct ScipyOracle: Decodable {
  struct IncompleteBeta: Decodable { let x, a, b, value: Double }
  struct Proportion: Decodable {
    let successes, trials: Int
    let confidence, lower, upper: Double
  }
  struct Distributions: Decodable {
    struct Normal: Decodable { let p, z: Double }
    struct ChiSquared: Decodable {
      let x: Double
      let k: Int
      let survival: Double
    }
    struct StudentizedRange: Decodable {
      let q: Double
      let k: Int
      let value: Double
    }
    let normal: [Normal]
    let chiSquared: [ChiSquared]
    let studentizedRange: [StudentizedRange]
  }
  struct Sample: Decodable {
    let values, p, quantiles, midranks: [Double]
    let median, iqm: Double
  }
  struct Improvement: Decodable {
    let x, y: [Double]
    let value: Double
  }
  struct SignedRank: Decodable {
    let kind: String
    let x, y: [Double]
    let statistic, p: Double
  }
  struct Holm: Decodable { let p, adjusted: [Double] }
  struct Friedman: Decodable {
    let costs: [[Double]]
    let statistic, p: Double
    let meanRanks: [Double]
  }
  struct Nemenyi: Decodable {
    let methods, problems: Int
    let alpha, value: Double
  }
  struct Survival: Decodable {
    let durations: [Int]
    let failed: [Bool]
    let times: [Int]
    let survival, bandLower, bandUpper: [Double]
    let median: Int
  }
  struct Profile: Decodable {
    let costs, fractions: [[Double]]
    let tau, scores: [Double]
  }
  let incompleteBeta: [IncompleteBeta]
  let clopperPearson: [Proportion]
  let distributions: Distributions
  let samples: [Sample]
  let improvement: [Improvement]
  let signedRank: [SignedRank]
  let holm: [Holm]
  let friedman: [Friedman]
  let nemenyi: [Nemenyi]
  let kaplanMeier: [Survival]
  let profile: Profile

  static func load() throws -> ScipyOracle { try oracle("statistics") }
}
