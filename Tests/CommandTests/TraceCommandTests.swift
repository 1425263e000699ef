import Foundation
import TestSupport
import Testing

@Suite struct TraceCommandTests {
  private let given = """
    {"parameters": [{"name": "w", "shape": [2], "role": "bias", "values": [1, "inf"]}],
     "gradients": [[0.1, 0]]}
    """

  @Test func itPrintsJSONAndNothingElse() throws {
    let folder = try TemporaryFolder()
    try folder.write("{optimizer: sgd, learning_rate: 0.1}", to: "method.yml")
    try folder.write(given, to: "given.json")
    let trace = try Optbench.run(
      ["trace", "--method", "method.yml", "--gradients", "given.json"], in: folder.path)
    #expect(trace.status == 0)
    #expect(trace.errors.isEmpty)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(trace.output.utf8)) as? [String: Any])
    #expect(
      object.keys.sorted() == ["clipped_gradients", "learning_rate", "parameters", "telemetry"])
    #expect(trace.output.contains("[0.99,\"inf\"]"))
    #expect(trace.output.contains("[0.1,0]"))
  }

  @Test func aTestFunctionServesMethodsThatAskForGradients() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "optimizer: {name: lbfgs, line_search_fn: strong_wolfe}", to: "method.yml")
    let trace = try Optbench.run(
      ["trace", "--method", "method.yml", "--problem", "rosenbrock-2d", "--steps", "3"],
      in: folder.path)
    #expect(trace.status == 0, "\(trace.errors)")
    #expect(trace.output.components(separatedBy: "\"fired\"").count == 4)
  }

  @Test(arguments: [
    (["--gradients", "given.json", "--problem", "rosenbrock-2d"], 64, "either --gradients or"),
    ([], 64, "either --gradients or"),
    (["--gradients", "given.json", "--steps", "3"], 64, "go with --problem"),
    (["--problem", "rosenbrok"], 2, "did you mean 'rosenbrock'?"),
    (["--gradients", "missing.json"], 2, "missing.json: there is no such file"),
    (["--gradients", "method.yml"], 2, "method.yml: not valid JSON"),
  ])
  func whatCannotBeTracedIsSaid(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("optimizer: sgd", to: "method.yml")
    try folder.write(given, to: "given.json")
    let trace = try Optbench.run(["trace", "--method", "method.yml"] + arguments, in: folder.path)
    #expect(trace.status == status)
    #expect(trace.output.isEmpty)
    #expect(trace.errors.contains(message), "\(trace.errors)")
  }
}
