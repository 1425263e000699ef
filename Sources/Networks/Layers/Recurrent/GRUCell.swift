import Tensors

/// The gated recurrent unit (Cho et al., 2014), as PyTorch's `GRU`, gates in the order r, z, n:
///
///     r = σ(W_ir x + b_ir + W_hr h + b_hr)        z = σ(W_iz x + b_iz + W_hz h + b_hz)
///     n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
///     h′ = (1 − z) ⊙ n + z ⊙ h
///
/// Here the reset gate acts after the product W_hn h; in the paper it acts on h before.
struct GRUCell: RecurrentCell {
  var gates: Int { 3 }
  /// W_hn h + b_hn, which the gradient of r needs.
  var keepsState: Bool { true }
  var separatesRecurrentGradient: Bool { true }

  func forward(_ step: RecurrentStep) {
    let units = step.hiddenCount
    let one = Lanes(repeating: 1)
    for row in 0..<step.rows {
      let gates = step.gates + row * 3 * units
      let recurrent = step.recurrent + row * 3 * units
      let start = row * units
      var column = 0
      while column < units {
        let (r, z, n) = (column, units + column, 2 * units + column)
        let reset = LaneFunctions.logistic(
          (Vector.load(gates, r) + Vector.load(step.inputBias, r))
            + (Vector.load(recurrent, r) + Vector.load(step.recurrentBias, r)))
        let update = LaneFunctions.logistic(
          (Vector.load(gates, z) + Vector.load(step.inputBias, z))
            + (Vector.load(recurrent, z) + Vector.load(step.recurrentBias, z)))
        let past = Vector.load(recurrent, n) + Vector.load(step.recurrentBias, n)
        let candidate = LaneFunctions.hyperbolicTangent(
          (Vector.load(gates, n) + Vector.load(step.inputBias, n)) + reset * past)
        let hidden =
          (one - update) * candidate + update * Vector.load(step.previousHidden, start + column)
        Vector.store(hidden, step.hidden, start + column)
        Vector.store(past, step.state, start + column)
        let tail = Tail(count: min(16, units - column))
        tail.replace(gates, r, with: reset)
        tail.replace(gates, z, with: update)
        tail.replace(gates, n, with: candidate)
        column += 16
      }
    }
  }

  func backward(_ step: RecurrentGradientStep) {
    let units = step.hiddenCount
    let one = Lanes(repeating: 1)
    for row in 0..<step.rows {
      let gates = step.gates + row * 3 * units
      let input = step.inputGateGradient + row * 3 * units
      let recurrent = step.recurrentGateGradient + row * 3 * units
      let start = row * units
      var column = 0
      while column < units {
        let (r, z, n) = (column, units + column, 2 * units + column)
        let reset = Vector.load(gates, r)
        let update = Vector.load(gates, z)
        let candidate = Vector.load(gates, n)
        let index = start + column
        let hiddenGradient =
          Vector.load(step.hiddenGradient, index) + Vector.load(step.passedGradient, index)
        let updateGradient =
          hiddenGradient * (Vector.load(step.previousHidden, index) - candidate)
          * (update * (one - update))
        let candidateGradient =
          hiddenGradient * (one - update) * (one - candidate * candidate)
        let resetGradient =
          candidateGradient * Vector.load(step.state, index) * (reset * (one - reset))
        let tail = Tail(count: min(16, units - column))
        tail.replace(step.hiddenGradient, index, with: hiddenGradient)
        tail.replace(step.passedGradient, index, with: hiddenGradient * update)
        tail.replace(input, r, with: resetGradient)
        tail.replace(input, z, with: updateGradient)
        tail.replace(input, n, with: candidateGradient)
        tail.replace(recurrent, r, with: resetGradient)
        tail.replace(recurrent, z, with: updateGradient)
        tail.replace(recurrent, n, with: candidateGradient * reset)
        column += 16
      }
    }
  }
}
