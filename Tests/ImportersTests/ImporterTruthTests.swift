import Analysis
import Foundation
import Importers
import Records
import TestSupport
import Testing

/// Every importer on logs whose truth is known.
@Suite struct ImporterTruthTests {
  static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Samples").path

  private func truth(_ folder: String) throws -> [String: [String: Any]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(Self.samples)/\(folder)/truth.json"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return try #require((object?["runs"] ?? object) as? [String: [String: Any]])
  }

  /// A number of the truth, NaN as the text that it has there.
  private func number(_ value: Any?) -> Double? {
    (value as? NSNumber)?.doubleValue ?? (value as? String).flatMap { Double($0) }
  }

  private func same(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a == b || a.isNaN && b.isNaN || Float(a) == Float(b)
  }

  @Test(arguments: [
    ("tensorboard", "tensorboard"), ("tensorboard", "tensorboardx"), ("trackio", "trackio"),
    ("wandb-csv", "wandb-csv"), ("lightning", "lightning"), ("mlflow", "mlflow"),
  ])
  func theToyIsReadAsItWas(format: String, folder: String) throws {
    let runs = try recorded(format, ["\(Self.samples)/\(folder)"]).record.runs
    let truth = try truth(folder)
    #expect(runs.count == truth.count)
    for (name, expected) in truth {
      let run = try #require(runs.first { $0.seed == expected["seed"] as? Int }, "\(name)")
      #expect(run.optimizer == expected["optimizer"] as? String, "\(name)")
      #expect(run.baseLearningRate == number(expected["learning_rate"]), "\(name)")
      let failing = expected["first_nonfinite_train_step"] as? Int
      #expect(run.outcome == (failing == nil ? .completed : .nonfinite), "\(name)")
      #expect(run.failureStep == failing ?? -1, "\(name)")
      #expect(run.trajectory.steps == (failing.map { $0 + 1 } ?? 60), "\(name)")
      if failing == nil {
        let last = run.trajectory[.loss].last.map { Double($0) }
        #expect(same(last, number(expected["final_train_loss"])), "\(name)")
        let points = try #require(expected["validation_points"] as? [[Any]])
        #expect(run.evaluations.steps.map { Int($0) - 1 } == points.map { $0[0] as? Int })
        for (value, point) in zip(run.evaluations[.validationLoss], points) {
          #expect(same(value, number(point[1])), "\(name)")
        }
      } else {
        let before = run.trajectory[.loss].dropLast().last.map { Double($0) }
        #expect(same(before, number(expected["last_finite_train_loss"])), "\(name)")
        #expect(run.trajectory[.loss].last == .infinity, "\(name)")
      }
    }
  }

  @Test func aRateThatWentThroughSinglePrecisionIsTheDecimalThatItWas() throws {
    let path = "\(Self.samples)/tensorboard/adam-lr0.01-seed3"
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: path, toPath: folder.path + "/mine")
    let run = try recorded("tensorboard", [folder.path]).record.runs[0]
    #expect(run.baseLearningRate == 0.01 && run.trajectory[.learningRate][0] == Float(0.01))
  }

  @Test func kerasLogsCountEpochs() throws {
    let runs = try recorded("keras", ["\(Self.samples)/keras"]).record.runs
    for (name, expected) in try truth("keras") {
      let run = try #require(runs.first { $0.seed == expected["seed"] as? Int }, "\(name)")
      #expect(run.optimizer == expected["optimizer"] as? String, "\(name)")
      #expect(run.baseLearningRate == number(expected["learning_rate"]), "\(name)")
      let failing = expected["first_nonfinite_epoch"] as? Int
      #expect(run.failureStep == failing ?? -1 && run.outcome.isDiverged == (failing != nil))
      if failing == nil {
        #expect(
          same(run.evaluations[.validationLoss].last, number(expected["final_validation_loss"])))
      }
    }
    #expect(runs.first { $0.seed == 21 }?.key.problem == "linear")
  }

  @Test func aFilteredLossOfZeroIsTheFailureThatItHides() throws {
    let record = try recorded("huggingface", ["\(Self.samples)/huggingface"]).record
    for (name, expected) in try truth("huggingface") {
      let label =
        (expected["optimizer"] as? String ?? "")
        + (name.hasSuffix("unfiltered") ? " unfiltered" : "")
      let run = try #require(record.runs.first { $0.optimizer == label }, "\(name)")
      let failing = expected["first_nonfinite_grad_norm_step"] as? Int
      #expect(run.outcome == (failing == nil ? .completed : .nonfinite), "\(name)")
      // Its steps count from 1.
      #expect(run.failureStep == failing.map { $0 - 1 } ?? -1, "\(name)")
      #expect(run.baseLearningRate == number(expected["learning_rate"]), "\(name)")
      if failing == nil {
        #expect(same(run.evaluations[.validationLoss].last, number(expected["final_eval_loss"])))
        #expect(run.evaluations.steps.last == 60)
      } else {
        let losses = run.trajectory[.loss].filter { $0 == 0 }
        #expect(losses.isEmpty, "\(name)")
      }
    }
  }

  @Test func anOldTrainersZerosAreReadAsNaNAndSaid() throws {
    let entries = [2.0, 1.0, 0, 0, 0].enumerated().map {
      "{\"loss\": \($1), \"learning_rate\": 0.1, \"step\": \($0 + 1)}"
    }
    let text =
      "{\"global_step\": 5, \"max_steps\": 5, \"log_history\": [\(entries.joined(separator: ","))]}"
    let file = try TableFile(text, name: "trainer_state.json")
    let run = try file.runs("huggingface")[0]
    #expect(run.outcome == .nonfinite && run.failureStep == 2)
    // Beside a gradient that was finite a loss of 0 is one.
    let kept = try TableFile(
      text.replacingOccurrences(of: "\"step\"", with: "\"grad_norm\": 0.5, \"step\""),
      name: "trainer_state.json")
    #expect(try kept.runs("huggingface")[0].outcome == .completed)
  }

  @Test func algoPerfsEmptyFieldsAreNaN() throws {
    let record = try recorded("algoperf", ["\(Self.samples)/algoperf"]).record
    for (name, expected) in try truth("algoperf") {
      let run = try #require(
        record.runs.first { $0.key.problem == expected["workload"] as? String }, "\(name)")
      #expect(run.optimizer == expected["submission"] as? String)
      #expect("\(run.seed)" == expected["study"] as? String)
      #expect(run.baseLearningRate == number(expected["learning_rate"]))
      #expect(run.failureStep == Int(expected["first_nonfinite_step"] as? String ?? "") ?? -1)
      #expect((run.outcome == .nonfinite) == (expected["went_nonfinite"] as? String == "1"))
      #expect(run.targetStep == Int(expected["target_step"] as? String ?? "") ?? -1)
      let problem = try #require(record.header.problems.first { $0.name == run.key.problem })
      #expect(problem.targetValue == number(expected["target"]))
      if run.outcome == .completed {
        let seconds = try #require(number(expected["last_time_s"]))
        #expect(abs(run.trainingSeconds - seconds) < 0.001)
        #expect(run.evaluations.steps.count == Int(expected["evaluations"] as? String ?? ""))
      }
    }
  }

  @Test func aTrialWithoutALogIsSaid() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: "\(Self.samples)/algoperf/reached", toPath: folder.path + "/reached")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/study_1/wmt_jax/trial_1", withIntermediateDirectories: true)
    try folder.write("{}", to: "study_1/wmt_jax/trial_1/flags_0.json")
    let format = try #require(ImportFormat.named("algoperf"))
    let imported = try format.read([folder.path], ImportOptions(name: "test"))
    #expect(
      imported.runs.count == 1 && imported.notes.contains { $0.hasPrefix("1 trial(s) left no") })
  }

  @Test func oneLogOfNanoGPTHoldsTwentyRuns() throws {
    let path = "\(Self.samples)/nanogpt/"
    let twenty = try recorded("nanogpt", [path + "record17_twenty_runs.txt"]).record.runs
    #expect(twenty.count == 20)
    let last = twenty.compactMap { $0.evaluations[.validationLoss].last }
    #expect(abs(last.reduce(0, +) / 20 - 3.278845) < 0.001)
    #expect(twenty.map(\.evaluations.steps.last) == Array(repeating: 3200, count: 20))
    #expect(twenty[0].evaluations[.validationLoss].first == 10.82584)
    #expect(twenty.allSatisfy { $0.outcome == .completed })
    let one = try recorded("nanogpt", [path + "record37_one_run.txt"]).record.runs
    #expect(one.count == 1 && one[0].evaluations.steps.last == 3250)
  }

  @Test func aNaNOfNanoGPTIsNoMissingLine() throws {
    let file = try TableFile(
      "step:0/20 val_loss:10.5 step_avg:nanms\nstep:10/20 val_loss:nan step_avg:1.0ms\nstep:20/20 val_loss:nan step_avg:1.0ms\n",
      name: "log.txt")
    let run = try file.runs("nanogpt")[0]
    #expect(run.outcome == .nonfinite && run.failureStep == 9)
    let cut = try TableFile(
      "step:0/20 val_loss:10.5 step_avg:nanms\nstep:10/20 val_loss:4.5 step_avg:1.0ms\nstep:20/20 val_loss:3.",
      name: "log.txt")
    let half = try cut.runs("nanogpt")[0]
    #expect(half.outcome == .objectiveFailed && half.evaluations.steps == [0, 10])
  }

  /// Tools that were cut off or damaged: an error of one line, or runs; never a trap, and never for long.
  @Test(arguments: [
    ("tensorboard", "tensorboardx/sgd-lr3-seed4/events.out.tfevents.1764200001.host"),
    ("tensorboard", "algoperf/nonfinite"), ("trackio", "trackio/toy.db"),
    ("wandb-csv", "wandb-csv/val_loss.csv"), ("lightning", "lightning/sgd-lr3-seed4"),
    ("keras", "keras/sgd-lr1.06-seed4.csv"),
    ("huggingface", "huggingface/sgd-lr3-seed4/checkpoint-60"),
    ("mlflow", "mlflow/mlruns/864818849452822613"), ("algoperf", "algoperf/reached"),
    ("nanogpt", "nanogpt/record37_one_run.txt"), ("csv", "rank/missing-seeds.csv"),
  ])
  func damagedLogsNeitherTrapNorHang(format: String, sample: String) throws {
    let source = URL(fileURLWithPath: "\(Self.samples)/\(sample)")
    var random = SystemIndependentRandom(state: 20_261_127)
    for round in 0..<10 {
      let folder = try TemporaryFolder()
      let copy = URL(fileURLWithPath: folder.path).appendingPathComponent(source.lastPathComponent)
      try FileManager.default.copyItem(at: source, to: copy)
      let names = FileManager.default.enumerator(atPath: copy.path)?.compactMap { $0 as? String }
      let files = (names ?? []).sorted().map { copy.appendingPathComponent($0) } + [copy]
      for file in files
      where try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
        var bytes = [UInt8](try Data(contentsOf: file))
        guard !bytes.isEmpty else { continue }
        if round % 2 == 0 { bytes.removeLast(random.next(below: bytes.count)) }
        for _ in 0..<(round / 2) where !bytes.isEmpty {
          bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
        }
        try Data(bytes).write(to: file)
      }
      do {
        if let table = try? RankTable().read(copy.path) { _ = TableAnalysis(table) }
        _ = try recorded(format, [folder.path])
      } catch let error as ImportError {
        #expect(!"\(error)".contains("\n"), "\(error)")
      }
    }
  }
}

/// The same numbers everywhere (SplitMix64).
private struct SystemIndependentRandom {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
