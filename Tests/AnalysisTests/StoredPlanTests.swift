import Analysis
import Records
import Testing

/// The plan as a result file states it, where nothing needs to be guessed.
@Suite struct StoredPlanTests {
  private func entry(
    _ optimizer: String, rate: String, decay: String, trial: Int, seed: Int
  ) -> PlanEntry {
    PlanEntry(
      key: RunKey(problem: "p", run: "\(optimizer) \(rate) \(decay) \(seed)"), optimizer: optimizer,
      clipping: "none",
      setting: RunSetting([
        RunSetting.Value(name: "learning_rate", text: rate),
        RunSetting.Value(name: "weight_decay", text: decay),
      ]), trial: trial, seed: seed, isDefault: rate == "0.1", identity: "")
  }

  @Test func settingsThatShareARateAreSettingsOfTheirOwn() throws {
    var record = Synthetic.experiment([Synthetic.run("sgd", seed: 1)])
    let problem = record.header.problems[0].name
    record.runs = []
    record.header.problems = [record.header.problems[0]]
    record.header.plan = [("0.1", "0"), ("0.01", "0"), ("0.1", "1"), ("0.01", "1")].enumerated()
      .flatMap { trial, values in
        [3, 1].map { seed in
          var entry = entry("adam", rate: values.0, decay: values.1, trial: trial, seed: seed)
          entry.key = RunKey(problem: problem, run: entry.key.run)
          return entry
        }
      }
    record.header.plannedRuns = 8
    let analysis = ExperimentAnalysis(of: record)
    #expect(analysis.unattributedRuns == 0)
    let cells = try #require(analysis.problems[0].methods.first).learningRates.cells
    #expect(cells.map(\.learningRate) == [0.01, 0.01, 0.1, 0.1])
    #expect(
      cells.map(\.further)
        == ["weight_decay=0", "weight_decay=1", "weight_decay=0", "weight_decay=1"])
    #expect(cells.map(\.trial) == [1, 3, 0, 2])
    #expect(cells.map(\.runs.planned) == [2, 2, 2, 2])
    #expect(analysis.problems[0].seeds == [1, 3])
  }
}
