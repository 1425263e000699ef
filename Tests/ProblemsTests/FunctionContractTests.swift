import Problems
import Tensors
import TestSupport
import Testing

/// What every function of the catalog promises.
@Suite("Contract of functions")
struct FunctionContractTests {
  private static let names = Functions.catalog.names

  @Test("the start is finite and gives a finite value, gradient and unit", arguments: names)
  func start(name: String) throws {
    let function = try function(name)
    #expect(function.start.count == function.dimension)
    #expect(function.layout.count == function.dimension)
    #expect(function.start.allSatisfy { $0.isFinite })
    let (value, gradient) = function.value(at: function.start)
    #expect(value.isFinite && gradient.allSatisfy { $0.isFinite })
    #expect(function.unit > 0 && function.unit.isFinite)
    #expect(value > function.lowerBound)
    #expect(gradient.contains { $0 != 0 }, "nothing happens at the start")
  }

  @Test("no point lies below the lower bound", arguments: names)
  func lowerBound(name: String) throws {
    let function = try function(name)
    var stream = RandomStream(seed: 1, name: "points")
    for scale in [0.01, 0.1, 1, 3, 10] {
      for _ in 0..<20 {
        let around = function.minimum ?? function.start
        let point = around.map { $0 + scale * stream.normal() }
        #expect(function.value(at: point).value >= function.lowerBound)
      }
    }
  }

  @Test("the minimum attains the lower bound with a gradient of 0", arguments: names)
  func minimum(name: String) throws {
    let function = try function(name)
    guard let minimum = function.minimum else {
      #expect(name == "chebyshev", "only the toy network's minimum is unknown")
      return
    }
    let (value, gradient) = function.value(at: minimum)
    #expect(isClose(value, function.lowerBound, relative: 1e-12, absolute: 1e-12))
    #expect(gradient.allSatisfy { abs($0) < 1e-12 * max(1, function.unit) })
  }

  @Test("the gradient equals finite differences in Double", arguments: names)
  func gradient(name: String) throws {
    let function = try function(name)
    var stream = RandomStream(seed: 2, name: "points")
    for _ in 0..<3 {
      let point = function.start.map { $0 + 0.3 * stream.normal() }
      let expected = centralDifferences(of: { function.value(at: $0).value }, at: point)
      let found = function.value(at: point).gradient
      #expect(relativeDistance(found, from: expected) < 1e-6)
    }
  }

  @Test("the objective rounds value and gradient of the rounded point", arguments: names)
  func rounding(name: String) throws {
    let function = try function(name)
    let problem = try problem("{name: test, function: \(name)}")
    let probe = Probe(problem, seed: 3)
    var order = problem.makeBatchOrder(seed: 3)
    let loss = probe.loss(order.next())
    let expected = function.value(at: probe.parameters.values.map { Double($0) })
    #expect(isClose(loss, expected.value, relative: 1e-12))
    let gradient = probe.gradient.values.map { Double($0) }
    #expect(relativeDistance(gradient, from: expected.gradient) < 1e-7)
    #expect(isClose(probe.evaluate(.train)?.loss ?? .nan, expected.value, relative: 1e-12))
  }

  @Test("starts, batches and noise are functions of the seed alone", arguments: names)
  func determinism(name: String) throws {
    let text =
      "{name: test, function: {name: \(name), gradient_noise: 0.1, noise: student-t}}"
    let (first, second) = (try problem(text), try problem(text))
    #expect(first.digest == second.digest)
    let plain = try problem("{name: test, function: \(name)}")
    #expect(first.digest != plain.digest)
    var gradients: [[Float]] = []
    for (problem, seed) in [(first, 4), (second, 4), (second, 5)] as [(any TestProblem, UInt64)] {
      let probe = Probe(problem, seed: seed)
      // A method that has moved elsewhere meets the same noise.
      probe.parameters.copy(from: first.initialParameters(seed: 4))
      var order = problem.makeBatchOrder(seed: seed)
      _ = order.next()
      _ = probe.loss(order.next())
      gradients.append(probe.gradient.values)
    }
    #expect(gradients[0] == gradients[1])
    #expect(gradients[0] != gradients[2])
    #expect(first.initialParameters(seed: 7) == second.initialParameters(seed: 7))
  }

  @Test("points far away and NaN give a value and do not trap", arguments: names)
  func extremes(name: String) throws {
    let probe = Probe(try problem("{name: test, function: \(name)}"))
    var order = probe.problem.makeBatchOrder(seed: 0)
    for value in [Float](arrayLiteral: 1e30, -.greatestFiniteMagnitude, .infinity, .nan) {
      probe.parameters.fill(value)
      _ = probe.loss(order.next())
      _ = probe.evaluate(.train)
    }
    #expect(!probe.gradient.values.allSatisfy { $0.isFinite }, "NaN went unseen")
  }

  @Test("an evaluation changes nothing that a step can see", arguments: names)
  func evaluation(name: String) throws {
    let problem = try problem("{name: test, function: \(name)}")
    let (plain, evaluated) = (Probe(problem), Probe(problem))
    var order = problem.makeBatchOrder(seed: 0)
    let batch = order.next()
    for split in DataSplit.allCases { _ = evaluated.evaluate(split) }
    #expect(plain.loss(batch) == evaluated.loss(batch))
    #expect(plain.gradient.values == evaluated.gradient.values)
  }
}
