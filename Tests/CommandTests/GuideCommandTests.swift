import Foundation
import TestSupport
import Testing

/// The commands and files of `docs/write-your-own-optimizer.md`, with an optimizer that this build has
/// in place of the one that the reader writes.
@Suite struct GuideCommandTests {
  private func blocks(_ language: String) throws -> [String] {
    let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/write-your-own-optimizer.md")
    let parts = try String(contentsOf: guide, encoding: .utf8)
      .components(separatedBy: "```\(language)\n")
    return parts.dropFirst().compactMap { $0.components(separatedBy: "```").first }
  }

  @Test func theGuidesExperimentRunsAndIsRanked() throws {
    let folder = try TemporaryFolder()
    let experiment = try #require(try blocks("yaml").last)
    try folder.write(
      experiment.replacing("- cauchy", with: "- {name: sgd, label: cauchy}"), to: "cauchy.yml")
    let run = try Optbench.run(["run", "cauchy.yml"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let report = try Optbench.run(
      ["report", "results/cauchy.h5", "--output", "results/cauchy"], in: folder.path)
    #expect(report.status == 0, "\(report.errors)")
    let text = try String(
      contentsOfFile: folder.path + "/results/cauchy/report.md", encoding: .utf8)
    #expect(text.contains("cauchy") && text.contains("global-norm(1)"))
  }

  @Test func theGuidesTraceHasTheRightForm() throws {
    let folder = try TemporaryFolder()
    let method = try #require(try blocks("yaml").first)
    try folder.write(
      method.replacing("name: cauchy, momentum: 0.5, scale: 2", with: "name: sgd"),
      to: "method.yml")
    try folder.write(try #require(try blocks("json").first), to: "steps.json")
    let trace = try Optbench.run(
      ["trace", "--method", "method.yml", "--gradients", "steps.json"], in: folder.path)
    #expect(trace.status == 0, "\(trace.errors)")
    #expect(trace.output.contains("[-1,1],\n  [-3,-5]"))
  }
}
