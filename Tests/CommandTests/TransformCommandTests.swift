import Foundation
import TestSupport
import Testing

/// Clips with a place and tensors from the file to the report and the gate.
@Suite struct TransformCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let file = """
    optbench: 1
    name: placed
    problems: [digits-mlp]
    optimizers: [momentum]
    clipping:
      - none
      - {name: global-norm, max_norm: 1.0e-3, at: update, on: matrices}
      - [centralize, {name: value, max_value: 0.01, at: momentum, on: [bias, '*1.weight']}]
      - {name: cautious, label: careful}
    learning_rate: [0.1]
    seeds: 3
    budget: {steps: 20}
    """

  private func optbench(_ arguments: String...) throws -> Optbench.Result {
    try Optbench.run(arguments, in: folder.path)
  }

  @Test func theWordsOfAPlaceReachEveryTable() throws {
    try folder.write(Self.file, to: "e.yml")
    let run = try optbench("run", "e.yml", "--output", "e.h5", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    let labels = [
      "global-norm(0.001) at update on matrices",
      "centralize + value(0.01) at momentum on bias,*1.weight", "careful",
    ]
    let inspected = try optbench("inspect", "e.h5").output
    for label in labels { #expect(inspected.contains("momentum × \(label): 3 completed")) }

    #expect(try optbench("report", "e.h5", "--output", "report").status == 0)
    let csv = try String(contentsOfFile: folder.path + "/report/runs.csv", encoding: .utf8)
    for label in labels { #expect(csv.contains(label)) }
    let page = try String(contentsOfFile: folder.path + "/report/report.md", encoding: .utf8)
    #expect(
      page.contains(
        "`global-norm(0.001) at update on matrices` is `global-norm` with max_norm 0.001, at update, "
          + "on matrices"))

    // The stored text trains the same again, and a change of place names where it is.
    let spec = try optbench("inspect", "e.h5", "--spec").output
    try folder.write(spec, to: "again.yml")
    #expect(try optbench("run", "again.yml", "--output", "e.h5", "--quiet").status == 0)
    try folder.write(
      Self.file.replacing("cautious, label", with: "cautious, on: weight, label"), to: "other.yml")
    let other = try optbench("run", "other.yml", "--output", "e.h5")
    #expect(other.status == 2 && other.errors.contains("clipping[3].on: weight is new"))

    let gate = try optbench(
      "gate", "--baseline", "e.h5", "--current", "e.h5", "--mode", "exact", "--json", "g.json")
    #expect(gate.status == 0, "\(gate.errors)")
  }

  @Test func theGateNamesPlaceAndTensors() throws {
    let clips = Self.file.split(separator: "\n").filter { !$0.contains("centralize") }
    try folder.write(
      clips.joined(separator: "\n").replacing("seeds: 3", with: "seeds: 10"), to: "e.yml")
    #expect(try optbench("run", "e.yml", "--output", "e.h5", "--quiet").status == 0)
    let gate = try optbench("gate", "--baseline", "e.h5", "--current", "e.h5", "--json", "g.json")
    #expect(gate.status == 0, "\(gate.errors)")
    let json = try String(contentsOfFile: folder.path + "/g.json", encoding: .utf8)
    #expect(json.contains("\"global-norm(0.001) at update on matrices\""))
  }

  @Test func theDryRunRefusesTensorsThatAreNotThere() throws {
    try folder.write(Self.file.replacing("'*1.weight'", with: "'*1.weigth'"), to: "e.yml")
    let run = try optbench("run", "e.yml", "--dry-run")
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.contains("'*1.weigth' selects no tensor of problem 'digits-mlp', which has"))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  @Test func theListSaysWhereAClipWorks() throws {
    let text = try optbench("list", "clipping").output
    #expect(text.contains("  at: update, momentum\n") && text.contains("  at: parameters\n"))
    #expect(
      try optbench("list", "clipping", "--format", "json").output
        .contains("\"note\":\"at: gradient, momentum, update\""))
  }

  @Test func aTraceTakesPlaceAndTensors() throws {
    try folder.write(
      "{optimizer: {name: sgd, learning_rate: 0.5}, clipping: {name: value, max_value: 1, at: update, on: b}}",
      to: "m.yml")
    try folder.write(
      """
      {"parameters": [{"name": "w", "shape": [1, 2], "role": "weight", "values": [0, 0]},
        {"name": "b", "shape": [1], "role": "bias", "values": [0]}], "gradients": [[8, 2, 8]]}
      """, to: "g.json")
    let trace = try optbench("trace", "--method", "m.yml", "--gradients", "g.json")
    #expect(trace.status == 0, "\(trace.errors)")
    #expect(trace.output.contains("[-4,-1,-1]") && trace.output.contains("\"fired\":true"))
  }
}
