internal import Analysis
internal import Optimizers
internal import Problems
internal import Settings

extension ExperimentSpec {
  /// Refuses claims that no run of this experiment could ever show.
  func checkClaims(at place: Setting) throws(SettingsError) {
    let places = place.isSequence ? try place.elements() : [place]
    var mistakes = Mistakes()
    for (claim, element) in zip(claims, places) {
      _ = mistakes.attempt(try check(claim, at: element))
    }
    try mistakes.check()
  }

  private func check(_ claim: Claim, at element: Setting) throws(SettingsError) {
    func place(_ key: String) -> Setting { element.value(of: key) ?? element }
    func plain(_ label: String) -> String { label.filter { !$0.isWhitespace } }

    let methods = optimizers.flatMap { optimizer in
      clippings.map { clipping in
        Analysis.Method(optimizer: optimizer.label, clipping: clipping.label).label
      }
    }
    for (key, label) in [("better", claim.better), ("than", claim.than)]
    where !methods.contains(where: { plain($0) == plain(label) }) {
      throw place(key).error(
        unknownName(label, kind: "method of this file", candidates: methods))
    }
    if claim.problem == nil, problems.count > 1 {
      throw element.error(
        "the key 'on' is missing; allowed: \(problems.map(\.name).joined(separator: ", "))")
    }
    guard let problem = problems.first(where: { $0.name == claim.problem ?? problems[0].name })
    else {
      throw place("on").error(
        unknownName(
          claim.problem ?? "", kind: "problem of this file", candidates: problems.map(\.name)))
    }
    if claim.metric.isRobust, self.protocol == .grid {
      throw place("metric").error(
        "\(claim.metric.name) is measured by 'protocol: robust' only; claim another metric")
    }
    if claim.metric.needsTarget, problem.target == nil {
      throw place("metric").error(
        "the problem '\(problem.name)' has no target; give it one, or claim another metric")
    }
    if let stated = claim.seeds, stated > seeds.count {
      throw place("seeds").error(
        "the claim states \(stated) seeds and the file has \(seeds.count); give it as many")
    }
    guard claim.digest.isEmpty else {
      throw place("digest").error(
        "there is no result yet whose digest this could be; leave it to claims made afterwards")
    }
  }
}
