import Optimizers
import TestSupport
import Testing

/// `value` and `global-norm` against `torch.nn.utils.clip_grad_value_` and `clip_grad_norm_`.
@Suite struct TorchClippingTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let id: String
    let method: String
    let kwargs: [String: OracleOption]
    let dtype: String
    let shapes: [[Int]]
    let grads: [[Double]]
    let expected: [[Double]]

    var testDescription: String { id }

    /// The strategy that corresponds to the call.
    var strategy: String {
      var options = kwargs
      if let value = options.removeValue(forKey: "clip_value") { options["max_value"] = value }
      return entryText(method.hasSuffix("clip_grad_value_") ? "value" : "global-norm", options)
    }
  }

  struct Cases: Decodable { let cases: [Case] }

  static let cases = (try? oracle("clipping_torch", as: Cases.self).cases) ?? []
  /// In float32 PyTorch's norm of entries of 1e30 overflows and everything becomes 0; the norm here
  /// is finite and the result is PyTorch's float64 one.
  static let deviating = ["torch.clip_grad_norm_/huge/max1/p2/f32"]

  @Test func theOracleFileIsThere() {
    #expect(Self.cases.count == 91)
    #expect(Self.cases.filter { Self.deviating.contains($0.id) }.count == Self.deviating.count)
  }

  @Test(arguments: Self.cases.filter { !deviating.contains($0.id) })
  func clipsAsTorchDoes(_ stored: Case) throws {
    let run = ClippingRun(
      try clipping(stored.strategy), stored.grads.joined().map { Float($0) },
      layout: layout(stored.shapes))
    for (ours, theirs) in zip(run.result, stored.expected.joined()) {
      #expect(
        isClose(Double(ours), theirs, relative: 4e-7),
        "\(ours) instead of \(theirs)")
    }
  }

  @Test func entriesOf1e30KeepTheirDirectionWherePyTorchLosesThem() throws {
    let huge = try #require(Self.cases.first { $0.id == Self.deviating[0] })
    #expect(huge.expected.joined().allSatisfy { $0 == 0 })
    let double = try #require(
      Self.cases.first { $0.id == "torch.clip_grad_norm_/huge/max1/p2/f64" })
    let run = ClippingRun(
      try clipping(huge.strategy), huge.grads.joined().map { Float($0) },
      layout: layout(huge.shapes))
    for (ours, theirs) in zip(run.result, double.expected.joined()) {
      #expect(isClose(Double(ours), theirs, relative: 4e-7))
    }
  }
}
