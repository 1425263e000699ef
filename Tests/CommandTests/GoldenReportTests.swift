import Foundation
import TestSupport
import Testing

/// The report of a small result that is committed, so that it does not depend on the processor on
/// which the test runs. `golden.yml` is the experiment that made it.
@Suite struct GoldenReportTests {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden").path

  @Test func theReportOfACommittedResultIsTheGoldenOne() throws {
    let output = try TemporaryFolder()
    let report = try Optbench.run(
      ["report", folder + "/golden.h5", "--output", output.path], in: output.path)
    #expect(report.status == 0, "\(report.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
    #expect(names.contains("report.json") && names.contains("figures"))
    for name in names where name.hasSuffix(".md") || name.hasSuffix(".csv") {
      let text = try String(contentsOfFile: "\(output.path)/\(name)", encoding: .utf8)
      try expectGolden(text, "report/\(name)", tolerance: name.hasSuffix(".csv") ? 1e-9 : 0)
    }
  }

  @Test func theCommittedResultIsWhole() throws {
    let inspect = try Optbench.run(["inspect", "golden.h5"], in: folder)
    #expect(inspect.status == 0, "\(inspect.errors)")
    #expect(inspect.output.contains("96 of 96 planned"))
  }
}
