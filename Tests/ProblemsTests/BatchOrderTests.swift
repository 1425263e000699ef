import Problems
import Tensors
import Testing

@Suite("Batch order")
struct BatchOrderTests {
  @Test("is the same for the same seed and another for another seed")
  func seeded() throws {
    let problem = try problem(digits())
    let first = batches(problem, seed: 3, count: 100)
    #expect(batches(problem, seed: 3, count: 100) == first)
    #expect(batches(problem, seed: 4, count: 100) != first)
  }

  @Test("does not depend on the model or the loss: methods and problems meet the same batches")
  func sharedByProblems() throws {
    let a = try problem(digits())
    let b = try problem(
      digits(model: "{name: mlp, hidden: [3, 3, 3], gain: 4}", loss: "mean-squared-error"))
    #expect(batches(a, seed: 1, count: 80) == batches(b, seed: 1, count: 80))
  }

  @Test("reshuffled epochs hold each example once, the last batch being smaller")
  func reshuffle() throws {
    let problem = try problem(digits(batchSize: 100))
    #expect(problem.stepsPerEpoch == 12)
    let drawn = batches(problem, seed: 0, count: 36)
    #expect(drawn.map(\.count) == Array(repeating: [100] * 11 + [97], count: 3).flatMap { $0 })
    let epochs = (0..<3).map { epoch in drawn[epoch * 12..<epoch * 12 + 12].flatMap { $0 } }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<1197)) }
    #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2])
  }

  @Test(
    "skipped steps are as if they had been drawn",
    arguments: ["reshuffle", "fixed"], [0, 1, 11, 12, 13, 24, 30])
  func skipping(order: String, step: Int) throws {
    let problem = try problem(digits(batchSize: 100, more: "data_order: \(order)"))
    var skipping = problem.makeBatchOrder(seed: 2)
    for _ in 0..<min(step, 3) { _ = skipping.next() }
    skipping.skip(to: step)
    let expected = batches(problem, seed: 2, count: step + 3)
    for position in step..<step + 3 {
      let batch = skipping.next()
      #expect(batch.step == position && Array(batch.indices) == expected[position])
    }
  }

  @Test("the first epoch is the documented shuffle")
  func documented() throws {
    var expected = Array(Int32(0)..<1197)
    var stream = RandomStream(seed: 5, name: "data-order")
    stream.shuffle(&expected)
    let problem = try problem(digits(batchSize: 1197))
    #expect(batches(problem, seed: 5, count: 1)[0] == expected)
    stream.shuffle(&expected)
    #expect(batches(problem, seed: 5, count: 2)[1] == expected)
  }

  @Test("a fixed order repeats the same whole batches and leaves the rest out")
  func fixed() throws {
    let problem = try problem(digits(batchSize: 100, more: "data_order: fixed"))
    #expect(problem.stepsPerEpoch == 11)
    let drawn = batches(problem, seed: 2, count: 33)
    #expect(drawn.allSatisfy { $0.count == 100 })
    #expect(Array(drawn[..<11]) == Array(drawn[11..<22]))
    #expect(Array(drawn[..<11]) == Array(drawn[22...]))
    #expect(Set(drawn[..<11].flatMap { $0 }).count == 1100)
  }

  @Test("counts steps from 0 and keeps its memory in place")
  func inPlace() throws {
    let problem = try problem(digits())
    var order = problem.makeBatchOrder(seed: 0)
    var addresses: Set<Int> = []
    for step in 0..<200 {
      let batch = order.next()
      #expect(batch.step == step)
      let start = try #require(batch.indices.baseAddress)
      addresses.insert(Int(bitPattern: start))
    }
    // Batches of one epoch start at as many places as there are batches, in each epoch the same.
    #expect(addresses.count == problem.stepsPerEpoch)
  }
}

private func * (values: [Int], times: Int) -> [Int] {
  Array(repeating: values, count: times).flatMap { $0 }
}
