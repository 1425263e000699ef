internal import Records

/// A method of one problem with the settings at which an experiment found it best.
public struct ChosenMethod: Sendable {
  public let method: Method
  public let configuration: MethodConfiguration
  /// The learning rate before the schedule.
  public let learningRate: Double
  /// Where the learning rate comes from, for people.
  public let origin: String

  /// Why there is none.
  public struct Absence: Error, CustomStringConvertible {
    public let description: String
  }

  /// - Parameter label: The method's label or, where it was run without clipping alone, its optimizer's; nil
  ///   for the method that the experiment recommends, or for a grid the first of its ranking.
  public init(_ label: String?, in problem: ProblemAnalysis) throws(Absence) {
    if let robust = problem.robust {
      self = try Self.tuned(label, in: robust)
    } else {
      self = try Self.best(label, in: problem)
    }
  }

  private init(_ run: RunSummary, origin: String) {
    method = run.method
    configuration = MethodConfiguration(config: run.config)
    learningRate = run.learningRate
    self.origin = origin
  }

  private static func tuned(
    _ label: String?, in robust: RobustAnalysis
  ) throws(Absence) -> ChosenMethod {
    let chosen: RobustMethod
    if let label {
      guard let found = robust.methods.first(where: { $0.method.isCalled(label) }) else {
        throw Absence(none: label, among: robust.methods.map(\.method))
      }
      chosen = found
    } else {
      let recommendation = Recommendation(of: robust, constraint: Recommendation.Constraint())
      guard let choice = recommendation.choice else {
        throw Absence(
          description:
            "no method meets the constraint of 'optbench recommend'; name one with --method")
      }
      chosen = choice.method
    }
    guard let run = chosen.tunedRuns.first else {
      throw Absence(
        description: "\(chosen.method.label) does not train at any learning rate that was tried")
    }
    let seeds = robust.tuningSeeds.count
    return ChosenMethod(
      run, origin: "the centre of the plateau round the best rate, over \(seeds) tuning seeds")
  }

  private static func best(
    _ label: String?, in problem: ProblemAnalysis
  ) throws(Absence) -> ChosenMethod {
    let wanted: Method
    if let label {
      guard let found = problem.methods.first(where: { $0.method.isCalled(label) }) else {
        throw Absence(none: label, among: problem.methods.map(\.method))
      }
      wanted = found.method
    } else {
      guard let best = problem.ranking.best ?? problem.ranking.methods.first?.method else {
        throw Absence(description: "no method has all its runs; name one with --method")
      }
      wanted = best
    }
    let analysis = problem.methods.first { $0.method == wanted }
    guard let rate = analysis?.chosenRates.first,
      let choice = analysis?.choices.first(where: { $0.learningRate == rate.rate }),
      let run = problem.summaries.first(where: {
        $0.method == wanted && $0.trial == choice.trial && !$0.isFailed
      })
    else {
      throw Absence(description: "every run of \(wanted.label) failed: there is no rate to choose")
    }
    return ChosenMethod(
      run,
      origin: "the best of the grid's by \(rate.seeds) of \(analysis?.choices.count ?? 0) seeds")
  }
}

extension ChosenMethod.Absence {
  fileprivate init(none label: String, among methods: [Method]) {
    let near = methods.filter { $0.label.contains(label) || label.contains($0.optimizer) }
    let told = (near.isEmpty ? methods : near).prefix(8).map { "'\($0.label)'" }
    description = "no method is called '\(label)'; there are \(told.joined(separator: ", "))"
  }
}

extension Method {
  /// Whether `label` means the method, in one of the ways in which tables write it.
  public func isCalled(_ label: String) -> Bool {
    label == self.label || label == "\(optimizer) + \(clipping)"
      || label == "\(optimizer) × \(clipping)"
  }
}
