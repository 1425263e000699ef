/// Why a run is part of an experiment.
public enum RunPurpose: Sendable, Hashable {
  /// A point of the grid that the experiment file names.
  case grid
  /// The search for a method's learning rate, at a multiple of the rate that it starts from.
  case tuning(multiple: Double)
  /// At a multiple of the tuned rate, on seeds that tuned nothing.
  case evaluation(multiple: Double)

  /// `grid`, `tuning` or `evaluation`.
  public var name: String {
    switch self {
    case .grid: "grid"
    case .tuning: "tuning"
    case .evaluation: "evaluation"
    }
  }

  /// What the learning rate is a multiple of that for; NaN in a grid.
  public var multiple: Double {
    switch self {
    case .grid: .nan
    case .tuning(let multiple), .evaluation(let multiple): multiple
    }
  }

  /// Whether tables of methods take the run: a grid's runs, and those at the tuned rate.
  public var isTabled: Bool {
    switch self {
    case .grid: true
    case .tuning: false
    case .evaluation(let multiple): multiple == 1
    }
  }

  /// The purpose called `name`; a grid's for any other name.
  public init(name: String, multiple: Double) {
    switch name {
    case "tuning": self = .tuning(multiple: multiple)
    case "evaluation": self = .evaluation(multiple: multiple)
    default: self = .grid
    }
  }
}
