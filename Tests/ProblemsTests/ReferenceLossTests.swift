import Foundation
import Problems
import Tensors
import Testing

/// What a problem gives for nothing.
struct ReferenceLossTests {
  @Test func isTheEntropyOfTheTrainingClasses() throws {
    let dataset = try dataset("{name: digits}")
    var counts = [Double](repeating: 0, count: 10)
    for example in 0..<dataset.trainingCount {
      counts[Int(dataset.example(example, of: .train).labels[0])] += 1
    }
    let entropy = counts.reduce(0) { sum, count in
      let share = count / Double(dataset.trainingCount)
      return sum - share * logarithm(share)
    }
    let reference = try problem(digits()).referenceLoss
    #expect(abs(reference - entropy) < 1e-12)
    #expect(reference < logarithm(10))
  }

  @Test func isTheValueAtTheStartOfAFunction() throws {
    // 100 (x₂ − x₁²)² + (1 − x₁)² at (−1.2, 1).
    #expect(abs(try problem("rosenbrock-2d").referenceLoss - 24.2) < 1e-12)
  }

  @Test func aTextIsHeldAgainstItsCharacterFrequencies() throws {
    let text = try problem(
      """
      name: text
      dataset: {name: text, length: 7, stride: 1000}
      model: {name: char-lstm, features: 6, units: 8}
      loss: cross-entropy
      batch_size: 4
      """)
    #expect(text.referenceLoss > 2 && text.referenceLoss < 4)
  }
}

/// What is legal and hardly meant.
struct ProblemWarningTests {
  @Test func oneClassIsSaid() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func warnings(_ last: String) throws -> [String] {
      let rows = (0..<8).map { "\($0 % 3),\($0),\($0 == 0 ? last : "x")\n" }
      try Data(("a,b,y\n" + rows.joined()).utf8).write(to: folder.appending(path: "one.csv"))
      return try problem(
        """
        name: p
        dataset: {name: csv, path: '\(folder.path)/one.csv', validation: 1, test: 1}
        model: {name: mlp, hidden: [4]}
        loss: cross-entropy
        batch_size: 4
        """, in: folder.path
      ).warnings
    }
    let said = try warnings("x")
    #expect(said.count == 1 && said[0].contains("the same class"), "\(said)")
    #expect(try problem(digits()).warnings.isEmpty)
  }
}
