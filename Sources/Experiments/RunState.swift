package import Tensors

/// Everything of a run in progress that its later steps depend on, apart from scratch memory: what a
/// checkpoint has to hold. With the problem, the method and the seed it determines the rest of the run.
///
/// Batch order and noise are functions of seed and step and need no memory.
package struct RunState {
  /// Steps made.
  package var step: Int
  package var parameters: [Float]
  /// The gradient of the step before, which the next one's angle is measured against.
  package var previousGradient: [Float]
  package var previousNorm: Double
  package var optimizer: NamedArrays
  package var schedule: NamedArrays
  /// The memory of each transform of the clipping strategy.
  package var clipping: [NamedArrays]
  /// What the model keeps besides its parameters.
  package var buffers: NamedArrays
  package var gradientEvaluations: Int64
  package var nonfiniteGradients: Int
  package var firstNonfiniteGradientStep: Int
}
