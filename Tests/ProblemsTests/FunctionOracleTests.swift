import Problems
import Settings
import Tensors
import TestSupport
import Testing

/// What PyTorch's automatic differentiation says of a function, in float64.
private struct FunctionCase: Decodable, Sendable, CustomTestStringConvertible {
  var function: String
  var points: [[Double]]
  var values: [Double]
  var gradients: [[Double]]
  var minimum: [Double]?
  var lowerBound: Double?
  var batch: Batch?
  var heldOut: [HeldOut]?

  struct Batch: Decodable, Sendable {
    var examples: [Int32]
    var point: [Double]
    var value: Double
    var gradient: [Double]
  }

  struct HeldOut: Decodable, Sendable {
    var split: String
    var point: [Double]
    var value: Double
  }

  var testDescription: String { function }
}

private struct NoiseCase: Decodable, Sendable, CustomTestStringConvertible {
  var noise: String
  var seed: UInt64
  var values: [Double]

  var testDescription: String { noise }
}

private struct FunctionOracle: Decodable, Sendable {
  var cases: [FunctionCase]
  var noise: [NoiseCase]
}

/// A function as an experiment file names it.
func function(_ yaml: String) throws -> any TestFunction {
  let setting = try Setting.parse(yaml, file: "test.yml")
  return try Functions.catalog.make(try Functions.catalog.choice(at: setting), at: setting).function
}

/// Values, gradients and noise against PyTorch and NumPy.
@Suite("Functions against their oracle")
struct FunctionOracleTests {
  private static let oracle: FunctionOracle? = try? TestSupport.oracle("functions")

  @Test("every function of the catalog has a case")
  func completeness() throws {
    let oracle = try #require(Self.oracle)
    for name in Functions.catalog.names {
      #expect(oracle.cases.contains { $0.function.contains(name) }, "no case for \(name)")
    }
  }

  @Test("value and gradient are PyTorch's", arguments: oracle?.cases ?? [])
  private func valueAndGradient(expected: FunctionCase) throws {
    let function = try function(expected.function)
    for (point, (value, gradient)) in zip(expected.points, zip(expected.values, expected.gradients))
    {
      let found = function.value(at: point)
      #expect(isClose(found.value, value, relative: 1e-12, absolute: 1e-13))
      #expect(relativeDistance(found.gradient, from: gradient) < 1e-11)
    }
  }

  @Test("minimum and lower bound are found", arguments: oracle?.cases ?? [])
  private func minimum(expected: FunctionCase) throws {
    guard let minimum = expected.minimum, let bound = expected.lowerBound else { return }
    let function = try function(expected.function)
    let found = try #require(function.minimum)
    #expect(relativeDistance(found, from: minimum) < 1e-9)
    #expect(isClose(function.lowerBound, bound, relative: 1e-12))
  }

  @Test("a batch's value and gradient are PyTorch's", arguments: oracle?.cases ?? [])
  private func batches(expected: FunctionCase) throws {
    guard let batch = expected.batch else { return }
    let function = try #require(try function(expected.function) as? any FunctionOfExamples)
    var gradient = batch.point
    var workspace = [Double](repeating: .nan, count: function.workspaceCount)
    let value = batch.examples.withUnsafeBufferPointer {
      function.value(at: batch.point, over: $0, gradient: &gradient, workspace: &workspace)
    }
    #expect(isClose(value, batch.value, relative: 1e-12))
    #expect(relativeDistance(gradient, from: batch.gradient) < 1e-11)
    for expected in expected.heldOut ?? [] {
      let split = try #require(DataSplit(rawValue: expected.split))
      let value = function.value(at: expected.point, on: split, workspace: &workspace)
      #expect(isClose(value, expected.value, relative: 1e-12))
    }
  }

  @Test("noise is drawn by its formula from its stream", arguments: oracle?.noise ?? [])
  private func noise(expected: NoiseCase) throws {
    let distribution = try noiseDistribution(expected.noise)
    var stream = RandomStream(seed: expected.seed, name: "gradient-noise")
    for value in expected.values {
      #expect(isClose(distribution.draw(from: &stream), value, relative: 1e-11))
    }
  }
}

/// A noise distribution as an experiment file names it.
func noiseDistribution(_ yaml: String) throws -> any NoiseDistribution {
  let setting = try Setting.parse(yaml, file: "test.yml")
  let catalog = NoiseDistributions.catalog
  return try catalog.make(try catalog.choice(at: setting), at: setting)
}
