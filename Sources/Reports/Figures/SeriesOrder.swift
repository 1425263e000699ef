internal import Analysis

/// Which series a report's pictures draw, in one order for all of them: the clipping strategies, in
/// panels by optimizer; where there is only one, the optimizers.
struct SeriesOrder {
  private let clippings: [String]
  private let optimizers: [String]

  init(_ analysis: ExperimentAnalysis) {
    func distinct(_ names: [String]) -> [String] {
      var seen: Set<String> = []
      return names.filter { seen.insert($0).inserted }
    }
    let robust = analysis.problems.compactMap(\.robust).flatMap(\.planned)
    clippings = distinct(robust.map(\.clipping) + analysis.clippings.map(\.name))
    optimizers = distinct(
      robust.map(\.optimizer) + analysis.problems.flatMap(\.optimizers).map(\.name))
  }

  private var isByClipping: Bool { clippings.count > 1 }
  /// Whether each optimizer has a panel of its own.
  private var hasPanels: Bool {
    isByClipping || optimizers.count > Figure.Series.distinct
  }

  func series(_ method: Method) -> Figure.Series {
    if isByClipping { return .init(index: clippings.firstIndex(of: method.clipping) ?? 0) }
    return .init(index: hasPanels ? 0 : optimizers.firstIndex(of: method.optimizer) ?? 0)
  }

  /// Every method, as the plan lists them.
  func methods(_ analysis: ExperimentAnalysis) -> [Method] {
    var seen: Set<Method> = []
    return analysis.problems.flatMap { problem in
      (problem.robust?.planned ?? []) + problem.methods.map(\.method)
    }.filter { seen.insert($0).inserted }
  }

  /// The methods of each panel.
  func panels(_ problem: ProblemAnalysis) -> [(title: String, methods: [MethodAnalysis])] {
    let stored = problem.methods.filter { $0.stability.runs.done > 0 }
    if !hasPanels { return [("", stored)] }
    return problem.optimizers.map(\.name).compactMap { name in
      let own = stored.filter { $0.method.optimizer == name }
      return own.isEmpty ? nil : (name, own)
    }
  }

  /// The same of some methods, in the order of the series.
  func panels(_ methods: [Method]) -> [(title: String, methods: [Method])] {
    if methods.isEmpty { return [] }
    // More lines with bands than this hide one another.
    if !hasPanels, methods.count <= 6 { return [("", methods)] }
    return optimizers.compactMap { name in
      let own = methods.filter { $0.optimizer == name }
      return own.isEmpty ? nil : (name, own)
    }
  }

  var keys: [Figure.Key] {
    if !hasPanels || isByClipping {
      return (isByClipping ? clippings : optimizers).enumerated().map { index, name in
        .init(
          label: isByClipping && name == "none" ? "no clipping" : name,
          sign: .series(.init(index: index)))
      }
    }
    return []
  }
}
