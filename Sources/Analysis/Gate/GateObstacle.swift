/// What all seeds of a problem draw otherwise than they did in the baseline, although they are the same
/// seeds.
public struct GateRedraw: Sendable, Equatable {
  public let problem: String
  public let draw: GateObstacle.Draw

  public init(problem: String, draw: GateObstacle.Draw) {
    self.problem = problem
    self.draw = draw
  }
}

/// Why two results cannot be compared, or not wholly. Each fails the gate.
public enum GateObstacle: Sendable, Equatable {
  /// Which of the two results.
  public enum Side: String, Sendable { case baseline, current }

  /// What every seed draws for itself.
  public enum Draw: String, Sendable {
    case initialParameters = "initial parameters"
    case dataOrder = "order of the examples"
  }

  /// The experiments differ in these places of their files, seeds and title apart; empty where one of
  /// the files cannot be read.
  case otherSpec([ValueDifference])
  /// The problem of this name is not the same: other data, another model or another loss. Its
  /// summaries in both results.
  case otherProblem(String, baseline: String, current: String)
  /// Runs that were planned are not in the file.
  case incomplete(Side, stored: Int, planned: Int)
  /// Runs that the other result has, the first of them by name.
  case missingRuns(Side, [String], count: Int)
  /// Seeds of the baseline that the current result does not have.
  case missingSeeds([Int])
  /// The current result has fewer seeds.
  case fewerSeeds(baseline: Int, current: Int)
  /// With so few seeds no difference could ever be significant.
  case tooFewSeeds(Int, needed: Int)
  /// Seeds of a problem share what they drew each for itself in the baseline: a seed is ignored. No
  /// mean need move, but every interval over seeds is wrong.
  case repeatedDraws(String, Draw, distinct: Int, baseline: Int)
  /// No run of the cell failed in the baseline, and every one fails now.
  case collapsed(GateCell)
  /// Another program computes the problem of this name, and its gradient differed from itself by so
  /// much of its norm when it was asked for twice: the same bits cannot be expected.
  case notDeterministic(String, difference: Double)
  /// The two results share no cell with all seeds.
  case nothingInCommon
}
