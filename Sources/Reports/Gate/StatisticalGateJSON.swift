internal import Analysis
internal import Records

/// Every number of a comparison in the statistical mode.
struct StatisticalGateJSON: Encodable {
  private struct Cell: Encodable {
    let problem, optimizer, clipping: String
    let learningRate: Double?
    /// Of the method's own tuned rate, in place of the rate.
    let multiple: Double?
    let baseline, current, difference, shift: Double

    init(_ cell: CellDifference) {
      problem = cell.cell.problem
      optimizer = cell.cell.method.optimizer
      clipping = cell.cell.method.clipping
      learningRate = cell.cell.isMultiple ? nil : cell.cell.learningRate
      multiple = cell.cell.isMultiple ? cell.cell.learningRate : nil
      baseline = cell.baseline
      current = cell.current
      difference = cell.difference
      shift = cell.shift
    }
  }

  private struct Movement: Encodable {
    let pValue, adjustedPValue, effect: Double

    init(_ movement: MetricComparison.Movement) {
      pValue = movement.pValue
      adjustedPValue = movement.adjustedPValue
      effect = movement.effect
    }
  }

  private struct Metric: Encodable {
    let name, verdict: String
    let failsTheGate: Bool
    let minimumEffect, meanDifference: Double
    let lower, upper: Double?
    let seedsNeeded: Int?
    let increase, decrease: Movement
    let cells: [Cell]

    init(_ metric: MetricComparison, fails: Bool) {
      name = metric.metric.name
      verdict = metric.verdict.word
      failsTheGate = fails
      minimumEffect = metric.rule.minimumEffect
      meanDifference = metric.meanDifference
      lower = metric.lower
      upper = metric.upper
      if case .undecided(let needed) = metric.verdict {
        seedsNeeded = needed
      } else {
        seedsNeeded = nil
      }
      increase = Movement(metric.increase)
      decrease = Movement(metric.decrease)
      cells = metric.cells.map { Cell($0) }
    }
  }

  private struct UpdateRules: Encodable {
    struct Change: Encodable {
      let optimizer, clipping, setting, coordinate: String
      let step: Int
      /// nil for what is no number.
      let baseline, current: Double?
    }

    let compared: Int
    let failTheGate: Bool
    let changes: [Change]
    /// The methods of which one of the results has no trace.
    let unknown: [String]

    init(_ comparison: GateComparison) {
      let rules = comparison.updateRules
      compared = rules.compared
      failTheGate = comparison.failsForUpdateRules
      changes = rules.changes.map {
        Change(
          optimizer: $0.method.optimizer, clipping: $0.method.clipping, setting: $0.setting,
          coordinate: $0.coordinate, step: $0.step,
          baseline: $0.baseline.isFinite ? Double($0.baseline) : nil,
          current: $0.current.isFinite ? Double($0.current) : nil)
      }
      unknown = rules.unknown.map(\.label)
    }
  }

  private let gate = 1
  private let mode = "statistical"
  private let experiment: String
  private let passed: Bool
  private let significance: Double
  private let pairing: String
  private let seeds, settings: Int
  private let obstacles: [String]
  private let updateRules: UpdateRules
  private let metrics: [Metric]

  init(_ comparison: GateComparison) {
    experiment = comparison.baseline.name
    passed = comparison.isPassed
    significance = comparison.policy.significance
    pairing = comparison.policy.pairing.rawValue
    seeds = comparison.seeds
    settings = comparison.settings
    obstacles = comparison.obstacles.map(\.message)
    updateRules = UpdateRules(comparison)
    metrics = comparison.metrics.map { Metric($0, fails: comparison.isFailure($0)) }
  }

  var text: String { jsonDocument(self) }
}
