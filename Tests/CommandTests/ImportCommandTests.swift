import Foundation
import TestSupport
import Testing

/// `optbench import` and `optbench rank` as a user calls them.
@Suite struct ImportCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func optbench(_ arguments: String...) throws -> Optbench.Result {
    try Optbench.run(arguments, in: folder.path)
  }

  private func writeLogs() throws {
    let rows = ["adam", "mine"].flatMap { optimizer in
      (0..<2).flatMap { seed in
        (0..<6).map { step in
          let loss = optimizer == "mine" && seed == 1 && step > 3 ? "nan" : "\(6 - step)"
          return "toy,\(optimizer),\(seed),0.1,\(step),\(loss),\(step == 5 ? loss : "")\n"
        }
      }
    }
    try folder.write(
      "problem,optimizer,seed,learning_rate,step,loss,val_loss\n" + rows.joined(), to: "log.csv")
  }

  @Test func whatIsImportedIsReportedGatedAndNeverTrained() throws {
    try writeLogs()
    let imported = try optbench("import", "--from", "csv", "log.csv", "--output", "x.h5")
    #expect(imported.status == 0 && imported.output == "x.h5\n", "\(imported.errors)")
    let report = try optbench("report", "x.h5", "--output", "r")
    #expect(report.status == 0, "\(report.errors)")
    let page = try String(contentsOfFile: folder.path + "/r/report.md", encoding: .utf8)
    #expect(
      page.contains("`mine` in 50% of its runs") && page.contains("recorded by other programs"))
    let runs = try String(contentsOfFile: folder.path + "/r/runs.csv", encoding: .utf8)
    #expect(runs.contains("toy,mine lr=0.1 seed=1,mine,mine,,0,1,0.1,false,nonfinite,true,loss,4,"))
    let times = try String(contentsOfFile: folder.path + "/r/run_times.csv", encoding: .utf8)
    #expect(times.contains("toy,adam lr=0.1 seed=0,,,\r\n"))
    try FileManager.default.copyItem(atPath: folder.path + "/x.h5", toPath: folder.path + "/y.h5")
    #expect(
      try optbench("gate", "--baseline", "x.h5", "--current", "y.h5", "--mode", "exact").status == 0
    )
    let spec = try optbench("inspect", "x.h5", "--spec")
    try folder.write(spec.output, to: "spec.yml")
    let run = try optbench("run", "spec.yml")
    #expect(run.status == 2 && run.errors.contains("nothing to train"))
    #expect(run.errors.split(separator: "\n").count == 1)
    let again = try optbench("import", "log.csv", "--from", "csv", "--output", "x.h5")
    #expect(again.status == 2 && again.errors.contains("there is a file already"))
  }

  @Test func whatCannotBeImportedLeavesNothingBehind() throws {
    try folder.write("step,loss\n0,1\n0,2\n", to: "twice.csv")
    for arguments in [
      ["--from", "csv", "twice.csv"], ["--from", "sheet", "twice.csv"],
      ["--from", "csv", "none.csv"],
      ["--from", "trackio", "twice.csv"], ["--from", "csv", "twice.csv", "--map", "weight=loss"],
      ["--from", "csv", "twice.csv", "--first-step", "2"],
      ["--from", "csv", "twice.csv", "--target", "loss"],
    ] {
      let result = try Optbench.run(
        ["import"] + arguments + ["--output", "out.h5"], in: folder.path)
      #expect(result.status == 2 && result.output.isEmpty, "\(arguments)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["twice.csv"])
  }

  @Test func aTableIsRankedOnStandardOutputOrIntoAFolder() throws {
    try folder.write("method,seed,loss\na,0,1\na,1,nan\nb,0,2\nb,1,3\n", to: "t.csv")
    let page = try optbench("rank", "t.csv")
    #expect(page.status == 0 && page.output.hasPrefix("# Ranking of t.csv\n"))
    #expect(page.output.contains("| all     | a      |    2 |      1 |"))
    let written = try optbench("rank", "t.csv", "--output", "r", "--format", "csv")
    #expect(written.status == 0, "\(written.errors)")
    let table = try String(contentsOfFile: folder.path + "/r/failures.csv", encoding: .utf8)
    #expect(table.hasPrefix("method,runs,failed,failure_rate,"))
    #expect(try optbench("rank", "t.csv", "--format", "csv").status == 2)
    try folder.write("method,seed,loss\na,0,1\na,0,2\n", to: "twice.csv")
    let twice = try optbench("rank", "twice.csv")
    #expect(twice.status == 2 && twice.errors.contains("is there already, in line 2"))
  }
}
