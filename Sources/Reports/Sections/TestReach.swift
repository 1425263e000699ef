internal import Analysis

/// What a ranking's seeds can and cannot prove, in words.
struct TestReach {
  private let ranking: Ranking
  private let significance: Double

  init(_ ranking: Ranking, significance: Double) {
    self.ranking = ranking
    self.significance = significance
  }

  /// nil where nothing needs to be said.
  var text: Prose? {
    let count = ranking.methods.count
    guard count >= 2 else { return nil }
    guard ranking.best != nil else {
      return "Every run at the chosen learning rates failed, so nothing can be compared."
    }
    let seeds = NumberText.count(ranking.seeds.count, "seed")
    if ranking.canSeparatePairs {
      return """
        Methods that share a letter in \(emphasis: "Group") cannot be told apart at the level \
        \(NumberText.exact(significance)). \(reference)
        """
    }
    let pairs = NumberText.count(ranking.pairs.count, "pair")
    let reach =
      ranking.separableMethods < 2
      ? "\(seeds) could not tell even two methods apart"
      : "\(seeds) could tell at most \(ranking.separableMethods) methods apart pair by pair"
    let all: Prose = """
      \(strong: "What \(seeds) cannot show:") these \(count) methods make \(pairs), and a test of so many \
      pairs needs more seeds. Even if every seed agreed, \(reach) (level \
      \(NumberText.exact(significance))). So no groups are given.
      """
    guard count - 1 <= ranking.separableFromBest else {
      return all + """
         Nor can \(seeds) prove that a method differs from the best one: for that, go by the seeds \
        in \(emphasis: "Behind the best").
        """
    }
    return all + " Each method is instead compared with the best one only. " + reference
  }

  private var reference: Prose {
    """
    The best method was found on the same seeds, so read "yes" as strong evidence, not as proof.
    """
  }
}
