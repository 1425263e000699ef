internal import Settings
internal import Tensors

/// Adds normal noise that fades: g ← g + N(0, σ²ₖ) with σ²ₖ = η/(1 + k)^γ at step k, from 0
/// (Neelakantan et al., 2015). Optax' `add_noise` has the same variances.
///
/// The noise of a step is a function of the run's seed, the step and the element alone: all methods
/// meet the same noise, and a resumed run goes on with it. Elements 2j and 2j + 1 at step k come from
/// block k·⌈n/2⌉ + j of the random stream "gradient noise". NaN and ±∞ stay what they are; a zero
/// gradient becomes noise.
struct GradientNoise: StepTransform {
  let eta: Double
  let gamma: Double
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let count = vector.count
    let deviation = (eta / power(1 + Double(context.step), gamma)).squareRoot()
    var stream = RandomStream(seed: context.seed, name: "gradient noise")
    stream.jump(toBlock: UInt64(context.step) * UInt64((count + 1) / 2))
    vector.rewrite { source, target in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 16) { buffer in
        guard let normals = buffer.baseAddress else { return }
        var index = 0
        while index + 16 <= count {
          stream.nextSixteenNormals(into: normals)
          for lane in 0..<16 {
            target[index + lane] = source[index + lane] + Float(deviation * normals[lane])
          }
          index += 16
        }
        guard index < count else { return }
        stream.nextSixteenNormals(into: normals)
        for lane in 0..<count - index {
          target[index + lane] = source[index + lane] + Float(deviation * normals[lane])
        }
      }
    }
    return ClippingTelemetry(fired: true)
  }
}

extension ClippingEntry {
  static var noise: Self {
    ClippingEntry(
      name: "noise", summary: "normal noise added, whose variance falls with the steps",
      reference: "Neelakantan et al., 2015",
      hyperparameters: [
        Hyperparameter(
          "eta", .number(.positive), default: .number(0.01), scale: .logarithmic,
          "variance of the noise at the first step, η"),
        Hyperparameter(
          "gamma", .number(.nonnegative), default: .number(0.55),
          "how fast the variance falls, γ"),
      ]
    ) { options throws(HyperparameterError) in
      [GradientNoise(eta: options.number("eta"), gamma: options.number("gamma"))]
    }
  }
}
