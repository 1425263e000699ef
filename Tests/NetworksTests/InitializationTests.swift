import Foundation
import Networks
import Settings
import Tensors
import Testing

@Suite("Initialisation")
struct InitializationTests {
  /// Values by NumPy from the documented formulas; made by scripts/oracles/initial_parameters.py.
  private struct Oracle: Decodable {
    struct Case: Decodable {
      let initialization: String
      let seed: UInt64
      let gain: Double
      let parameters: [Double]
    }
    let widths: [Int]
    let cases: [Case]
  }

  private func model(_ widths: [Int], _ initialization: any Initialization) -> Model {
    Model(
      (1..<widths.count).map { position in
        DenseLayer(
          name: "dense\(position)", inputShape: [widths[position - 1]], outputs: widths[position],
          activation: .identity, initialization: initialization)
      })
  }

  @Test("initial parameters are those that NumPy regenerates")
  func regenerated() throws {
    let data = try Data(contentsOf: oracle("initial_parameters.json"))
    let oracle = try JSONDecoder().decode(Oracle.self, from: data)
    #expect(Set(oracle.cases.map(\.initialization)) == Set(Initializations.catalog.names))
    for item in oracle.cases {
      let initialization = try Initializations.named(item.initialization, gain: item.gain)
      let values = model(oracle.widths, initialization).initialParameters(seed: item.seed)
      #expect(values.count == item.parameters.count)
      let errors = zip(values, item.parameters).map { abs(Double($0) - $1) / max(abs($1), 1e-3) }
      // Half a unit of Float's last place; QR adds its own rounding.
      #expect((errors.max() ?? 1) < 1e-7, "\(item.initialization), seed \(item.seed)")
    }
  }

  @Test(
    "each initialisation has the spread that its formula says",
    arguments: Initializations.catalog.names)
  func spread(name: String) throws {
    let (inputs, outputs, gain) = (300, 200, 2.0)
    let values = model([inputs, outputs], try Initializations.named(name, gain: gain))
      .initialParameters(seed: 3)
    let weights = values[..<(inputs * outputs)].map { Double($0) / gain }
    let mean = weights.reduce(0, +) / Double(weights.count)
    let variance = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
    let expected =
      switch name {
      case "he-normal", "he-uniform": 2.0 / 300
      case "glorot-normal", "glorot-uniform": 2.0 / 500
      case "lecun-normal", "lecun-uniform": 1.0 / 300
      // Orthonormal rows of length 300.
      case "orthogonal": 1.0 / 300
      case "truncated-normal": 0.774
      case "normal": 1.0
      case "uniform": 1.0 / 3
      case "torch-default": 1.0 / 900
      default: Double.nan
      }
    #expect(abs(variance / expected - 1) < 0.02)
    #expect(abs(mean) < 0.02 * expected.squareRoot())
    let biases = values[(inputs * outputs)...]
    #expect(biases.allSatisfy { $0 == 0 } == (name != "torch-default"))
    #expect(biases.allSatisfy { abs($0) <= 1 / Float(inputs).squareRoot() })
  }

  @Test("a tensor's values depend on seed and name alone")
  func independent() throws {
    let rule = try Initializations.named("he-normal", gain: 1)
    let short = model([5, 4, 3], rule).initialParameters(seed: 1)
    let long = model([5, 4, 3, 2], rule).initialParameters(seed: 1)
    #expect(Array(long[..<short.count]) == short)
    #expect(model([5, 4, 3], rule).initialParameters(seed: 2) != short)
    #expect(model([5, 4, 3], rule).initialParameters(seed: 1) == short)
  }

  @Test("an unknown initialisation is refused with the nearest name")
  func unknown() {
    let error = #expect(throws: HyperparameterError.self) {
      try Initializations.named("he-norml", gain: 1)
    }
    #expect(error?.description.contains("'he-normal'") == true)
  }
}
