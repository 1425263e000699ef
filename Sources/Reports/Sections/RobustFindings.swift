internal import Analysis
internal import Records

/// What the robust protocol found on one problem, in words built from the tables' values. Nothing is
/// called the best where the seeds leave it open.
struct RobustFindings {
  private let problem: ProblemAnalysis
  private let robust: RobustAnalysis
  private let rows: [RobustRow]

  init(_ problem: ProblemAnalysis, _ robust: RobustAnalysis) {
    self.problem = problem
    self.robust = robust
    rows = RobustRow.rows(problem)
  }

  private var trained: [RobustRow] { rows.filter { $0.ladder != nil } }
  private var evaluationSeeds: String {
    NumberText.count(robust.evaluationSeeds.count, "evaluation seed")
  }

  var items: [Block.Item] {
    [furthest, lowest, besideBaseline, misjudged, clipping].compactMap { $0 } + flags
  }

  /// The methods whose rank may be the first.
  var first: [RobustRow] { trained.filter { $0.ranks?.lowerBound == 1 } }

  private var furthest: Block.Item? {
    guard let best = first.first else {
      return trained.isEmpty
        ? .init("\(strong: "Goes furthest:") no method that was run whole trains.") : nil
    }
    let what = robust.scale.lowerBound == nil ? "tuned loss" : "robust progress"
    guard first.count > 1 else {
      return .init(
        "\(strong: "Goes furthest:") \(described(best)). The \(evaluationSeeds) suffice to rank it first by \(what)."
      )
    }
    return .init(
      """
      \(strong: "May go furthest:") the \(evaluationSeeds) leave open which of \(first.count) methods has the \
      \(robust.scale.lowerBound == nil ? "lowest tuned loss" : "greatest robust progress"): \
      \(first.map { "\(code: $0.method.label)" }.listed(limit: 12)). The one measured highest is \(described(best)).
      """)
  }

  /// `adam`, useful up to 4× its tuned rate of 0.015, with a robust progress of 0.83 [0.80, 0.85].
  private func described(_ row: RobustRow) -> Prose {
    let progress = row.values?.progress.map {
      ", with a robust progress of \(QuantityText.fraction($0))"
    }
    return
      "\(code: row.method.label), \(useful(row)) its tuned rate of \((row.values?.tunedRate).text(NumberText.rate))\(progress ?? "")"
  }

  private func useful(_ row: RobustRow) -> String {
    guard let multiple = row.ladder?.usefulMultiple(atLeast: StressLadder.usefulShare) else {
      return "useful in fewer than nine of ten runs even at"
    }
    return multiple == 1
      ? "useful at 1× but not at 2×" : "useful up to \(LadderColumns.multipleWords(multiple))"
  }

  private var lowest: Block.Item? {
    let metric = problem.metrics.score.words
    let ordered = trained.compactMap { row in row.values?.tunedLoss.map { (row, $0) } }
      .sorted { $0.1.value < $1.1.value }
    guard let (best, loss) = ordered.first else { return nil }
    let next = ordered.dropFirst().prefix(2).map { row, loss -> Prose in
      "\(code: row.method.label) with \(QuantityText.value(loss))"
    }
    let rest: Prose = next.isEmpty ? "" : "; then \(next.listed())"
    return .init(
      """
      \(strong: "Lowest measured \(metric) at the tuned rate:") \(code: best.method.label) with \
      \(QuantityText.loss(loss))\(rest). The reference loss, which takes no training, is \
      \(NumberText.significant(robust.scale.referenceLoss)).
      """)
  }

  var baseline: RobustRow? { rows.first(where: \.isBaseline) }

  private var besideBaseline: Block.Item? {
    guard let baseline, rows.contains(where: { $0.effect != nil }) else { return nil }
    let how =
      robust.isBaselineDeclared
      ? "declared as the baseline" : "the baseline where the experiment file declares none"
    let groups = ["better", "equivalent", "worse"].compactMap { name -> Prose? in
      let own = rows.filter { $0.effect?.verdict.name == name }
      return own.isEmpty ? nil : "\(strong: name): \(own.map(\.method.label).listed(limit: 8))"
    }
    let open = rows.filter { $0.effect?.verdict.name == "undecided" }
    let needed = open.compactMap { $0.effect?.verdict.seedsNeeded }
    let all = groups + (open.isEmpty ? [] : [undecided(open, needed)])
    return .init(
      """
      \(strong: "Compared with") \(code: baseline.method.label), \(how), by \(problem.metrics.score.words) at the tuned rate: \
      \(all.joined(separator: "; ")).
      """)
  }

  /// The methods that the seeds leave undecided; each with the seeds it takes while they are few.
  private func undecided(_ open: [RobustRow], _ needed: [Int]) -> Prose {
    if open.count <= 4 {
      let names = open.map { row -> Prose in
        let seeds = row.effect?.verdict.seedsNeeded
        return "\(code: row.method.label)\(seeds.map { " (\($0) seeds would settle it)" } ?? "")"
      }
      return "\(strong: "undecided"): \(names.listed())"
    }
    let names = open.map(\.method.label).listed(limit: 8)
    guard let fewest = needed.min(), let most = needed.max() else {
      return "\(strong: "undecided"): \(names)"
    }
    let range = fewest == most ? "\(fewest)" : "from \(fewest) to \(most)"
    return "\(strong: "undecided"): \(names) (\(range) seeds would settle them; the table has each)"
  }

  /// The methods by how far their rate may be missed.
  private var misjudged: Block.Item? {
    if trained.isEmpty { return nil }
    let groups = StressLadder.multiples[StressLadder.tuned...].reversed().compactMap {
      multiple -> Prose? in
      let own = trained.filter {
        $0.ladder?.usefulMultiple(atLeast: StressLadder.usefulShare) == multiple
      }
      if own.isEmpty { return nil }
      let words =
        multiple == 1 ? "at the tuned rate only" : "up to \(LadderColumns.multipleWords(multiple))"
      return "\(words): \(own.map(\.method.label).listed(limit: 8))"
    }
    let never = trained.filter {
      $0.ladder?.usefulMultiple(atLeast: StressLadder.usefulShare) == nil
    }
    let rest: [Prose] =
      never.isEmpty
      ? [] : ["not even at the tuned rate: \(never.map(\.method.label).listed(limit: 8))"]
    return .init(
      "\(strong: "Useful in at least 90% of runs"), as multiples of a method's own tuned rate: \((groups + rest).joined(separator: "; "))."
    )
  }

  // MARK: Clipping

  private var clipping: Block.Item? {
    var changes: [(size: Int, text: Prose)] = []
    var same: [Prose] = []
    for clipped in trained where clipped.method.isClipped {
      guard
        let plain = trained.first(where: {
          $0.method.optimizer == clipped.method.optimizer && !$0.method.isClipped
        }), let before = plain.ladder, let after = clipped.ladder
      else { continue }
      let pairs = zip(before.rungs, after.rungs).filter { [4, 10].contains($0.0.multiple) }
      let changed = pairs.map { Self.change(from: $0, to: $1) }
      let name: Prose = "\(code: clipped.method.optimizer) by \(code: clipped.method.clipping)"
      let places = zip(["at four times", "at ten times"], changed).compactMap { place, change in
        change.map { $0.replacing("@", with: "\(place) the tuned rate") }
      }
      if places.isEmpty {
        same.append(name)
      } else if let change = changed[0], changed.allSatisfy({ $0 == change }) {
        let both = change.replacing("@", with: "at four and at ten times the tuned rate")
        changes.append((Self.size(pairs), "Clipping \(name) \(both)."))
      } else {
        changes.append(
          (Self.size(pairs), "Clipping \(name) \(places.joined(separator: "; it "))."))
      }
    }
    if changes.isEmpty && same.isEmpty { return nil }
    let order = changes.indices.sorted { (-changes[$0].size, $0) < (-changes[$1].size, $1) }
    var items = order.prefix(6).map { changes[$0].text }
    if order.count > 6 {
      items.append("\(NumberText.count(order.count - 6, "smaller change")) in the table below.")
    }
    if !same.isEmpty {
      items.append(
        "At four and ten times the tuned rate as many runs are useful and fail as without for \(same.listed(limit: 8))."
      )
    }
    return .init(
      "\(strong: "What clipping does") when the learning rate is too high, each method at multiples of its own tuned rate:",
      items: items)
  }

  /// How many runs end otherwise.
  private static func size(_ pairs: [(StressLadder.Rung, StressLadder.Rung)]) -> Int {
    pairs.reduce(0) { $0 + abs($1.0.useful - $1.1.useful) + abs($1.0.failed - $1.1.failed) }
  }

  /// What another method does to runs at the same multiple, with `@` for where; nil where nothing
  /// changes.
  private static func change(from a: StressLadder.Rung, to b: StressLadder.Rung) -> String? {
    if (a.useful, a.failed) == (b.useful, b.failed) { return nil }
    guard a.useful == b.useful else {
      let verb = b.useful > a.useful ? "keeps" : "leaves"
      let useful = "\(verb) \(b.useful) instead of \(a.useful) of \(a.runs) runs useful @"
      return a.failed == b.failed
        ? useful : "\(useful), where \(b.failed) instead of \(a.failed) fail"
    }
    let changed = abs(a.failed - b.failed)
    let (old, new) = a.failed > b.failed ? ("failed", "useless") : ("useless", "failed")
    return changed == 1
      ? "turns a \(old) run into a \(new) one @" : "turns \(changed) \(old) runs into \(new) ones @"
  }

  // MARK: What to mind

  private var flags: [Block.Item] {
    var items: [Block.Item] = []
    var untrained: [(tried: String, names: [String])] = []
    for row in rows where row.status == .untrained {
      let tried = Self.tried(row.values?.tuning.map(\.learningRate) ?? [])
      if let index = untrained.firstIndex(where: { $0.tried == tried }) {
        untrained[index].names.append(row.method.label)
      } else {
        untrained.append((tried, [row.method.label]))
      }
    }
    for (tried, names) in untrained {
      items.append(
        .init(
          """
          \(strong: "Does not train:") \(names.listed(limit: 20)) gained less than a tenth of the possible progress at \
          every learning rate tried: \(tried). \(names.count == 1 ? "It has" : "They have") no tuned rate and \
          \(names.count == 1 ? "counts" : "count") as no progress.
          """))
    }
    let incomplete = rows.filter { $0.status == .incomplete }.map(\.method.label)
    if !incomplete.isEmpty {
      items.append(
        .init(
          """
          \(strong: "Tuning incomplete:") \(incomplete.listed(limit: 20)) used up \(robust.cap) rates before worse \
          ones were found on both sides; a better rate may lie beyond.
          """))
    }
    if let unfinished { items.append(.init(unfinished)) }
    return items
  }

  /// `12, from 1e-8 to 1000`.
  private static func tried(_ rates: [Double]) -> String {
    guard let first = rates.first, let last = rates.last else { return "none" }
    return "\(rates.count), from \(NumberText.rate(first)) to \(NumberText.rate(last))"
  }

  /// Which methods cannot be judged.
  var unfinished: Prose? {
    let names = robust.unfinished.map(\.label)
    return names.isEmpty
      ? nil
      : "\(strong: "Unfinished:") runs of \(names.listed(limit: 40)) are missing or could not be computed, so nothing is said of \(names.count == 1 ? "it" : "them")."
  }
}
