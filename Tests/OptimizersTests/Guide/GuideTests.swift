import Foundation
import Settings
import Tensors
import Testing

@testable import Optimizers

/// The optimizer of `docs/write-your-own-optimizer.md`, which `Cauchy.swift` beside this file compiles.
@Suite struct GuideTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func guide() throws -> String {
    try String(
      contentsOf: root.appendingPathComponent("docs/write-your-own-optimizer.md"), encoding: .utf8)
  }

  /// The code without imports, which differ between a module and its tests.
  private func code(_ text: some StringProtocol) -> [Substring] {
    Substring(text).split(separator: "\n").filter { !$0.contains("import ") }
  }

  @Test func theGuidesCodeIsTheCodeThatIsCompiledHere() throws {
    let block = try #require(try guide().components(separatedBy: "```swift\n").last)
    let compiled = try String(
      contentsOf: root.appendingPathComponent("Tests/OptimizersTests/Guide/Cauchy.swift"),
      encoding: .utf8)
    #expect(
      code(block.prefix(upTo: try #require(block.range(of: "```")).lowerBound)) == code(compiled))
  }

  @Test func itsTraceIsTheOneInTheGuide() throws {
    let entry = CatalogEntry<any Optimizer>.cauchy
    let options = Hyperparameters(
      entry.hyperparameters, given: ["momentum": .number(0.5), "scale": .number(2)])
    var run = OptimizerRun(
      try entry.make(options), layout: layout([[2]]), learningRate: 1, initial: [1, 1])
    for gradient: [Float] in [[2, 0], [2, 6]] {
      run.take(gradient)
      let row = run.parameters.values.map { jsonNumber($0) }.joined(separator: ",")
      #expect(try guide().contains("  [\(row)]"), "\(row)")
    }
  }

  @Test func itDescends() throws {
    let entry = CatalogEntry<any Optimizer>.cauchy
    var run = OptimizerRun(
      try entry.make(Hyperparameters(entry.hyperparameters)), layout: layout([[5, 7]]),
      learningRate: 0.01, initial: (0..<35).map { Float($0) / 10 - 1 })
    for _ in 0..<3000 { run.take(run.parameters.values) }
    #expect(run.parameters.values.allSatisfy { abs($0) < 1e-3 })
  }
}
