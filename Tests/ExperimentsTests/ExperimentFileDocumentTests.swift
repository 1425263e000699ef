import Analysis
import Experiments
import Foundation
import Optimizers
import Problems
import Settings
import Testing

/// docs/experiment-file.md against the reader.
@Suite struct ExperimentFileDocumentTests {
  private let page: String

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    page = try String(
      contentsOf: root.appendingPathComponent("docs/experiment-file.md"), encoding: .utf8)
  }

  /// The rows of all tables: key and value.
  private var rows: [(key: String, value: String)] {
    page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells[0].filter { $0 != "`" }, cells[1])
    }
  }

  private var blocks: [String] {
    page.components(separatedBy: "```yaml\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }

  @Test func theDocumentedKeysAreTheReaders() {
    var keys = Set(ExperimentSpec.keys)
    for (key, subkeys) in ExperimentSpec.subkeys { keys.formUnion(subkeys.map { "\(key).\($0)" }) }
    keys.formUnion(ProblemSpec.keys.map { "problems[].\($0)" })
    keys.formUnion(ProblemSpec.externalKeys.map { "problems[].external.\($0)" })
    keys.formUnion(Target.keys.map { "problems[].target.\($0)" })
    keys.formUnion((["name"] + OptimizerChoice.keys).map { "optimizers[].\($0)" })
    keys.formUnion((["name"] + ClippingStrategy.keys).map { "clipping[].\($0)" })
    keys.formUnion(LearningRateGrid.keys.map { "learning_rate.\($0)" })
    keys.formUnion(Claim.keys.map { "claim[].\($0)" })
    keys.formUnion(PublishedFigure.keys.map { "published[].\($0)" })
    #expect(Set(rows.map(\.key)) == keys)
    #expect(rows.count == keys.count)
  }

  /// A file with a block's keys in the place of its own.
  private func file(with block: String) throws -> String {
    let base = try Setting.parse(
      """
      {optbench: 1, name: t, problems: [rosenbrock-2d], optimizers: [sgd, adam],
       learning_rate: [0.01], seeds: 1, budget: {steps: 5}}
      """, file: "base")
    let given = try Setting.parse(block, file: "block")
    // Where rates are searched for the file names none.
    let isRobust = given.value(of: "protocol") != nil
    let keys = base.keys.filter { key in
      given.value(of: key) == nil && !(isRobust && key == "learning_rate")
    }
    return SettingTree.mapping(
      keys.map { ($0, .place(base.value(of: $0) ?? base)) }
        + given.keys.map { ($0, .place(given.value(of: $0) ?? given)) }
    ).yaml()
  }

  @Test func everyBlockIsRead() throws {
    #expect(blocks.count > 10)
    for block in blocks {
      #expect(throws: Never.self, "\(block)") {
        let spec = try ExperimentSpec(try file(with: block), file: "page.yml")
        // The program that such a block names is the reader's.
        if !block.contains("external:") { _ = try ExperimentPlan(spec, baseDirectory: ".") }
      }
    }
  }

  @Test func everyKeyStandsInABlock() throws {
    var shown: Set<String> = []
    func collect(_ setting: Setting, _ path: String) {
      for key in setting.keys {
        let own = path.isEmpty ? key : "\(path).\(key)"
        shown.insert(own)
        if let value = setting.value(of: key) {
          collect(value, own)
          for element in (try? value.elements()) ?? [] { collect(element, "\(own)[]") }
        }
      }
    }
    for block in blocks { collect(try Setting.parse(block, file: "block"), "") }
    for key in rows.map(\.key) where !["title"].contains(key) {
      #expect(shown.contains(key), "\(key) stands in no block")
    }
  }

  @Test func theBoundsAreTheReaders() throws {
    let checked = rows.filter { row in
      ["an integer", "a finite number", "a number from", "any finite number", "true or false"]
        .contains { row.value.hasPrefix($0) }
    }
    #expect(checked.count >= 18)
    for (key, value) in checked {
      let parts = key.split(separator: ".").map(String.init)
      let leaf = parts[parts.count - 1]
      var block: String
      switch parts[0] {
      case "problems[]" where parts.count > 2 && parts[1] == "external":
        block = "problems: [{name: p, external: {command: [a], \(leaf): wrong}}]"
      case "problems[]" where parts.count > 2:
        let metric = leaf == "at_least" ? "train_accuracy" : "train_loss"
        block = "problems: [{name: digits-mlp, target: {metric: \(metric), \(leaf): wrong}}]"
      case "problems[]": block = "problems: [{name: digits-mlp, \(leaf): wrong}]"
      case "published[]":
        let other = leaf == "value" ? "" : "value: 1, "
        block =
          "published: [{source: a, optimizer: sgd, metric: train_loss, \(other)\(leaf): wrong}]"
      case "claim[]":
        block = "claim: {better: adam, than: sgd, metric: train_loss, \(leaf): wrong}"
      case "learning_rate":
        let others = LearningRateGrid.keys.filter { $0 != leaf }.map { "\($0): 1" }
        block = "learning_rate: {\(others.joined(separator: ", ")), \(leaf): wrong}"
      case "tuning": block = "{protocol: robust, tuning: {\(leaf): wrong}}"
      default: block = "\(parts[0]): {\(leaf): wrong}"
      }
      if parts[0] == "budget", leaf == "time_limit_seconds" {
        block = "budget: {steps: 5, time_limit_seconds: wrong}"
      }
      let error = #expect(throws: SettingsError.self, "\(key)") {
        try ExperimentSpec(try file(with: block), file: "page.yml")
      }
      let message = error?.description ?? ""
      #expect(message.contains("expected \(value), found 'wrong'"), "\(key): \(message)")
    }
  }
}
