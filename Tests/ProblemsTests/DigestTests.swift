import Problems
import TestSupport
import Testing

@Suite("Digests of problems")
struct DigestTests {
  @Test("differ when anything that defines a problem differs, and only then")
  func distinct() throws {
    let definitions = [
      digits(), digits(dataset: "{name: digits, validation: 301}"),
      digits(model: "{name: mlp, hidden: [13]}"), digits(model: "{name: mlp, hidden: []}"),
      digits(model: "{name: mlp, hidden: [12], activation: tanh}"),
      digits(model: "{name: mlp, hidden: [12], initialization: lecun-normal}"),
      digits(model: "{name: mlp, hidden: [12], gain: 1.5}"), digits(loss: "mean-squared-error"),
      digits(batchSize: 33), digits(more: "data_order: fixed"),
      digits(more: "target: {metric: validation_accuracy, at_least: 0.9}"),
      digits(more: "target: {metric: validation_accuracy, at_least: 0.91}"),
      digits(more: "target: {metric: validation_loss, at_most: 0.9}"),
      "rosenbrock-2d", "rosenbrock-20d", "{name: rosenbrock-2d, target: null}",
      "{name: a, function: {name: rosenbrock, start_spread: 0.2}}",
      "{name: a, function: {name: rosenbrock, gradient_noise: 0.2}}",
    ]
    let digests = try definitions.map { try problem($0).digest }
    #expect(Set(digests).count == definitions.count)
    #expect(digests.allSatisfy { $0.count == 64 })
    for (definition, digest) in zip(definitions, digests) {
      #expect(try problem(definition).digest == digest)
    }
  }

  @Test("do not depend on spelling, title, rule or name")
  func same() throws {
    let a = try problem(digits(more: "target: {metric: test_loss, at_most: 0.5, rule: one}"))
    let b = try problem(
      """
      {name: other, title: Other, loss: {name: cross-entropy}, batch_size: 32,
       target: {metric: test_loss, at_most: 5.0e-1, rule: two}, data_order: reshuffle,
       model: {name: mlp, hidden: [12.0], activation: relu, gain: 1}, dataset: digits}
      """)
    #expect(a.digest == b.digest)
    #expect(a.name == "digits-test" && b.name == "other")
  }

  @Test(
    "change with every field of a table's file, features, classes and values alike",
    arguments: ["classes", "values"])
  func tables(task: String) throws {
    let folder = try TemporaryFolder()
    let rows = [[0.5, 1, 0], [1.5, 2, 1], [2.5, 3, 0], [3.5, 4, 1], [4.5, 5, 0]]
    func digest(_ rows: [[Double]]) throws -> String {
      let text = rows.map { $0.map { "\($0)" }.joined(separator: ",") }.joined(separator: "\n")
      try folder.write(text, to: "t.csv")
      return try dataset(
        "{name: csv, path: t.csv, header: false, task: \(task), validation: 1, test: 1}",
        in: folder.path
      ).digest
    }
    let before = try digest(rows)
    #expect(try digest(rows) == before)
    for row in rows.indices {
      for column in 0..<3 {
        var changed = rows
        changed[row][column] = column == 2 ? 1 - rows[row][2] : rows[row][column] + 0.25
        #expect(try digest(changed) != before, "row \(row), column \(column)")
      }
    }
  }
}
