import Settings
import Tensors

/// z = μ + σ ⊙ ε with ε normal, from the 2k features (μ, ln σ²) to k: the reparametrised code of a
/// variational autoencoder (Kingma & Welling, 2014).
///
/// Adds the divergence from the standard normal prior to the loss, for each example
/// KL = ½ Σ (μ² + σ² − 1 − ln σ²).
///
/// The ε of a training step are the normal numbers of `RandomStream(seed:, name:
/// "gaussian-sampling/<layer>", part: step)`, row-major: a second gradient on the same step sees the
/// same. Evaluations draw too, as the bound is an expectation, from
/// `"gaussian-sampling/<layer>/evaluation"`: the same numbers in every evaluation of a seed.
public struct GaussianSamplingLayer: Layer {
  public let name: String
  public let inputShape: [Int]

  /// - Parameter features: The k features that come out; 2k go in.
  public init(name: String, features: Int) {
    precondition(features > 0, "no sampling of \(features) features")
    self.name = name
    inputShape = [2 * features]
  }

  public var outputShape: [Int] { [inputShape[0] / 2] }
  public var summary: String { "gaussian sampling of \(outputShape[0])" }
  public var tensors: [LayerTensor] { [] }
  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    GaussianSamplingComputation(self, at: place)
  }
}

/// Gaussian sampling as an experiment file describes it.
struct GaussianSamplingDefinition: LayerDefinition {
  var kind: String { Self.entry.name }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    guard inputShape.count == 1, inputShape[0].isMultiple(of: 2) else {
      throw ShapeMismatch(
        "takes an even number of features, means and log variances, but gets "
          + shapeLabel(inputShape))
    }
    return GaussianSamplingLayer(name: name, features: inputShape[0] / 2)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "gaussian-sampling",
    summary: "a normal sample from means and log variances; adds the divergence from N(0, 1)",
    reference: "Kingma & Welling (2014)", hyperparameters: []
  ) { _ in GaussianSamplingDefinition() }
}

private final class GaussianSamplingComputation: LayerComputation {
  private let features: Int
  private let trainingStream: String
  private let evaluationStream: String
  private let outputBuffer: FloatBuffer
  /// σ ⊙ ε.
  private let deviations: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?
  private(set) var auxiliaryLoss = 0.0

  init(_ layer: GaussianSamplingLayer, at place: LayerPlace) {
    features = layer.outputCount
    trainingStream = "gaussian-sampling/\(place.path)"
    evaluationStream = "gaussian-sampling/\(place.path)/evaluation"
    outputBuffer = FloatBuffer(count: place.batchSize * features + activationSlack)
    deviations = FloatBuffer(count: place.batchSize * features)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: place.batchSize * 2 * features + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    var stream =
      pass.isTraining
      ? RandomStream(
        seed: pass.seed, name: trainingStream, part: UInt32(truncatingIfNeeded: pass.step))
      : RandomStream(seed: pass.seed, name: evaluationStream)
    var divergence = 0.0
    for row in 0..<rows {
      let means = input + row * 2 * features
      let logVariances = means + features
      for feature in 0..<features {
        let mean = Double(means[feature])
        let logVariance = Double(logVariances[feature])
        let deviation = Float(exponential(logVariance / 2) * stream.normal())
        deviations.pointer[row * features + feature] = deviation
        output[row * features + feature] = means[feature] + deviation
        divergence += mean * mean + exponential(logVariance) - 1 - logVariance
      }
    }
    auxiliaryLoss = divergence / 2
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    guard let inputGradient else { return }
    let share = 1 / Double(rows)
    for row in 0..<rows {
      let means = input + row * 2 * features
      let gradients = inputGradient + row * 2 * features
      for feature in 0..<features {
        let index = row * features + feature
        let sample = Double(outputGradient[index])
        gradients[feature] = Float(sample + share * Double(means[feature]))
        let variance = exponential(Double(means[features + feature]))
        gradients[features + feature] = Float(
          (sample * Double(deviations.pointer[index]) + share * (variance - 1)) / 2)
      }
    }
  }
}
