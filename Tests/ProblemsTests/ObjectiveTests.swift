import Networks
import Problems
import TestSupport
import Tensors
import Testing

@Suite("Objectives")
struct ObjectiveTests {
  static let definitions =
    [
      digits(), digits(model: "{name: mlp, hidden: [], initialization: glorot-normal}"),
      digits(model: "{name: mlp, hidden: [9, 17], activation: tanh}", loss: "mean-squared-error"),
      digits(model: "{name: mlp, hidden: [20], activation: sigmoid}", batchSize: 7),
      "rosenbrock-2d", "rosenbrock-20d",
    ] + sequenceDefinitions

  /// Along a direction d, the loss itself must change by about ⟨gradient, d⟩. The step is wide
  /// because losses are computed from Float parameters; the error of the difference is then h².
  @Test("gradients predict the change of the loss along random directions", arguments: definitions)
  func directionalDerivatives(definition: String) throws {
    let probe = Probe(try problem(definition))
    var order = probe.problem.makeBatchOrder(seed: 0)
    let batch = order.next()
    let start = probe.parameters.values
    for seed in 0..<5 as Range<UInt64> {
      probe.parameters.copy(from: start)
      _ = probe.loss(batch)
      let gradient = probe.gradient.values
      var stream = RandomStream(seed: seed, name: "direction")
      // Mostly along the gradient, so that the change stands out of the rounding.
      let size = Vector.norm(probe.gradient.pointer, count: gradient.count)
      let direction = gradient.map { Double($0) / size + 0.1 * stream.normal() }
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let h = 1e-3
      func loss(_ t: Double) -> Double {
        probe.parameters.copy(
          from: zip(start, direction).map { Float(Double($0) + t * $1 / length) })
        return probe.loss(batch)
      }
      let measured = (loss(h) - loss(-h)) / (2 * h)
      let predicted = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 } / length
      #expect(abs(measured - predicted) < 2e-3 * abs(predicted), "direction \(seed)")
    }
  }

  @Test("an evaluation changes nothing that a later step can see", arguments: definitions)
  func evaluationIsPure(definition: String) throws {
    let problem = try problem(definition)
    let quiet = Probe(problem)
    let watched = Probe(problem)
    var order = problem.makeBatchOrder(seed: 0)
    for _ in 0..<3 {
      let batch = order.next()
      let loss = quiet.loss(batch)
      for split in DataSplit.allCases { _ = watched.evaluate(split) }
      #expect(watched.loss(batch) == loss)
      #expect(watched.gradient.values == quiet.gradient.values)
      let before = watched.evaluate(.train)
      #expect(watched.evaluate(.train) == before)
    }
  }

  @Test("a loss on the whole training part equals its evaluation")
  func sameNumbers() throws {
    // With as many validation as training examples the evaluated part is the whole training set.
    let definition = digits(dataset: "{name: digits, validation: 749}", batchSize: 748)
    let probe = Probe(try problem(definition))
    var order = probe.problem.makeBatchOrder(seed: 0)
    let loss = probe.loss(order.next())
    let evaluation = try #require(probe.evaluate(.train))
    #expect(abs(loss - evaluation.loss) < 1e-6)
  }

  @Test("NaN parameters give a NaN loss, a NaN gradient and no right answer")
  func nonfinite() throws {
    let probe = Probe(try problem(digits()))
    probe.parameters.fill(.nan)
    var order = probe.problem.makeBatchOrder(seed: 0)
    #expect(probe.loss(order.next()).isNaN)
    #expect(probe.gradient.values.contains { $0.isNaN })
    let result = try #require(probe.evaluate(.validation))
    #expect(result.loss.isNaN && result.accuracy == 0)
  }

  @Test("plain gradient descent learns the digits")
  func learns() throws {
    let probe = Probe(try problem("digits-mlp"))
    var order = probe.problem.makeBatchOrder(seed: 0)
    for _ in 0..<300 {
      _ = probe.loss(order.next())
      for index in 0..<probe.parameters.count {
        probe.parameters.pointer[index] -= 0.1 * probe.gradient.pointer[index]
      }
    }
    let result = try #require(probe.evaluate(.test))
    #expect((result.accuracy ?? 0) > 0.93)
    #expect(result.loss < 0.25)
  }

  @Test("lower bound and unit are those of the loss")
  func scales() throws {
    let entropy = try problem(digits())
    #expect(entropy.lowerBound == 0 && abs(entropy.lossUnit - 2.302585) < 1e-6)
    let squares = try problem(digits(loss: "mean-squared-error"))
    #expect(squares.lowerBound == 0 && abs(squares.lossUnit - 0.09) < 1e-12)
  }
}
