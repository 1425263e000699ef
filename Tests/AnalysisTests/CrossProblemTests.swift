import Analysis
import Records
import Testing
import TestSupport

@Suite struct CrossProblemTests {
  /// Two methods on `count` problems, three seeds; `a` wins on the first `wins` problems and reaches
  /// the target at 50 where b needs 100; on the others the reverse.
  private func analysis(problems count: Int, wins: Int) -> ExperimentAnalysis {
    let problems = (0..<count).map {
      Synthetic.problem("p\($0)", target: (.trainLoss, 0.5))
    }
    let runs = problems.enumerated().flatMap { index, problem in
      ["a", "b"].flatMap { name in
        (0..<3).map { seed in
          let wins = (name == "a") == (index < wins)
          return Synthetic.run(
            name, on: problem.name, seed: seed, losses: [1, 0.6, wins ? 0.25 : 0.5],
            targetStep: wins ? 50 : 100)
        }
      }
    }
    return ExperimentAnalysis(of: Synthetic.experiment(problems, runs))
  }

  @Test func `ranks are averaged over problems`() throws {
    let across = try #require(analysis(problems: 4, wins: 3).acrossProblems)
    #expect(across.methods.map(\.method.optimizer) == ["a", "b"])
    #expect(across.methods[0].rank.convergence.value == 1.25)
    #expect(across.methods[1].rank.convergence.value == 1.75)
    #expect(across.methods[0].rank.stability.value == 1.5)
    #expect(across.methods[0].placesByProblem == [1, 1, 1, 2])
    #expect(across.friedmanPValue == nil && across.criticalDifference == nil)
  }

  @Test func `profile and score count how far a method is from the fastest`() throws {
    let across = try #require(analysis(problems: 4, wins: 3).acrossProblems)
    // a: ratios 1, 1, 1, 2; b: 2, 2, 2, 1.
    #expect(across.methods[0].profile == [0.75, 0.75, 1, 1])
    #expect(across.methods[1].profile == [0.25, 0.25, 1, 1])
    #expect(isClose(try #require(across.methods[0].score), (3 + 2.0 / 3) / 4))
  }

  @Test func `from ten problems up the ranks are tested`() throws {
    let across = try #require(analysis(problems: 10, wins: 10).acrossProblems)
    // Friedman: 12·10/(2·3)·(0.5² + 0.5²) = 10 with one degree of freedom.
    #expect(isClose(try #require(across.friedmanPValue), 0.001565402258, relative: 1e-6))
    // Nemenyi: 1.960·√(2·3/60).
    #expect(isClose(try #require(across.criticalDifference), 0.6198, relative: 1e-3))
  }

  @Test func `one problem has nothing to be compared across`() {
    #expect(analysis(problems: 1, wins: 1).acrossProblems == nil)
  }
}
