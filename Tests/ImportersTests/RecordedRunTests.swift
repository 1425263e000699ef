import Analysis
import Experiments
import Foundation
import Importers
import Records
import Settings
import Storage
import TestSupport
import Testing

/// What a recorded run becomes.
@Suite struct RecordedRunTests {
  private func file(_ losses: [String], more: String = "") throws -> TableFile {
    try TableFile(
      "optimizer,seed,step,loss\(more)\n"
        + losses.enumerated().map { "adam,3,\($0),\($1)\n" }.joined())
  }

  @Test func whatIsUnknownIsMissingAndNeverZero() throws {
    let runs = try file(["2.5", "1.5", "0.5"]).runs("csv")
    let run = try #require(runs.first)
    #expect(run.trajectory[.loss] == [2.5, 1.5, 0.5])
    for series in StepSeries.allCases where series != .loss {
      let known = run.trajectory[series].filter { !$0.isNaN }
      #expect(known.isEmpty, "\(series)")
    }
    #expect(run.trajectory.clipFired == [-1, -1, -1])
    #expect(run.baseLearningRate.isNaN && run.wallSeconds.isNaN && run.trainingSeconds.isNaN)
    #expect(run.peakMemoryBytes == -1 && run.clipping.isEmpty)
    #expect(run.initialParametersDigest.isEmpty && run.dataOrderDigest.isEmpty)
    #expect(run.optimizer == "adam" && run.seed == 3 && run.outcome == .completed)
  }

  @Test(arguments: ["nan", "NaN", "inf", "-Infinity", "1e39"])
  func aLossThatIsNotFiniteEndsTheRun(text: String) throws {
    let run = try #require(try file(["2", "1", text, "0.5", "0.1"]).runs("csv").first)
    #expect(run.outcome == .nonfinite && run.failureStep == 2 && run.failureTensor == "loss")
    #expect(run.trajectory.steps == 3 && run.worstStep == 2 && run.firstAlarmStep == 2)
  }

  @Test func anEmptyFieldIsMissingAndOnesToTheEndAreNaN() throws {
    let sparse = try #require(try file(["2", "", "1", "", "0.5"]).runs("csv").first)
    #expect(sparse.outcome == .completed)
    #expect(sparse.trajectory[.loss].map { $0.isNaN } == [false, true, false, true, false])
    let lost = try file(["2", "1", "", ""]).imported("csv")
    #expect(lost.record.runs[0].outcome == .nonfinite && lost.record.runs[0].failureStep == 2)
  }

  @Test func aRunThatEndsHighHasExplodedOrEndedWorseThanItBegan() throws {
    #expect(try file(["2", "1", "9e6"]).runs("csv")[0].outcome == .exploded)
    #expect(try file(["2", "1", "2.1"]).runs("csv")[0].outcome == .worseThanStart)
    #expect(try file(["2", "9e6", "1"]).runs("csv")[0].outcome == .completed)
  }

  @Test func aGradientThatComesBackIsNoFailure() throws {
    func run(_ norms: [String]) throws -> RunRecord {
      try TableFile(
        "optimizer,seed,step,loss,grad_norm\n"
          + norms.enumerated().map { "adam,3,\($0),1,\($1)\n" }.joined()
      ).runs("csv")[0]
    }
    let scaled = try run(["1", "inf", "1"])
    #expect(scaled.outcome == .completed && scaled.nonfiniteGradients == 1)
    #expect(scaled.firstAlarmStep == 1)
    let lost = try run(["1", "nan", "nan"])
    #expect(lost.outcome == .nonfinite && lost.failureStep == 1 && lost.failureTensor == "update")
  }

  @Test func stepsCountFromZeroAndEvaluationsByUpdates() throws {
    func run(_ steps: [Int], _ evaluated: [Int]) throws -> RunRecord {
      let rows = Set(steps + evaluated).sorted().map { step in
        "\(step),\(steps.contains(step) ? "1" : ""),\(evaluated.contains(step) ? "2" : "")\n"
      }
      return try TableFile("step,loss,val_loss\n" + rows.joined()).runs("csv")[0]
    }
    let fromZero = try run([0, 1, 2, 3], [1, 3])
    #expect(fromZero.trajectory.steps == 4 && fromZero.evaluations.steps == [2, 4])
    let fromOne = try run([1, 2, 3, 4], [2, 4])
    #expect(fromOne.trajectory.steps == 4 && fromOne.evaluations.steps == [2, 4])
    let before = try run([0, 1, 2, 3], [0, 2, 4])
    #expect(before.trajectory.steps == 4 && before.evaluations.steps == [0, 2, 4])
    let alone = try run([], [0, 100, 200])
    #expect(alone.trajectory.steps == 0 && alone.evaluations.steps == [0, 100, 200])
  }

  @Test func whatIsLoggedOfFewAmongMillionsOfStepsTakesNoRowForEach() throws {
    let rows = (0...40).map { "\($0 * 1_000_000),\(41 - $0),0.5\n" }
    let run = try TableFile("step,loss,grad_norm\n" + rows.joined()).runs("csv")[0]
    #expect(run.trajectory.steps == 0 && run.evaluations.steps.count == 41)
    #expect(run.evaluations.steps.last == 40_000_001 && run.evaluations[.trainLoss].last == 1)
    #expect(run.evaluations.further.map(\.quantity.name) == ["step_gradient_norm"])
    #expect(run.outcome == .completed && run.worstStep == 0)
  }

  @Test func aTargetIsMetAtTheFirstEvaluationThatEqualsIt() throws {
    let file = try TableFile("step,val_loss,val_wer\n10,0.5,0.9\n20,0.25,0.5\n30,0.2,0.4\n")
    let loss = try file.imported("csv") { $0.target = .init("val_loss=0.25") }.record
    #expect(loss.runs[0].targetStep == 20)
    #expect(loss.header.problems[0].targetMetric == "validation_loss")
    let rate = try file.imported("csv") { $0.target = .init("val_wer=0.45") }.record
    #expect(rate.runs[0].targetStep == 30 && rate.header.problems[0].targetMetric == "val_wer")
  }

  @Test func runsThatAreTheSameAreRefusedInOneLine() throws {
    let folder = try TemporaryFolder()
    for name in ["a-adam-lr0.1-seed3.csv", "b/a-adam-lr0.1-seed3.csv"] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/b", withIntermediateDirectories: true)
      try folder.write("step,loss\n0,2\n1,1\n", to: name)
    }
    #expect {
      try recorded("csv", [folder.path])
    } throws: { error in
      "\(error)".contains("both 'adam lr=0.1 seed=3' on 'a'") && !"\(error)".contains("\n")
    }
  }

  @Test func whereNothingTellsRunsApartButAWordItStandsInTheLabel() throws {
    let folder = try TemporaryFolder()
    for name in ["adam-lr0.1-seed3.csv", "adam-lr0.1-seed3-warm.csv", "adam-lr0.1-seed4.csv"] {
      try folder.write("step,loss\n0,2\n1,1\n", to: name)
    }
    let runs = try recorded("csv", [folder.path]).record.runs
    #expect(runs.map(\.optimizer) == ["adam warm", "adam", "adam"])
    #expect(runs.map(\.baseLearningRate) == [0.1, 0.1, 0.1] && runs.map(\.seed) == [3, 3, 4])
  }

  @Test func aNumberInTheNameOfARunIsNoSetting() throws {
    let folder = try TemporaryFolder()
    for seed in 0..<2 { try folder.write("step,loss\n0,2\n1,1\n", to: "adam-lr0.1-\(seed).csv") }
    let numbered = try recorded("csv", [folder.path]).record.runs
    #expect(numbered.map(\.optimizer) == ["adam", "adam"] && numbered.map(\.seed) == [0, 1])
    #expect(numbered.map(\.trial) == [0, 0])
  }

  @Test func seedsThatNobodyGaveAreNumberedAndSoSaid() throws {
    let file = try TableFile(
      "run,optimizer,step,loss\na,adam,0,2\na,adam,1,1\nb,adam,0,2\nb,adam,1,1\n")
    let imported = try file.imported("csv")
    #expect(imported.record.runs.map(\.seed) == [0, 1])
    #expect(imported.notes.contains { $0.contains("no pairs") })
  }

  @Test func theResultIsReadAnalysedMergedAndNeverTrained() throws {
    let file = try TableFile(
      "problem,optimizer,seed,step,loss,val_loss\n"
        + ["adam", "my own"].flatMap { optimizer in
          (0..<2).flatMap { seed in
            (0..<4).map { "toy,\(optimizer),\(seed),\($0),\(4 - $0),\($0 == 3 ? "0.5" : "")\n" }
          }
        }.joined())
    let record = try file.imported("csv").record
    let path = file.folder.path + "/x.h5"
    let archive = try RunArchive(path: path, header: record.header)
    for run in record.runs { try archive.keep(run) }
    try archive.publish(order: record.runs.map(\.key))
    let read = try RunArchive.read(path)
    #expect(read.runs == record.runs)
    let problem = read.header.problems[0]
    #expect(problem.recordedBy == "csv" && problem.parameterCount == 0 && problem.lowerBound == 0)
    #expect(problem.name == "toy" && problem.steps == 4 && problem.targetValue.isNaN)
    let analysis = ExperimentAnalysis(of: read)
    #expect(analysis.runs.done == 4 && analysis.runs.failed == 0)
    #expect(analysis.problems[0].methods.map(\.method.label) == ["adam", "my own"])
    #expect(
      analysis.problems[0].summaries.map { $0.final(.validationLoss) } == [0.5, 0.5, 0.5, 0.5])
    let union = try ExperimentUnion([("a", read.header.spec), ("b", read.header.spec)])
    #expect(!union.digest.isEmpty)
    #expect {
      try ExperimentSpec(read.header.spec, file: "x.yml")
    } throws: { error in
      "\(error)".contains("nothing to train") && !"\(error)".contains("\n")
    }
  }

  @Test(arguments: [
    ("step,loss\n0,1\n0,2\n", "step 0 of the run 'log' is there already, in line 2"),
    ("step,loss\n0,1\nx,2\n", "log.csv:3: 'x' in the column 'step' is no step"),
    ("step,loss\n0,1\n-4,2\n", "logged at step -4"),
    ("step,loss\n0,1\n3000000000,2\n", "allowed: 0 to 2147483646"),
    ("step,loss\n0,1\n1,abc\n", "log.csv:3: 'abc' in the column 'loss' is no number"),
    ("step,loss\n0,1,2\n", "3 fields, where the header has 2 columns"),
    ("loss\n1\n", "no column of steps among loss"),
    ("step,mse\n0,1\n", "no loss among what is logged"),
    ("step,loss,train_loss\n0,1,1\n", "both 'loss' and 'train_loss'"),
    ("", "it is empty"),
  ])
  func whatIsWrongIsSaidInOneLine(text: String, message: String) throws {
    let file = try TableFile(text)
    #expect {
      try file.imported("csv")
    } throws: { error in
      "\(error)".contains(message) && !"\(error)".contains("\n")
    }
  }
}
