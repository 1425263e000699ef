import Foundation
import Storage
import TestSupport
import Testing

@Suite struct LayerListCommandTests {
  private let experiments = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("experiments")

  @Test func theExampleWithAListOfLayersRunsToItsEnd() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/layer-list.h5"
    let example = experiments.appendingPathComponent("layer-list.yml").path
    let run = try Optbench.run(["run", example, "--output", file], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let report = try Optbench.run(["report", file, "--output", "report"], in: folder.path)
    #expect(report.status == 0, "\(report.errors)")
    let text = try String(contentsOfFile: "\(folder.path)/report/report.md", encoding: .utf8)
    #expect(text.contains("residual(layer-norm, dense outputs=32, gelu, dense outputs=32)"))
  }

  @Test(arguments: ["layers", "losses"])
  func layersAndLossesAreListedAsTextAndJSON(kind: String) throws {
    let folder = try TemporaryFolder()
    let text = try Optbench.run(["list", kind], in: folder.path)
    #expect(text.status == 0)
    let json = try Optbench.run(["list", kind, "--format", "json"], in: folder.path)
    let entries = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    let names = entries.compactMap { $0["name"] as? String }
    #expect(names.contains(kind == "layers" ? "transformer-block" : "binary-cross-entropy"))
    for name in names { #expect(text.output.contains("\(name)  ")) }
  }
}
