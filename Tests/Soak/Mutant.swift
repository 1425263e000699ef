/// A mistake that somebody could make, and whether it matters.
struct Mutant: Sendable {
  /// Whether the statistical mode is expected to see it, settled before it was tried.
  enum Weight: Sendable {
    /// Changes what a reader of the reports would conclude.
    case material(String)
    /// Too small, too rare, or not in what the reports say.
    case slight(String)

    var reason: String {
      switch self {
      case .material(let reason), .slight(let reason): reason
      }
    }

    var isMaterial: Bool {
      if case .material = self { true } else { false }
    }
  }

  let name: String
  /// The mistake in a few words.
  let mistake: String
  let weight: Weight
  let alter: @Sendable (inout Specimen) -> Void

  init(
    _ name: String, _ mistake: String, _ weight: Weight,
    alter: @escaping @Sendable (inout Specimen) -> Void
  ) {
    self.name = name
    self.mistake = mistake
    self.weight = weight
    self.alter = alter
  }

  /// The mutants by where the mistake sits.
  static let all: [(place: String, mutants: [Mutant])] = [
    ("optimizer", optimizer), ("clipping", clipping), ("schedule", schedule),
    ("data order", dataOrder), ("initialisation", initialization), ("loss", loss),
    ("recording", recording),
  ]

  /// Alterations that must change nothing: the way in which mutants are put in place is not itself a
  /// mutation.
  static let controls: [Mutant] = [
    Mutant("control-optimizer", "an optimizer handed through", .slight("changes nothing")) {
      $0.alterOptimizer(OptimizerChange())
    },
    Mutant("control-problem", "a problem handed through", .slight("changes nothing")) {
      $0.alterProblem(ProblemChange())
    },
  ]
}
