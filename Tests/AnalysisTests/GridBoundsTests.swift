import Analysis
import Records
import Tensors
import Testing

/// What a plain grid tells of S⁺, on losses that are linear in log₁₀ η between the grid's rates, so that
/// what lies between them is known.
@Suite struct GridBoundsTests {
  private static let seeds = 4
  /// log₁₀ of the rates.
  private static let places: [Double] = [-4, -3.5, -3, -2.5, -2, -1.5, -1, -0.5, 0]

  /// A valley from −3 to −2 with walls of one unit a decade; above −0.75 runs explode.
  private static func loss(_ place: Double, seed: Int) -> Double? {
    if place > -0.75 { return nil }
    let height = max(0, -3 - place, place + 2)
    return min(0.4 + 0.01 * Double(seed) + 1 * height, 2.3)
  }

  private static func problem(
    upTo limit: Double, referenceLoss: Double = 2.3, _ loss: (Double, Int) -> Double? = loss
  ) throws -> ProblemAnalysis {
    var problem = Synthetic.problem()
    problem.referenceLoss = referenceLoss
    var runs: [RunRecord] = []
    for (trial, place) in places.enumerated() where place <= limit {
      for seed in 0..<seeds {
        let final = loss(place, seed)
        runs.append(
          Synthetic.run(
            "sgd", trial: trial, rate: power(10, place), seed: seed,
            losses: [2.3, 1.5, final ?? 9], outcome: final == nil ? .exploded : .completed,
            failureStep: final == nil ? 60 : -1))
      }
    }
    return try #require(
      ExperimentAnalysis(of: Synthetic.experiment([problem], runs)).problems.first)
  }

  /// S⁺ of a ladder that is run at the anchor, between rates as between the grid's.
  private static func overshoot(anchor: Double) -> Double {
    func loss(_ place: Double, _ seed: Int) -> Double {
      let above = places.firstIndex { $0 >= place } ?? 0
      let (low, high) = (places[above - 1], places[above])
      let share = (place - low) / (high - low)
      let ends = [low, high].map { Self.loss($0, seed: seed) ?? 2.3 }
      return ends[0] + share * (ends[1] - ends[0])
    }
    let losses = StressLadder.multiples.map { multiple in
      (0..<seeds).map { seed -> Double? in
        multiple < 1 ? 1 : loss(anchor + decimalLogarithm(multiple), seed)
      }
    }
    let ladder = StressLadder(
      losses: losses,
      scale: ProgressScale(referenceLoss: 2.3, lowerBound: 0, isLogarithmic: false))
    return ladder.overshootRegrets.reduce(0, +) / Double(seeds)
  }

  @Test func `a grid that reaches ten times the best rate tells all`() throws {
    let bounds = try #require(GridBounds.all(of: try Self.problem(upTo: 0))?.first)
    let anchor = decimalLogarithm(try #require(bounds.anchor))
    // The plateau ends where .05 of the progress, .094, is lost on either side.
    #expect(abs(anchor - -2.5) < 1e-9 && bounds.isBracketed)
    guard case .bounds(let lower, let upper, let reach) = bounds.finding else {
      Issue.record("\(bounds)")
      return
    }
    let truth = Self.overshoot(anchor: anchor)
    #expect(truth > 0.05 && abs(lower - truth) < 1e-6 && abs(upper - truth) < 1e-6)
    #expect(reach == 10)
  }

  @Test(arguments: [(-1.5, 10.0), (-1.75, 4), (-2.0, 2), (-2.5, 1)])
  func `a grid that ends before leaves bounds that hold what it cannot tell`(
    limit: Double, reach: Double
  ) throws {
    let bounds = try #require(GridBounds.all(of: try Self.problem(upTo: limit))?.first)
    guard case .bounds(let lower, let upper, let found) = bounds.finding else {
      Issue.record("\(bounds)")
      return
    }
    let truth = Self.overshoot(anchor: -2.5)
    #expect(lower <= truth + 1e-6 && truth <= upper + 1e-6, "\(lower) \(truth) \(upper)")
    #expect(found <= reach)
    if limit == -2.5 { #expect(!bounds.isBracketed && upper - lower > 0.5) }
  }

  @Test func `a method that stays where it starts has none`() throws {
    let problem = try Self.problem(upTo: 0) { _, _ in 2.2 }
    #expect(GridBounds.all(of: problem)?.map(\.finding) == [.doesNotTrain])
  }

  @Test func `without a reference loss nothing is said`() throws {
    #expect(GridBounds.all(of: try Self.problem(upTo: 0, referenceLoss: .nan)) == nil)
  }
}
