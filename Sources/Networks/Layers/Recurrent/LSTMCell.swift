import Tensors

/// Long short-term memory (Hochreiter & Schmidhuber, 1997) with forget gates (Gers, Schmidhuber &
/// Cummins, 2000), as PyTorch's `LSTM`, gates in the order i, f, g, o:
///
///     i, f, o = σ(W x + b + W′ h + b′)        g = tanh(W_ig x + b_ig + W_hg h + b_hg)
///     c′ = f ⊙ c + i ⊙ g                      h′ = o ⊙ tanh c′
struct LSTMCell: RecurrentCell {
  var gates: Int { 4 }
  /// The cell state c.
  var keepsState: Bool { true }
  var separatesRecurrentGradient: Bool { false }

  func forward(_ step: RecurrentStep) {
    let units = step.hiddenCount
    for row in 0..<step.rows {
      let gates = step.gates + row * 4 * units
      let recurrent = step.recurrent + row * 4 * units
      let start = row * units
      var column = 0
      while column < units {
        let (i, f, g, o) = (column, units + column, 2 * units + column, 3 * units + column)
        let input = LaneFunctions.logistic(Self.sum(step, gates, recurrent, i))
        let forget = LaneFunctions.logistic(Self.sum(step, gates, recurrent, f))
        let candidate = LaneFunctions.hyperbolicTangent(Self.sum(step, gates, recurrent, g))
        let output = LaneFunctions.logistic(Self.sum(step, gates, recurrent, o))
        let state = forget * Vector.load(step.previousState, start + column) + input * candidate
        Vector.store(state, step.state, start + column)
        Vector.store(
          output * LaneFunctions.hyperbolicTangent(state), step.hidden, start + column)
        let tail = Tail(count: min(16, units - column))
        tail.replace(gates, i, with: input)
        tail.replace(gates, f, with: forget)
        tail.replace(gates, g, with: candidate)
        tail.replace(gates, o, with: output)
        column += 16
      }
    }
  }

  func backward(_ step: RecurrentGradientStep) {
    let units = step.hiddenCount
    let one = Lanes(repeating: 1)
    for row in 0..<step.rows {
      let gates = step.gates + row * 4 * units
      let gradient = step.inputGateGradient + row * 4 * units
      let start = row * units
      var column = 0
      while column < units {
        let (i, f, g, o) = (column, units + column, 2 * units + column, 3 * units + column)
        let input = Vector.load(gates, i)
        let forget = Vector.load(gates, f)
        let candidate = Vector.load(gates, g)
        let output = Vector.load(gates, o)
        let index = start + column
        let squashed = LaneFunctions.hyperbolicTangent(Vector.load(step.state, index))
        let hiddenGradient = Vector.load(step.hiddenGradient, index)
        let stateGradient =
          Vector.load(step.passedGradient, index)
          + hiddenGradient * output * (one - squashed * squashed)
        let previous = Vector.load(step.previousState, index)
        let tail = Tail(count: min(16, units - column))
        tail.replace(step.passedGradient, index, with: stateGradient * forget)
        tail.replace(gradient, i, with: stateGradient * candidate * (input * (one - input)))
        tail.replace(gradient, f, with: stateGradient * previous * (forget * (one - forget)))
        tail.replace(gradient, g, with: stateGradient * input * (one - candidate * candidate))
        tail.replace(gradient, o, with: hiddenGradient * squashed * (output * (one - output)))
        column += 16
      }
    }
  }

  /// The input and the recurrent part of a gate with their biases.
  @inline(__always)
  private static func sum(
    _ step: RecurrentStep, _ gates: UnsafePointer<Float>, _ recurrent: UnsafePointer<Float>,
    _ index: Int
  ) -> Lanes {
    (Vector.load(gates, index) + Vector.load(step.inputBias, index))
      + (Vector.load(recurrent, index) + Vector.load(step.recurrentBias, index))
  }
}
