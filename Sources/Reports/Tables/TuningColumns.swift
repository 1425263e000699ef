internal import Analysis
internal import Records

/// One learning rate that a method tried while it was tuned.
struct TuningRow: Sendable {
  let method: RobustRow
  let values: RobustMethod
  let rate: RobustMethod.TriedRate

  static func rows(_ analysis: ProblemAnalysis) -> [TuningRow] {
    RobustRow.rows(analysis).flatMap { row in
      row.values.map { values in
        values.tuning.map { TuningRow(method: row, values: values, rate: $0) }
      } ?? []
    }
  }

  var failed: Int { rate.runs.count(where: \.isFailed) }
  /// The loss at the score q.
  var loss: Double { method.robust.scale.loss(at: rate.middlePosition) }
  private var index: Int { RateScan.index(multiple: rate.multiple) }
  var isBest: Bool { values.scan.improves && values.scan.best == index }

  /// The round, from 1, in which the rate was tried.
  var round: Int? { values.rounds.firstIndex { $0.contains(index) }.map { $0 + 1 } }

  /// Whether the rate lies within the plateau.
  var isWithinPlateau: Bool {
    values.scan.anchor.map { $0.plateau.contains(Double(index)) } ?? false
  }
}

enum TuningColumns {
  static let all: [Column<TuningRow>] =
    RobustColumns.identity.map { $0.of(\.method) } + [
      .number("multiple_of_start") { $0.rate.multiple },
      .number("learning_rate") { $0.rate.learningRate },
      .integer("round") { $0.round },
      .integer("runs") { $0.rate.runs.count },
      .integer("runs_failed") { $0.failed },
      .number("score") { $0.values.scan.scores[RateScan.index(multiple: $0.rate.multiple)] },
      .number("loss") { $0.loss },
      .boolean("is_best") { $0.isBest },
      .boolean("is_within_plateau") { $0.isWithinPlateau },
    ]

  /// One row per method.
  static let table: [Column<RobustRow>] = [
    RobustColumns.method,
    Column(
      "Tuned rate", "As above."
    ) { Prose(($0.values?.tunedRate).text(NumberText.rate)) },
    Column(
      "Plateau",
      "The range of rates round the best one whose scores lie within 5% of what is between the best score and the reference; the tuned rate is its centre on a logarithmic axis."
    ) { row in
      Prose(
        (row.values?.plateau).text {
          "\(NumberText.rate($0.lowerBound)) … \(NumberText.rate($0.upperBound))"
        })
    },
    Column(
      "Tuning",
      "complete: the best rate has neighbours a quarter decade away, and worse rates bracket the plateau on both sides.",
      isNumber: false
    ) { row in
      switch row.status {
      case .tuned: "complete"
      case .incomplete: "incomplete"
      case .untrained: "does not train"
      case .unfinished: "unfinished"
      }
    },
    Column("Rounds", "Rounds of the search; each is decided by the whole one before.") {
      Prose($0.values.text { "\($0.rounds.count)" })
    },
    Column(
      "Tried: rate → loss",
      "Each rate with its score over the tuning seeds: the mean of the middle half of their losses on the split that chooses, a failed run counting as the reference loss. ✗ 2: two seeds failed. Bold: the best.",
      isNumber: false
    ) { row in
      guard let values = row.values else { return Prose(NumberText.none) }
      return values.tuning.map { rate -> Prose in
        let tried = TuningRow(method: row, values: values, rate: rate)
        let failed = tried.failed == 0 ? "" : " ✗ \(tried.failed)"
        let text =
          "\(NumberText.rate(rate.learningRate)) → \(NumberText.significant(tried.loss))\(failed)"
        return tried.isBest ? "\(strong: text)" : Prose(text)
      }.joined(separator: "; ")
    },
  ]
}

extension RobustMethod {
  /// The learning rates between which scores are about as good as the best.
  var plateau: ClosedRange<Double>? {
    (tunedRate == nil ? nil : scan.anchor).map { anchor in
      rate(atPosition: anchor.plateau.lowerBound)...rate(atPosition: anchor.plateau.upperBound)
    }
  }

  private func rate(atPosition position: Double) -> Double {
    RateScan.rate(origin: origin, position: position)
  }

  /// The lattice indices that each round of the search tried: its decisions, made again.
  var rounds: [[Int]] {
    var again = RateScan(reference: scan.reference, cap: scan.cap)
    var rounds: [[Int]] = []
    while case let round = rounds.isEmpty && !firstIndices.isEmpty
      ? firstIndices : again.nextRound(), !round.isEmpty
    {
      for index in round {
        guard let score = scan.scores[index] else { return rounds }
        again.record(score, at: index)
      }
      rounds.append(round)
    }
    return rounds
  }
}
