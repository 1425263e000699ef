import Analysis
import Records
import Testing
import TestSupport

@Suite struct RankingTests {
  /// One run per method and seed with the given final losses; nil: the run failed.
  static func problem(_ losses: [(String, [Double?])], planned: Int? = nil) -> ProblemAnalysis {
    let runs = losses.flatMap { name, values in
      values.enumerated().map { seed, loss in
        Synthetic.run(
          name, seed: seed, losses: [100, 50, loss ?? 0],
          outcome: loss == nil ? .nonfinite : .completed, failureStep: loss == nil ? 3 : -1,
          failure: "update")
      }
    }
    return analyse(runs, planned: planned)
  }

  private func row(_ name: String, _ ranking: Ranking) throws -> RankedMethod {
    try #require(ranking.methods.first { $0.method.optimizer == name })
  }

  @Test func `ranks are means over seeds of both parts`() throws {
    // Seed 0: a < b < c; seed 1: b < a, c failed.
    let ranking = Self.problem([("a", [1, 2]), ("b", [2, 1]), ("c", [3, nil])]).ranking
    let (a, b, c) = (try row("a", ranking), try row("b", ranking), try row("c", ranking))
    #expect(a.rank.convergence.value == 1.5 && b.rank.convergence.value == 1.5)
    #expect(c.rank.convergence.value == 3)
    // Seed 0: nobody failed, all 2; seed 1: c alone failed.
    #expect(a.rank.stability.value == 1.75)
    #expect(c.rank.stability.value == 2.5)
    #expect(a.rank.combined.value == 1.625)
    #expect(ranking.methods.map(\.place) == [1, 1, 3])
    #expect(a.isUndominated && b.isUndominated && !c.isUndominated)
  }

  @Test func `failed runs are last and tie with each other`() throws {
    let ranking = Self.problem([
      ("a", [nil, nil, nil]), ("b", [nil, nil, nil]), ("c", [9, 9, 9]),
    ]).ranking
    #expect(try row("a", ranking).rank.convergence.value == 2.5)
    #expect(try row("b", ranking).rank.convergence.value == 2.5)
    let pair = try #require(ranking.pairs.first)
    #expect(pair.wins == 0 && pair.ties == 3 && pair.losses == 0)
    #expect(pair.probabilityOfImprovement == 0.5 && pair.pValue == 1)
    #expect(ranking.best?.optimizer == "c")
  }

  @Test func `pairs are tested by Wilcoxon and adjusted by Holm`() throws {
    // Ten seeds, all three differ on every seed: p = 2/1024 each, Holm ×3.
    let ranking = Self.problem([
      ("a", (0..<10).map { Double($0) + 0.1 }), ("b", (0..<10).map { Double($0) + 0.3 }),
      ("c", (0..<10).map { Double($0) + 0.7 }),
    ]).ranking
    for pair in ranking.pairs {
      #expect(pair.wins == 10 && isClose(pair.pValue, 2.0 / 1024))
      #expect(isClose(pair.adjustedPValue, 6.0 / 1024))
    }
    #expect(ranking.canSeparatePairs && ranking.separableMethods == 7)
    #expect(ranking.separableFromBest == 25)
    #expect(try row("a", ranking).groups == "a")
    #expect(try row("b", ranking).groups == "b")
    #expect(try row("c", ranking).groups == "c")
    #expect(isClose(try #require(try row("b", ranking).pValueAgainstBest), 4.0 / 1024))
    #expect(try row("a", ranking).pValueAgainstBest == nil)
    #expect(try row("b", ranking).seedsBehindBest == 10)
    // a beats b on its 10 seeds and on the 45 pairs with a smaller one, and c likewise.
    #expect(try row("a", ranking).probabilityOfImprovement == 0.55)
  }

  @Test func `ten seeds cannot separate eight methods pairwise, but from the best one`() throws {
    let ranking = Self.problem(
      (0..<8).map { method in
        ("m\(method)", (0..<10).map { Double(100 * method + $0) })
      }
    ).ranking
    #expect(!ranking.canSeparatePairs && ranking.separableMethods == 7)
    #expect(ranking.methods.allSatisfy { $0.groups == "a" })
    #expect(isClose(try #require(try row("m7", ranking).pValueAgainstBest), 7 * 2.0 / 1024))
  }

  @Test func `a pair that differs and a third in between share letters`() throws {
    // b is beaten by a on 9 of 12 seeds only, and beats c on 9 of 12.
    let a = (0..<12).map { Double($0) }
    let b = (0..<12).map { Double($0) + ($0 < 7 ? 1 : -1) }
    let c = (0..<12).map { Double($0) + 2.5 }
    let ranking = Self.problem([("a", a), ("b", b), ("c", c)]).ranking
    let groups = [
      try row("a", ranking).groups, try row("b", ranking).groups, try row("c", ranking).groups,
    ]
    #expect(groups == ["a", "a", "b"])
  }

  @Test func `missing runs shrink the ranking to the largest complete block`() {
    // c has one of four seeds: 2 methods × 4 seeds beat 3 × 1.
    let problem = Self.problem(
      [("a", [1, 2, 3, 4]), ("b", [2, 3, 4, 5]), ("c", [0])], planned: 12)
    #expect(problem.ranking.methods.map(\.method.optimizer) == ["a", "b"])
    #expect(problem.ranking.unranked.map(\.optimizer) == ["c"])
    #expect(problem.ranking.seeds == [0, 1, 2, 3])
    #expect(problem.runs.planned == 12 && problem.runs.missing == 3)
    #expect(problem.methods[2].stability.runs.missing == 3)
  }

  @Test func `seeds that everybody lacks something of are left out`() {
    let problem = Self.problem([("a", [1, 2, 3]), ("b", [2, 3]), ("c", [3, 4])], planned: 9)
    #expect(problem.ranking.methods.count == 3 && problem.ranking.seeds == [0, 1])
  }

  @Test func `of two blocks of one size the one with more methods is ranked`() {
    // 2 methods × 1 seed is as much as 1 × 2.
    let ranking = Self.problem([("a", [1, 2]), ("b", [2])], planned: 4).ranking
    #expect(ranking.methods.count == 2 && ranking.seeds == [0] && ranking.unranked.isEmpty)
  }

  @Test func `one method alone is ranked without comparisons`() {
    let ranking = Self.problem([("a", [1, 2])]).ranking
    #expect(ranking.methods.map(\.place) == [1] && ranking.pairs.isEmpty && ranking.best == nil)
    #expect(ranking.methods[0].probabilityOfImprovement == nil)
  }

  @Test func `where everything failed nobody is best`() {
    let ranking = Self.problem([("a", [nil, nil]), ("b", [nil, nil])]).ranking
    #expect(ranking.best == nil)
    #expect(ranking.methods.map(\.place) == [1, 1])
  }

  @Test func `the order of methods does not change the ranks`() throws {
    let losses: [(String, [Double?])] = [
      ("a", [1, 4, nil]), ("b", [2, 1, 5]), ("c", [3, 2, 1]),
    ]
    let forward = Self.problem(losses).ranking
    let backward = Self.problem(losses.reversed()).ranking
    for name in ["a", "b", "c"] {
      let (x, y) = (try row(name, forward), try row(name, backward))
      #expect(x.rank.combined == y.rank.combined && x.place == y.place)
    }
  }
}
