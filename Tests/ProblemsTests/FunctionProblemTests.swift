import Problems
import TestSupport
import Tensors
import Testing

@Suite("Functions")
struct FunctionProblemTests {
  private func rosenbrock(_ options: String) throws -> any TestProblem {
    try problem("{name: test, function: {name: rosenbrock, \(options)}}")
  }

  @Test("Rosenbrock's function has its published values")
  func values() throws {
    let probe = Probe(try rosenbrock("dimension: 2, start_spread: 0"))
    #expect(probe.parameters.values == [-1.2, 1])
    // f(−1.2, 1) = 24.2 (Rosenbrock, 1960); −1.2 is not a Float.
    #expect(abs((probe.evaluate(.train)?.loss ?? 0) - 24.2) < 1e-4)
    probe.parameters.copy(from: [1, 1])
    #expect(probe.evaluate(.train) == EvaluationResult(loss: 0))
    probe.parameters.copy(from: [0, 0])
    #expect(probe.evaluate(.train)?.loss == 1)
    #expect(probe.evaluate(.validation) == nil && probe.evaluate(.test) == nil)
  }

  @Test("its gradient equals finite differences in Double", arguments: [2, 3, 20])
  func gradient(dimension: Int) throws {
    let probe = Probe(try rosenbrock("dimension: \(dimension), start_spread: 0.5"), seed: 9)
    var order = probe.problem.makeBatchOrder(seed: 9)
    let loss = probe.loss(order.next())
    let formula = { (x: [Double]) in
      zip(x, x.dropFirst()).reduce(0.0) { sum, pair in
        let bend = pair.1 - pair.0 * pair.0
        return sum + 100 * bend * bend + (1 - pair.0) * (1 - pair.0)
      }
    }
    let point = probe.parameters.values.map(Double.init)
    #expect(abs(loss - formula(point)) < 1e-12 * loss)
    let expected = centralDifferences(of: formula, at: point)
    #expect(relativeDistance(probe.gradient.values.map(Double.init), from: expected) < 1e-7)
  }

  @Test("starts spread around the standard one with the seed")
  func starts() throws {
    let problem = try rosenbrock("dimension: 4, start_spread: 0.1")
    #expect(problem.initialParameters(seed: 1) == problem.initialParameters(seed: 1))
    let starts = (0..<200).map { problem.initialParameters(seed: $0) }
    for (index, standard) in [-1.2, 1, -1.2, 1].enumerated() {
      let offsets = starts.map { Double($0[index]) - standard }
      let deviation = (offsets.reduce(0) { $0 + $1 * $1 } / 200).squareRoot()
      #expect(abs(deviation - 0.1) < 0.02)
    }
  }

  @Test("gradient noise is a function of seed and step, and spares the value")
  func noise() throws {
    let noisy = try rosenbrock("gradient_noise: 0.5, start_spread: 0")
    let plain = Probe(try rosenbrock("start_spread: 0"))
    let batch = { (step: Int) in
      Batch(step: step, indices: UnsafeBufferPointer(start: nil, count: 0))
    }
    let loss = plain.loss(batch(0))
    let probe = Probe(noisy, seed: 1)
    #expect(probe.loss(batch(0)) == loss)
    let first = probe.gradient.values
    _ = probe.loss(batch(1))
    #expect(probe.gradient.values != first)
    _ = probe.loss(batch(0))
    #expect(probe.gradient.values == first)
    let other = Probe(noisy, seed: 2)
    _ = other.loss(batch(0))
    #expect(other.gradient.values != first)
    var squares = 0.0
    for step in 0..<1000 {
      _ = probe.loss(batch(step))
      let offset = Double(probe.gradient.values[1] - plain.gradient.values[1])
      squares += offset * offset
    }
    #expect(abs((squares / 1000).squareRoot() - 0.5) < 0.05)
  }

  @Test("a point far away gives an infinite gradient and a huge loss, not a trap")
  func overflow() throws {
    let probe = Probe(try rosenbrock("dimension: 3"))
    probe.parameters.fill(1e30)
    var order = probe.problem.makeBatchOrder(seed: 0)
    #expect(probe.loss(order.next()) > 1e100)
    #expect(probe.gradient.values.contains { !$0.isFinite })
    probe.parameters.fill(.nan)
    #expect(probe.loss(order.next()).isNaN)
  }

  @Test("has no epochs and empty batches")
  func batches() throws {
    let problem = try problem("rosenbrock-20d")
    #expect(problem.stepsPerEpoch == 0 && problem.layout.count == 20)
    var order = problem.makeBatchOrder(seed: 0)
    #expect((0..<3).map { _ in order.next().step } == [0, 1, 2])
    #expect(order.next().indices.isEmpty)
  }
}
