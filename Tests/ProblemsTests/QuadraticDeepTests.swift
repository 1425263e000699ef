import Problems
import TestSupport
import Testing

/// DeepOBS's quadratic_deep against the numbers that its published data give.
@Suite("quadratic-deep")
struct QuadraticDeepTests {
  private struct Anchors: Decodable {
    var testAtStart: Double
    var testAtTrainingMean: Double
    var testAtZero: Double
    var testMinimum: Double
    var gradientNormAtStart: Double
  }

  private struct Oracle: Decodable { var quadraticDeep: Anchors }

  private func anchors() throws -> Anchors {
    (try oracle("functions", as: Oracle.self)).quadraticDeep
  }

  @Test("the losses at known points are DeepOBS's")
  func anchorLosses() throws {
    let anchors = try anchors()
    let problem = try problem("quadratic-deep")
    let probe = Probe(problem)
    #expect(probe.parameters.values == Array(repeating: 1, count: 100))
    // DeepOBS publishes 353.44676 (in float32).
    #expect(isClose(probe.evaluate(.test)?.loss ?? 0, 353.44676, relative: 1e-7))
    #expect(isClose(probe.evaluate(.test)?.loss ?? 0, anchors.testAtStart, relative: 1e-12))
    probe.parameters.fill(0)
    #expect(isClose(probe.evaluate(.test)?.loss ?? 0, anchors.testAtZero, relative: 1e-12))
    let function = try function("quadratic-deep")
    probe.parameters.copy(from: try #require(function.minimum).map { Float($0) })
    #expect(isClose(probe.evaluate(.test)?.loss ?? 0, anchors.testAtTrainingMean, relative: 1e-7))
    #expect(isClose(probe.evaluate(.train)?.loss ?? 0, function.lowerBound, relative: 1e-7))
    let square = function.value(at: function.start).gradient.reduce(0) { $0 + $1 * $1 }
    #expect(isClose(square.squareRoot(), anchors.gradientNormAtStart, relative: 1e-12))
  }

  @Test("batches are shuffled examples; a fixed order leaves 104 of 1000 out")
  func order() throws {
    let problem = try problem("{name: quadratic-deep, data_order: fixed}")
    #expect(problem.stepsPerEpoch == 7)
    let first = batches(problem, seed: 1, count: 14)
    #expect(Array(first.prefix(7)) == Array(first.suffix(7)))
    #expect(Set(first.joined()).count == 896)
    #expect(batches(problem, seed: 2, count: 1) != [first[0]])
    let reshuffled = try ProblemsTests.problem("quadratic-deep")
    #expect(reshuffled.stepsPerEpoch == 8)
    #expect(problem.summary.hasSuffix("batches of 128 in fixed order"))
  }

  @Test("the loss of all batches of an epoch is the training loss")
  func mean() throws {
    let problem = try problem("quadratic-deep")
    let probe = Probe(problem)
    var order = problem.makeBatchOrder(seed: 0)
    var total = 0.0
    for _ in 0..<8 {
      let batch = order.next()
      total += Double(batch.indices.count) * probe.loss(batch)
    }
    #expect(isClose(total / 1000, probe.evaluate(.train)?.loss ?? 0, relative: 1e-12))
  }

  @Test("keys for examples go with functions of examples only")
  func reading() throws {
    #expect(try problem("{name: a, function: logistic-regression}").stepsPerEpoch == 1)
    #expect(
      try problem("{name: a, function: logistic-regression, batch_size: 100}").stepsPerEpoch == 5)
    for (text, expected) in [
      ("{name: a, function: beale, data_order: fixed}", "beale, which has no examples"),
      ("{name: a, function: quadratic-deep, batch_size: 1001}", "the function has 1000"),
      ("{name: a, function: quadratic-deep, data_order: fixd}", "did you mean 'fixed'?"),
      ("{name: a, function: beale, target: {metric: test_loss, at_most: 1}}", "train_loss"),
      ("{name: a, function: {name: quadratic, dimension: 1001}}", "rotation: false"),
      ("{name: a, function: {name: quadratic, eigenvalues: []}}", "the list is empty"),
      ("{name: a, function: {name: quadratic, eigenvalues: [1, -1]}}", "-1 is out of range"),
      ("{name: a, function: {name: beale, noise: cauchy}}", "unknown noise 'cauchy'"),
    ] {
      let error = #expect(throws: (any Error).self) { try spec(text) }
      #expect("\(String(describing: error))".contains(expected), "\(String(describing: error))")
    }
  }
}
