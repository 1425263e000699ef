internal import Analysis
internal import Records

/// One setting of a method's options beside the learning rate that was tried while it was tuned.
struct SettingRow: Sendable {
  let method: RobustRow
  let setting: RobustMethod.TriedSetting

  static func rows(_ analysis: ProblemAnalysis) -> [SettingRow] {
    RobustRow.rows(analysis).flatMap { row in
      row.values?.settings.map { SettingRow(method: row, setting: $0) } ?? []
    }
  }

  /// The rate with the best score.
  var best: RobustMethod.TriedRate? {
    setting.rates.min { $0.middlePosition < $1.middlePosition }
  }
  /// The loss at its score q.
  var loss: Double { method.robust.scale.loss(at: setting.score) }
  var runs: [RunSummary] { setting.rates.flatMap(\.runs) }
}

enum SettingColumns {
  static let all: [Column<SettingRow>] =
    RobustColumns.identity.map { $0.of(\.method) } + [
      .text("setting") { $0.setting.values.description },
      .boolean("is_default") { $0.setting.values.values.isEmpty },
      .boolean("is_chosen") { $0.setting.isChosen },
      .number("best_learning_rate") { $0.best?.learningRate },
      .integer("rates") { $0.setting.rates.count },
      .integer("seeds") { $0.setting.seeds },
      .integer("runs") { $0.runs.count },
      .integer("runs_failed") { $0.runs.count(where: \.isFailed) },
      .number("score") { $0.setting.score },
      .number("loss") { $0.loss },
    ]

  /// One row per method.
  static let table: [Column<RobustRow>] = [
    RobustColumns.method,
    Column(
      "Setting chosen",
      "The values of options beside the learning rate whose best score over the tuning seeds was the lowest; the default where no setting that was tried with all seeds is better.",
      isNumber: false
    ) { row in
      guard let values = row.values, !values.settings.isEmpty else {
        return "nothing to search for"
      }
      return Prose(values.setting.text)
    },
    Column(
      "Loss by tuning",
      "The loss at the best score of the chosen setting: the mean of the middle half over the tuning seeds, on the split that chooses. The lowest of several is flattered by chance; the evaluation seeds judge."
    ) { row in
      Prose(row.chosen.text { NumberText.significant(row.robust.scale.loss(at: $0.score)) })
    },
    Column(
      "By default",
      "The same at the default: with every option as the experiment file or else the catalog has it."
    ) { row in
      Prose(
        (row.values?.settings.first).text {
          NumberText.significant(row.robust.scale.loss(at: $0.score))
        })
    },
    Column("Settings", "How many were tried, the default among them.") { row in
      Prose((row.values?.settings.count).text { "\($0)" })
    },
    Column("Runs", "The runs that tuned: of all settings at all their rates.") { row in
      Prose((row.values?.tuningRuns.count).text { NumberText.grouped($0) })
    },
    Column(
      "Next best",
      "Three other settings with the best scores; in brackets how many seeds tried one that halving left behind.",
      isNumber: false
    ) { row in
      guard let values = row.values else { return Prose(NumberText.none) }
      let others = values.settings.enumerated().filter { !$0.element.isChosen }
        .sorted { ($0.element.score, $0.offset) < ($1.element.score, $1.offset) }.prefix(3)
      return others.map { _, setting -> Prose in
        let loss = NumberText.significant(row.robust.scale.loss(at: setting.score))
        let seeds =
          setting.seeds < row.robust.tuningSeeds.count
          ? " (\(NumberText.count(setting.seeds, "seed")))" : ""
        return "\(setting.values.text) → \(loss)\(seeds)"
      }.joined(separator: "; ")
    },
  ]
}

extension RobustRow {
  /// The setting that tuning chose.
  var chosen: RobustMethod.TriedSetting? { values?.settings.first(where: \.isChosen) }
}

extension RunSetting {
  /// `weight_decay=0.1 betas=0.9,0.99`, or `default`.
  var text: String { values.isEmpty ? "default" : description }
}

extension RobustMethod {
  /// ` with weight_decay=0.1`, empty at the default.
  var settingWords: String { setting.values.isEmpty ? "" : " with \(setting.description)" }
}

extension RobustAnalysis {
  /// The options beside the learning rate that were tuned, as settings name them.
  var tunedOptions: [String] {
    var names: [String] = []
    for value in methods.flatMap(\.settings).flatMap(\.values.values)
    where !names.contains(value.name) { names.append(value.name) }
    return names
  }
}
