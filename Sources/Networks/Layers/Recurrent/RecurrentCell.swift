import Tensors

/// What a recurrent layer computes in one time step, element by element, once the products are made.
///
/// With G gates and H hidden units the rows of the gates hold G·H floats, gate after gate in
/// PyTorch's order. Every block is followed by at least `activationSlack` floats that belong to a
/// later time step or to nothing.
protocol RecurrentCell: Sendable {
  /// The gates of each hidden unit.
  var gates: Int { get }
  /// Whether a time step leaves something else than gates and hidden state for the backward pass
  /// or the next step.
  var keepsState: Bool { get }
  /// Whether the gradient at the gates' recurrent part differs from that at their input part.
  var separatesRecurrentGradient: Bool { get }

  /// Computes the hidden state, and replaces the gates' input part by the gates.
  ///
  /// Blocks of the hidden state may be written sixteen floats too far: the next step writes there
  /// later.
  func forward(_ step: RecurrentStep)

  /// Computes the gradients at the gates, and what flows to the step before past the gates.
  func backward(_ step: RecurrentGradientStep)
}

/// The memory of one time step of the forward pass.
struct RecurrentStep {
  let rows: Int
  let hiddenCount: Int
  /// In: W_ih·x; out: the gates. `[rows, G·H]`.
  let gates: UnsafeMutablePointer<Float>
  /// W_hh·h of the step before, `[rows, G·H]`; may be overwritten.
  let recurrent: UnsafeMutablePointer<Float>
  /// b_ih and b_hh, `[G·H]` each, followed by slack.
  let inputBias: UnsafePointer<Float>
  let recurrentBias: UnsafePointer<Float>
  /// The hidden state of the step before and of this one, `[rows, H]`.
  let previousHidden: UnsafePointer<Float>
  let hidden: UnsafeMutablePointer<Float>
  /// The state beside it, `[rows, H]`, where the cell keeps one.
  let previousState: UnsafePointer<Float>
  let state: UnsafeMutablePointer<Float>
}

/// The memory of one time step of the backward pass.
struct RecurrentGradientStep {
  let rows: Int
  let hiddenCount: Int
  let gates: UnsafePointer<Float>
  let previousHidden: UnsafePointer<Float>
  let hidden: UnsafePointer<Float>
  let previousState: UnsafePointer<Float>
  let state: UnsafePointer<Float>
  /// ∂L/∂h, `[rows, H]`: from the layer's outputs and from the gates of the step after. A cell that
  /// passes hidden state on adds what came that way.
  let hiddenGradient: UnsafeMutablePointer<Float>
  /// What flows past the gates, `[rows, H]`: in from the step after, out to the step before.
  let passedGradient: UnsafeMutablePointer<Float>
  /// The gradients at the gates' parts, `[rows, G·H]`; the same memory where the cell does not
  /// separate them.
  let inputGateGradient: UnsafeMutablePointer<Float>
  let recurrentGateGradient: UnsafeMutablePointer<Float>
}
