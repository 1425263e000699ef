import Optimizers
import TestSupport
import Testing

/// The clips against Optax, timm, PyTorch's functions and the authors' rules, all in float64.
@Suite struct ClippingOracleTests {
  /// Many steps of a rule; steps without an expectation are input only.
  struct Rule: Decodable, Sendable, CustomTestStringConvertible {
    let id: String
    let strategy: String
    let input: Int
    let expected: [[Double]?]

    var testDescription: String { id }
  }

  struct Rules: Decodable {
    let shapes: [[Int]]
    let inputs: [[[Double]]]
    let cases: [Rule]
  }

  /// A single call of an Optax transformation.
  struct Call: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
      let values: [Double]
      let expected: [Double]
      let skip: Bool?
    }

    let id: String
    let strategy: String
    let shapes: [[Int]]
    let parameters: [Double]
    let steps: [Step]

    var testDescription: String { id }
  }

  struct Calls: Decodable { let cases: [Call] }

  /// A call of timm's `adaptive_clip_grad`.
  struct UnitCase: Decodable, Sendable, CustomTestStringConvertible {
    let id: String
    let kwargs: [String: OracleOption]
    let shapes: [[Int]]
    let params: [[Double]]
    let grads: [[Double]]
    let expected: [[Double]]

    var testDescription: String { id }
  }

  struct UnitCases: Decodable { let cases: [UnitCase] }

  static let rules = try? oracle("clipping_authors", as: Rules.self)
  static let calls = (try? oracle("clipping_optax", as: Calls.self).cases) ?? []
  static let unitCases = (try? oracle("clipping_timm", as: UnitCases.self).cases) ?? []

  @Test func theOracleFilesAreThere() {
    #expect(Self.rules?.cases.count == 28)
    #expect(Self.calls.count == 64)
    #expect(Self.unitCases.count == 21)
  }

  @Test(arguments: rules?.cases ?? [])
  func followsTheAuthorsRule(_ stored: Rule) throws {
    let rules = try #require(Self.rules)
    let inputs = rules.inputs[stored.input].map { $0.map { Float($0) } }
    var sequence = try ClippingSequence(stored.strategy, layout: layout(rules.shapes))
    for (step, values) in inputs.enumerated() {
      let output = sequence.take(values)
      guard let expected = stored.expected[step] else { continue }
      // An element of a rotated or averaged vector may nearly cancel: relative to the largest.
      let largest = expected.filter(\.isFinite).map { abs($0) }.max() ?? 0
      for (ours, theirs) in zip(output.values, expected) {
        #expect(
          isClose(Double(ours), theirs, relative: 2e-6, absolute: 1e-6 * largest),
          "step \(step): \(ours) instead of \(theirs)")
      }
    }
  }

  @Test(arguments: calls)
  func doesWhatOptaxDoes(_ stored: Call) throws {
    var sequence = try ClippingSequence(
      stored.strategy, layout: layout(stored.shapes),
      parameters: stored.parameters.map { Float($0) }
    )
    for step in stored.steps {
      let output = sequence.take(step.values.map { Float($0) })
      #expect(output.telemetry.skip == (step.skip ?? false))
      let largest = step.expected.filter(\.isFinite).map { abs($0) }.max() ?? 0
      for (ours, theirs) in zip(output.values, step.expected) {
        #expect(
          isClose(Double(ours), theirs, relative: 1e-6, absolute: 2e-7 * largest),
          "\(ours) instead of \(theirs)")
      }
    }
  }

  @Test(arguments: unitCases)
  func clipsUnitsAsTimmDoes(_ stored: UnitCase) throws {
    var sequence = try ClippingSequence(
      entryText("adaptive", stored.kwargs), layout: layout(stored.shapes),
      parameters: stored.params.joined().map { Float($0) })
    let output = sequence.take(stored.grads.joined().map { Float($0) })
    for (ours, theirs) in zip(output.values, stored.expected.joined()) {
      #expect(isClose(Double(ours), theirs, relative: 1e-6), "\(ours) instead of \(theirs)")
    }
  }
}
