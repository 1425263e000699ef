import Foundation
import TestSupport
import Testing

/// A result of a few tenths of a second with enough seeds for the gate.
private let gateExperiment = """
  optbench: 1
  name: gated
  problems:
    - name: digits
      dataset: digits
      model: {name: mlp, hidden: [8]}
      loss: cross-entropy
      batch_size: 32
      target: {metric: validation_accuracy, at_least: 0.3}
  optimizers: [momentum, adam]
  learning_rate: [0.01, 0.1]
  clipping: [none, {name: global-norm, max_norm: 1}]
  seeds: 10
  budget: {steps: 30}
  evaluate: {every: 10}
  """

@Suite struct GateCommandTests {
  private func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      try folder.write(text, to: "\(name).yml")
      let run = try Optbench.run(
        ["run", "\(name).yml", "--output", "\(name).h5", "--quiet"], in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
    }
    return folder
  }

  private func text(_ name: String, in folder: TemporaryFolder) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
  }

  @Test func `an output that is one of the inputs or another output is refused`() throws {
    let folder = try folder(["b": gateExperiment])
    let result = FileManager.default.contents(atPath: folder.path + "/b.h5")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.json", withDestinationPath: "b.h5")
    for outputs in [
      ["--json", "b.h5"], ["--markdown", "./b.h5"], ["--junit", "link.json"],
      ["--json", "new", "--markdown", "new"],
    ] {
      let gate = try Optbench.run(
        ["gate", "--baseline", "b.h5", "--current", "b.h5", "--mode", "exact"] + outputs,
        in: folder.path)
      #expect(gate.status == 2 && gate.output.isEmpty)
      #expect(gate.errors.contains("give each a name of its own"), "\(gate.errors)")
    }
    #expect(FileManager.default.contents(atPath: folder.path + "/b.h5") == result)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/new"))
  }

  @Test func `the same result passes and is described in every form`() throws {
    let folder = try folder(["base": gateExperiment])
    let gate = try Optbench.run(
      [
        "gate", "--baseline", "base.h5", "--current", "base.h5", "--markdown", "out/gate.md",
        "--json", "gate.json",
      ], in: folder.path)
    #expect(gate.status == 0, "\(gate.errors)\(gate.output)")
    #expect(gate.output.contains("The gate passed") && gate.output.contains("identical"))
    #expect(try text("out/gate.md", in: folder).hasPrefix("## ✅"))
    for _ in 0..<2 {
      let summary = try Optbench.run(
        ["gate", "--baseline", "base.h5", "--current", "base.h5", "--github"], in: folder.path,
        environment: ["GITHUB_STEP_SUMMARY": "\(folder.path)/not/there/summary.md"])
      #expect(summary.status == 0, "\(summary.errors)")
    }
    let summary = try text("not/there/summary.md", in: folder)
    #expect(summary.components(separatedBy: "## ✅").count == 3)
    let json = try JSONSerialization.jsonObject(
      with: Data(try text("gate.json", in: folder).utf8))
    #expect((json as? [String: Any])?["passed"] as? Bool == true)
  }

  @Test func `a slower method fails with the cells that drive it`() throws {
    // The same file, but for what runs: a baseline that was made with a smaller rate.
    let slow = gateExperiment.replacing("steps: 30", with: "steps: 30, time_limit_seconds: 1e9")
    let folder = try folder(["base": gateExperiment, "slow": slow])
    let gate = try Optbench.run(
      ["gate", "--baseline", "base.h5", "--current", "slow.h5"], in: folder.path)
    #expect(gate.status == 1)
    #expect(
      gate.output.contains("'budget.time_limit_seconds': absent in the baseline, 1000000000 now")
        && gate.output.contains("The gate failed"))
  }

  @Test func `fewer seeds fail`() throws {
    let folder = try folder(["base": gateExperiment])
    let run = try Optbench.run(
      ["run", "base.yml", "--output", "few.h5", "--seeds", "4", "--quiet"], in: folder.path)
    #expect(run.status == 0)
    let gate = try Optbench.run(
      ["gate", "--baseline", "base.h5", "--current", "few.h5", "--format", "markdown"],
      in: folder.path)
    #expect(gate.status == 1)
    #expect(gate.output.contains("❌ **enough seeds**"))
  }

  @Test func `what cannot be done ends with 2 and wrong usage with 64`() throws {
    let folder = try folder(["base": gateExperiment])
    let missing = try Optbench.run(
      ["gate", "--baseline", "none.h5", "--current", "base.h5"], in: folder.path)
    #expect(missing.status == 2 && missing.errors.contains("none.h5"))
    try folder.write("gate: 1\nmetrics: {loss: off}\n", to: "policy.yml")
    let policy = try Optbench.run(
      ["gate", "--baseline", "base.h5", "--current", "base.h5", "--policy", "policy.yml"],
      in: folder.path)
    #expect(policy.status == 2 && policy.errors.contains("policy.yml:2"))
    for arguments in [
      ["gate", "--baseline", "base.h5"],
      ["gate", "--baseline", "base.h5", "--current", "base.h5", "--mode", "fuzzy"],
      ["gate", "--baseline", "base.h5", "--current", "base.h5", "--format", "pdf"],
    ] {
      #expect(try Optbench.run(arguments, in: folder.path).status == 64, "\(arguments)")
    }
  }
}
