import Foundation
import Problems
import Tensors
import TestSupport
import Testing

/// The distributions of gradient noise, by their known laws.
@Suite("Gradient noise")
struct GradientNoiseTests {
  private static let count = 100_000

  private func draws(_ yaml: String) throws -> [Double] {
    let noise = try noiseDistribution(yaml)
    var stream = RandomStream(seed: 11, name: "gradient-noise")
    return (0..<Self.count).map { _ in noise.draw(from: &stream) }
  }

  @Test(
    "Student's t has its quantiles",
    arguments: [(1.0, 12.706_205), (3, 3.182_446), (10, 2.228_139), (1e6, 1.959_966)])
  func studentQuantiles(degrees: Double, quantile: Double) throws {
    let draws = try draws("{name: student-t, degrees_of_freedom: \(degrees)}")
    let share = Double(draws.count { abs($0) > quantile }) / Double(Self.count)
    // Five standard deviations of a share of 5%.
    #expect(abs(share - 0.05) < 5 * (0.05 * 0.95 / Double(Self.count)).squareRoot())
  }

  @Test(
    "α-stable noise has its characteristic function exp(−|t|^α)",
    arguments: [0.5, 1, 1.5, 1.9, 2.0])
  func stableCharacteristicFunction(alpha: Double) throws {
    let draws = try draws("{name: alpha-stable, alpha: \(alpha)}")
    for frequency in [0.3, 1, 2.0] {
      let mean = draws.reduce(0) { $0 + cos(frequency * $1) } / Double(Self.count)
      #expect(abs(mean - exp(-pow(frequency, alpha))) < 5 / Double(Self.count).squareRoot())
    }
  }

  @Test(
    "noise is symmetric, and unbiased where it has a mean",
    arguments: [
      "normal", "{name: student-t, degrees_of_freedom: 3}", "{name: alpha-stable, alpha: 1.8}",
    ])
  func symmetry(yaml: String) throws {
    let draws = try draws(yaml)
    let positive = Double(draws.count { $0 > 0 })
    #expect(abs(positive - Double(Self.count) / 2) < 2.5 * Double(Self.count).squareRoot())
    #expect(abs(draws.reduce(0, +) / Double(Self.count)) < 0.1)
  }

  @Test("noise is multiplied by gradient_noise and added to the gradient alone")
  func scale() throws {
    func probe(_ noise: Double) throws -> Probe {
      Probe(
        try problem(
          "{name: t, function: {name: quadratic, dimension: 3, gradient_noise: \(noise), "
            + "noise: {name: alpha-stable, alpha: 1.2}}}"), seed: 2)
    }
    let probes = [try probe(0), try probe(1), try probe(2)]
    let batch = Batch(step: 9, indices: UnsafeBufferPointer(start: nil, count: 0))
    let losses = probes.map { $0.loss(batch) }
    #expect(losses[0] == losses[1] && losses[0] == losses[2])
    for index in 0..<3 {
      let gradient = probes.map { Double($0.gradient.values[index]) }
      #expect(gradient[1] != gradient[0])
      #expect(isClose(gradient[2] - gradient[0], 2 * (gradient[1] - gradient[0]), relative: 1e-5))
    }
  }
}
