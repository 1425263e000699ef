internal import Analysis
internal import Optimizers
internal import Problems
internal import Settings

extension ExperimentSpec {
  /// The published figures of a file, each with its place.
  static func readPublished(
    _ setting: Setting?
  ) throws(SettingsError) -> [(place: Setting, figure: PublishedFigure)] {
    var mistakes = Mistakes()
    var figures: [(place: Setting, figure: PublishedFigure)] = []
    for element in try setting?.elements() ?? [] {
      if let figure = mistakes.attempt(try PublishedFigure.read(element)) {
        figures.append((element, figure))
      }
    }
    try mistakes.check()
    return figures
  }

  /// Refuses published figures that no run of this experiment can be compared with.
  func checkPublished(
    _ figures: [(place: Setting, figure: PublishedFigure)]
  ) throws(SettingsError) {
    var mistakes = Mistakes()
    for (element, figure) in figures {
      _ = mistakes.attempt(try checkPublished(figure, at: element))
    }
    try mistakes.check()
  }

  private func checkPublished(
    _ figure: PublishedFigure, at element: Setting
  ) throws(SettingsError) {
    func place(_ key: String) -> Setting { element.value(of: key) ?? element }

    if figure.problem == nil, problems.count > 1 {
      throw element.error(
        "the key 'problem' is missing; allowed: \(problems.map(\.name).joined(separator: ", "))")
    }
    guard let problem = problems.first(where: { $0.name == figure.problem ?? problems[0].name })
    else {
      throw place("problem").error(
        unknownName(
          figure.problem ?? "", kind: "problem of this file", candidates: problems.map(\.name)))
    }
    guard let optimizer = optimizers.first(where: { $0.label == figure.optimizer }) else {
      throw place("optimizer").error(
        unknownName(
          figure.optimizer, kind: "optimizer of this file", candidates: optimizers.map(\.label)))
    }
    guard clippings.contains(where: { $0.label == figure.clipping }) else {
      throw place("clipping").error(
        unknownName(
          figure.clipping, kind: "clipping strategy of this file",
          candidates: clippings.map(\.label)))
    }
    let rates = (optimizer.learningRates ?? learningRates)?.values ?? []
    if self.protocol != .grid {
      // The rate is found only later: the figure stands beside the runs at that one.
      guard figure.learningRate == nil else {
        throw place("learning_rate").error(
          "'protocol: robust' searches for the learning rate; leave this one out, or write protocol: grid"
        )
      }
    } else if !rates.contains(where: figure.isAt) {
      let near = rates.min {
        abs($0 - (figure.learningRate ?? 0)) < abs($1 - (figure.learningRate ?? 0))
      }
      throw place("learning_rate").error(
        "no run of '\(optimizer.label)' has this learning rate; the nearest of its grid is "
          + (near.map(numberLabel) ?? "none"))
    }
    switch figure.quantity {
    case .final: break
    case .stepsToTarget, .epochsToTarget:
      guard problem.target != nil else {
        throw place("metric").error(
          "the problem '\(problem.name)' has no target; give it one, or compare another metric")
      }
    }
  }
}
