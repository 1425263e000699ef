import Foundation
import Records
import Reports
import Storage
import TestSupport
import Testing

/// Trajectories for other programs.
@Suite struct ExportCommandTests {
  private static func result(in folder: TemporaryFolder) throws -> ExperimentRecord {
    try folder.write(smallExperiment, to: "small.yml")
    #expect(try Optbench.run(["run", "small.yml"], in: folder.path).status == 0)
    return try RunArchive.read(folder.path + "/results/small.h5")
  }

  @Test func tablesHoldEveryStepAndEvaluation() throws {
    let folder = try TemporaryFolder()
    let record = try Self.result(in: folder)
    let made = try Optbench.run(
      ["export", "results/small.h5", "--to", "csv", "--output", "csv"], in: folder.path)
    #expect(made.status == 0, "\(made.errors)")
    func rows(_ name: String) throws -> [[Substring]] {
      try String(contentsOfFile: "\(folder.path)/csv/\(name)", encoding: .utf8)
        .split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }
    let steps = try rows("steps.csv")
    #expect(steps.count - 1 == record.runs.reduce(0) { $0 + $1.trajectory.steps })
    let loss = try #require(steps[0].firstIndex(of: "loss"))
    let losses = record.runs.flatMap { $0.trajectory[.loss] }
    for (row, value) in zip(steps.dropFirst(), losses) {
      let read = try #require(Float(row[loss]))
      #expect(read == value || read.isNaN && value.isNaN)
    }
    let evaluations = try rows("evaluations.csv")
    #expect(evaluations.count - 1 == record.runs.reduce(0) { $0 + $1.evaluations.steps.count })
    #expect(Set(evaluations.map(\.count)).count == 1 && Set(steps.map(\.count)).count == 1)
  }

  /// Read back by the format's own rules, with a checksum computed bit by bit.
  @Test func eventFilesHoldEveryScalar() throws {
    let folder = try TemporaryFolder()
    let record = try Self.result(in: folder)
    let made = try Optbench.run(
      [
        "export", "results/small.h5", "--to", "tensorboard", "--output", "tb", "--method", "adam",
        "--problem", "digits",
      ], in: folder.path)
    #expect(made.status == 0, "\(made.errors)")
    let chosen = record.runs.filter { $0.optimizer == "adam" && $0.key.problem == "digits" }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/tb/digits")
    #expect(names.count == chosen.count)
    let run = try #require(chosen.first)
    let file = TensorBoardEvents(run).bytes
    var place = 0
    var records = 0
    while place < file.count {
      let length = file[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      for range in [place..<place + 8, place + 12..<place + 12 + length] {
        let stored = file[range.upperBound..<range.upperBound + 4].reversed()
          .reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        #expect(stored == masked(castagnoli(file[range])))
      }
      place += 16 + length
      records += 1
    }
    let measured = EvaluationMetric.allCases.reduce(0) { sum, metric in
      sum + run.evaluations[metric].count { !$0.isNaN }
    }
    #expect(records == 1 + run.trajectory.steps * StepSeries.allCases.count + measured)
    #expect(castagnoli(Array("123456789".utf8)[...]) == 0xe306_9283)
  }

  private func castagnoli(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var register: UInt32 = .max
    for byte in bytes {
      for bit in 0..<8 {
        let low = (register ^ UInt32(byte >> bit)) & 1
        register = register >> 1 ^ (low == 1 ? 0x82f6_3b78 : 0)
      }
    }
    return ~register
  }

  private func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }

  @Test(arguments: [
    (["--method", "adan"], "--method 'adan': there is none; the first of the file is 'sgd'"),
    (["--problem", "x"], "--problem 'x': there is none"), (["--run", "x"], "--run 'x'"),
    (["--run", "digits/sgd none lr=0.1 seed=0", "--method", "adam"], "leave one of them out"),
  ])
  func whatIsNotThereIsNamed(words: [String], message: String) throws {
    let folder = try TemporaryFolder()
    _ = try Self.result(in: folder)
    let made = try Optbench.run(
      ["export", "results/small.h5", "--to", "csv", "--output", "x"] + words, in: folder.path)
    #expect(made.status == 2 && made.errors.contains(message), "\(made.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/x"))
  }

  /// What the code does is checked beside `optbench trace` (`scripts/check_torch_export.py`).
  @Test func `the best method is written as PyTorch code, and others when they are named`() throws {
    let folder = try TemporaryFolder()
    _ = try Self.result(in: folder)
    func export(_ arguments: [String]) throws -> Optbench.Result {
      try Optbench.run(
        ["export", "results/small.h5", "--to", "torch", "--output", "m.py"] + arguments,
        in: folder.path)
    }
    let made = try export(["--problem", "valley", "--method", "adam + global-norm(1)"])
    #expect(made.status == 0, "\(made.errors)")
    let code = try String(contentsOfFile: folder.path + "/m.py", encoding: .utf8)
    #expect(code.contains("torch.optim.Adam(parameters, lr=LEARNING_RATE, betas=(0.9, 0.999)"))
    #expect(code.contains("clip_grad_norm_(parameters, 1, norm_type=2)"))
    #expect(code.contains("\nSTEPS = 60\n"))
    #expect(try export(["--problem", "digits"]).status == 0)
    for (arguments, said) in [
      ([], "it holds several problems"), (["--problem", "x"], "there is none"),
      (["--problem", "valley", "--method", "lion"], "no method is called 'lion'"),
      (["--problem", "valley", "--run", "x"], "give --method in place of --run"),
    ] {
      let refused = try export(arguments)
      #expect(refused.status == 2)
      #expect(refused.errors.contains(said), "\(refused.errors)")
    }
  }
}
