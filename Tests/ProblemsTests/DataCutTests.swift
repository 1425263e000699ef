import Problems
import Tensors
import Testing

/// Data sets that each seed cuts anew.
@Suite struct DataCutTests {
  private static func problem(split: String) throws -> any TestProblem {
    try ProblemsTests.problem(digits(dataset: "{name: digits, split: \(split)}"))
  }

  private static func losses(_ probe: Probe) -> [Double?] {
    DataSplit.allCases.map { probe.evaluate($0)?.loss }
  }

  @Test func theCutOfSeedZeroIsTheFixedOne() throws {
    let fixed = Probe(try Self.problem(split: "fixed"))
    let seeded = Probe(try Self.problem(split: "seed"))
    #expect(Self.losses(fixed) == Self.losses(seeded))
    #expect(fixed.problem.digest != seeded.problem.digest)
    #expect(fixed.problem.referenceLoss == seeded.problem.referenceLoss)
  }

  /// With zero parameters the loss of any examples is log 10, so the parameters have to be one model's.
  @Test func otherSeedsTestOtherExamples() throws {
    let problem = try Self.problem(split: "seed")
    let seeds = (0..<4 as Range<UInt64>).map { seed in
      let probe = Probe(problem, seed: seed)
      probe.parameters.copy(from: problem.initialParameters(seed: 0))
      return Self.losses(probe)
    }
    for split in DataSplit.allCases.indices {
      #expect(Set(seeds.map { $0[split] }).count == 4)
    }
    let fixed = try Self.problem(split: "fixed")
    let same = (0..<4 as Range<UInt64>).map { seed in
      let probe = Probe(fixed, seed: seed)
      probe.parameters.copy(from: fixed.initialParameters(seed: 0))
      return Self.losses(probe)
    }
    #expect(same.allSatisfy { $0 == same[0] })
  }

  /// A session hands one objective from run to run; nothing of the last run's seed may stay in it.
  @Test func anObjectiveThatIsUsedAgainHasNothingOfTheSeedBefore() throws {
    let problem = try ProblemsTests.problem(
      digits(
        dataset: "{name: digits, split: seed}",
        model:
          "{name: layers, layers: [flatten, {name: dense, outputs: 8}, batch-norm, relu, dense]}"))
    let parameters = FloatBuffer(problem.initialParameters(seed: 5))
    func results(_ objective: any Objective) -> ([Double?], [[Float]]) {
      var buffers = problem.makeBuffers()
      objective.estimateStatistics(at: UnsafePointer(parameters.pointer), buffers: &buffers)
      let losses = DataSplit.allCases.map { split in
        objective.evaluate(at: UnsafePointer(parameters.pointer), on: split, buffers: buffers)?.loss
      }
      return (losses, buffers.arrays.map(\.values))
    }
    let session = try problem.openSession()
    do {
      let first = try session.makeObjective(seed: 3)
      _ = results(first)
    }
    let again = results(try session.makeObjective(seed: 5))
    let fresh = results(try problem.makeObjective(seed: 5))
    let other = results(try problem.makeObjective(seed: 3))
    #expect(again.0 == fresh.0 && again.1 == fresh.1)
    #expect(again.1 != other.1)
  }
}
