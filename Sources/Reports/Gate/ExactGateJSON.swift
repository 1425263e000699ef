internal import Analysis
internal import Records

/// Every finding of a comparison in the exact mode.
struct ExactGateJSON: Encodable {
  private struct Difference: Encodable {
    let problem, run, kind, what: String
    let step: Int?
    let baseline, current: Double?
    let unitsInLastPlace: UInt32?
    let option, baselineText, currentText: String?

    init(_ difference: RunDifference) {
      problem = difference.key.problem
      run = difference.key.run
      step = difference.step
      baseline = difference.baseline
      current = difference.current
      unitsInLastPlace = difference.unitsInLastPlace
      option = difference.texts.flatMap { $0.path.isEmpty ? nil : $0.path }
      baselineText = difference.texts?.baseline
      currentText = difference.texts?.current
      (kind, what) =
        switch difference.place {
        case .start(let what): ("start", what)
        case .step(_, let what): ("step", what)
        case .evaluation(_, let what): ("evaluation", what)
        case .summary(let what): ("summary", what)
        }
    }
  }

  private struct Distance: Encodable {
    let step, runs: Int
    let unitsInLastPlace: UInt32

    init(_ distance: ExactComparison.StepDistance) {
      step = distance.step
      runs = distance.runs
      unitsInLastPlace = distance.unitsInLastPlace
    }
  }

  private let gate = 1
  private let mode = "exact"
  private let experiment: String
  private let passed: Bool
  private let unitsInLastPlace: UInt32
  private let runs: Int
  private let obstacles: [String]
  private let differences: [Difference]
  private let distances: [Distance]

  init(_ comparison: ExactComparison) {
    experiment = comparison.baseline.name
    passed = comparison.isPassed
    unitsInLastPlace = comparison.policy.unitsInLastPlace
    runs = comparison.runs
    obstacles = comparison.obstacles.map(\.message)
    differences = comparison.differences.map { Difference($0) }
    distances = comparison.distances.map { Distance($0) }
  }

  var text: String { jsonDocument(self) }
}
