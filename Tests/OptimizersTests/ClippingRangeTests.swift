import Optimizers
import Tensors
import TestSupport
import Testing

/// Every clip against its formula in Double, over gradients from 1e-36 to 3e38 with denormal numbers
/// flushed as in a run.
@Suite struct ClippingRangeTests {
  /// The tensors: a matrix of two units, and a vector.
  static let shapes = [[2, 3], [2]]
  static let units = [0..<3, 3..<6, 6..<8]
  static let tensors = [0..<6, 6..<8]
  static let parameters = [0.5, -1, 0.25, 2, 1e-5, 0, 3, -0.1]
  static let learningRate = 0.1

  static let shape: [Double] = [1, -0.5, 0.3, 0.7, -0.9, 0.2, -0.4, 0.8]

  /// Gradients of one size each, and gradients whose elements are far apart.
  static let gradients: [[Float]] =
    [1e-36, 1e-30, 1e-20, 1e-10, 1, 1e10, 1e18, 1e20, 1e30, 8e37, 3e38].map { scale in
      shape.map { Float($0 * scale) }
    } + [
      [3e38, 1e38, 1, 1e-5, 1e-30, 0, 1e20, -3], [1e-30, 0, 0, 1e30, 1, 2, -1e-36, 3e38],
      [1, 2, 3, 3e38, -3e38, 3e38, 1e-20, 1e-20],
    ]

  static let texts = [
    "none", "value", "{name: value, max_value: 1.0e-30}", "coordinate",
    "{name: coordinate, threshold: 1.0e-30}", "range", "per-tensor-norm",
    "{name: per-tensor-norm, max_norm: 1.0e-20}", "block-rms", "update-rms", "global-norm",
    "{name: global-norm, norm_type: 1}", "{name: global-norm, max_norm: 1.0e-5, norm_type: .inf}",
    "normalize", "{name: normalize, scale_factor: 100, eps: 1.0e-45}", "adaptive", "max-norm",
    "centralize", "zero-nonfinite", "skip-nonfinite", "skip-large", "autoclip", "zclip",
    "{name: zclip, max_grad_norm: null}", "accclip", "direction-constraint",
  ]

  /// What the first gradient becomes.
  private static func exact(_ text: String, _ g: [Double]) -> [Double] {
    let length = norm(g)
    switch text {
    case "value", "coordinate", "range": return clamped(g, 1)
    case "{name: value, max_value: 1.0e-30}", "{name: coordinate, threshold: 1.0e-30}":
      return clamped(g, 1e-30)
    case "per-tensor-norm": return blockwise(g, tensors) { part in 1 / max(norm(part), 1) }
    case "{name: per-tensor-norm, max_norm: 1.0e-20}":
      return blockwise(g, tensors) { part in 1e-20 / max(norm(part), 1e-20) }
    case "block-rms": return blockwise(g, tensors) { part in 1 / max(rms(part), 1) }
    case "update-rms":
      return blockwise(g, tensors) { part in 1 / max(rms(part) / learningRate, 1) }
    case "global-norm", "zclip": return scaled(g, min(1, 1 / (length + 1e-6)))
    case "{name: global-norm, norm_type: 1}":
      let sum: Double = g.reduce(0) { $0 + abs($1) }
      return scaled(g, min(1, 1 / (sum + 1e-6)))
    case "{name: global-norm, max_norm: 1.0e-5, norm_type: .inf}":
      let largest: Double = g.map { abs($0) }.max() ?? 0
      return scaled(g, min(1, 1e-5 / (largest + 1e-6)))
    case "normalize": return scaled(g, 1 / (length + 1e-6))
    case "{name: normalize, scale_factor: 100, eps: 1.0e-45}":
      return scaled(g, 100 / (length + 1e-45))
    case "adaptive":
      return blockwise(g, units) { part in
        let first = g.firstIndex(of: part[0]) ?? 0
        let size = 0.01 * max(norm(Array(parameters[first..<first + part.count])), 1e-3)
        return norm(part) > size ? size / max(norm(part), 1e-6) : 1
      }
    case "max-norm":
      return blockwise(g, units) { part in
        // The vector is left alone.
        part.count == 3 && norm(part) > 2 ? 2 / (norm(part) + 1e-7) : 1
      }
    case "centralize":
      var result = g
      for unit in units.dropLast() {
        let mean = g[unit].reduce(0, +) / Double(unit.count)
        for index in unit { result[index] -= mean }
      }
      return result
    // The first norm is its own percentile, as far as a float holds it.
    case "autoclip":
      return scaled(g, min(length, Double(Float.greatestFiniteMagnitude)) / (length + 1e-6))
    // m = 0.1g and τ = 0.01|g|.
    case "accclip":
      return g.map { x in
        let ratio = 0.01 * abs(x) / (0.1 * abs(x) + 1e-5)
        return min(ratio, 1) * 0.1 * x
      }
    default: return g
    }
  }

  private static func clamped(_ values: [Double], _ bound: Double) -> [Double] {
    values.map { min(max($0, -bound), bound) }
  }

  private static func rms(_ values: [Double]) -> Double {
    norm(values) / Double(values.count).squareRoot()
  }

  private static func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func scaled(_ values: [Double], _ factor: Double) -> [Double] {
    values.map { $0 * factor }
  }

  /// Each block of values times the factor of the block.
  private static func blockwise(
    _ values: [Double], _ blocks: [Range<Int>], _ factor: ([Double]) -> Double
  ) -> [Double] {
    blocks.flatMap { block in
      let part = Array(values[block])
      return scaled(part, factor(part))
    }
  }

  private func expect(
    _ ours: [Float], _ right: [Double], relative: Double, scale: Double = 0,
    _ comment: @autoclosure () -> String
  ) {
    for (a, b) in zip(ours, right) {
      let isRight = isClose(
        Double(a), b, relative: relative, absolute: relative * scale + 1.2e-38)
      #expect(isRight, "\(comment()): \(ours), not \(right)")
      if !isRight { return }
    }
  }

  @Test func everyClipIsTried() {
    let words = Self.texts.map { text in text.split { "{:, }".contains($0) } }
    let names = words.map { String($0[0] == "name" ? $0[1] : $0[0]) }
    #expect(Set(names).union(["noise", "cautious"]) == Set(clippingCatalog.names))
  }

  @Test(arguments: texts)
  func givesWhatItsFormulaGives(text: String) throws {
    for gradient in Self.gradients {
      try FloatingPointMode.flushingDenormals {
        var run = try ClippingSequence(
          text, layout: layout(Self.shapes), parameters: Self.parameters.map(Float.init))
        let output = run.take(gradient, learningRate: Self.learningRate)
        let right = Self.exact(text, gradient.map { Double($0) })
        // A mean is subtracted to the rounding of the largest element.
        let largest = text == "centralize" ? Double(gradient.map(abs).max() ?? 0) : 0
        expect(output.values, right, relative: 1e-6, scale: largest, "\(text) of \(gradient)")
        guard let left = output.knownNorm, text != "centralize" else { return }
        #expect(isClose(left, Self.norm(right), relative: 1e-5, absolute: 1e-37))
      }
    }
  }

  @Test(arguments: [1e-30, 1e-10, 1, 1e20, 3e37] as [Float])
  func adaptiveThresholdsKeepTheirMemoryInRange(scale: Float) throws {
    // Momentum and threshold in Double beside it, over rising and falling gradients.
    for text in ["accclip", "{name: accclip, alpha: 2}", "{name: accclip, betas: [0.9, 0]}"] {
      let alpha = text.contains("alpha") ? 2.0 : 1
      let beta = text.contains("betas") ? 0.0 : 0.99
      try FloatingPointMode.flushingDenormals {
        var run = try ClippingSequence(text, layout: layout(Self.shapes))
        var momentum = Array(repeating: 0.0, count: 8)
        var threshold = momentum
        for step in 0..<6 {
          let fall = power(10, Double(-3 * (step % 3)))
          let factor = Float(step == 4 ? -fall : fall) * scale
          let gradient: [Float] = Self.shape.map { Float($0) * factor }
          let output = run.take(gradient)
          var right: [Double] = []
          for index in 0..<8 {
            let g = Double(gradient[index])
            momentum[index] = 0.9 * momentum[index] + 0.1 * g
            let kept: Double = beta * power(threshold[index], alpha)
            let added: Double = (1 - beta) * power(abs(g), alpha)
            threshold[index] = power(kept + added, 1 / alpha)
            let ratio = threshold[index] / (abs(momentum[index]) + 1e-5)
            right.append(min(ratio, 1) * momentum[index])
          }
          expect(
            output.values, right, relative: 1e-5, scale: right.map(abs).max() ?? 0,
            "\(text) at step \(step)")
        }
      }
    }
  }

  @Test(arguments: [1e-30, 1e-10, 1, 1e20, 1e36, 8e37] as [Float])
  func aDirectionIsTurnedTheSameAtEveryScale(scale: Float) throws {
    try FloatingPointMode.flushingDenormals {
      func turned(_ scale: Float) throws -> [Float] {
        var run = try ClippingSequence(
          "{name: direction-constraint, max_angle: 45, beta: 0}", layout: layout(Self.shapes))
        _ = run.take(Self.shape.map { Float($0) * scale })
        let output = run.take(Self.shape.map { Float(0.3 - $0) * scale })
        #expect(output.telemetry.fired)
        return output.values.map { $0 / scale }
      }
      let usual = try turned(1)
      expect(try turned(scale), usual.map { Double($0) }, relative: 2e-5, "scale \(scale)")
    }
  }
}
