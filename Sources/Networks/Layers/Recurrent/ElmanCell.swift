import Tensors

/// h_t = f(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh) with f = tanh or relu (Elman, 1990): PyTorch's
/// `RNN`.
struct ElmanCell: RecurrentCell {
  enum Nonlinearity: String, CaseIterable { case tanh, relu }

  let nonlinearity: Nonlinearity

  var gates: Int { 1 }
  var keepsState: Bool { false }
  var separatesRecurrentGradient: Bool { false }

  func forward(_ step: RecurrentStep) {
    switch nonlinearity {
    case .tanh: forward(step) { LaneFunctions.hyperbolicTangent($0) }
    case .relu: forward(step) { $0.replacing(with: Lanes.zero, where: $0 .< Lanes.zero) }
    }
  }

  func backward(_ step: RecurrentGradientStep) {
    switch nonlinearity {
    case .tanh: backward(step) { g, y in g * (Lanes(repeating: 1) - y * y) }
    case .relu: backward(step) { g, y in g.replacing(with: Lanes.zero, where: y .<= Lanes.zero) }
    }
  }

  @inline(__always)
  private func forward(_ step: RecurrentStep, _ function: (Lanes) -> Lanes) {
    var start = 0
    for _ in 0..<step.rows {
      var column = 0
      while column < step.hiddenCount {
        let index = start + column
        let input = Vector.load(step.gates, index) + Vector.load(step.inputBias, column)
        let recurrent = Vector.load(step.recurrent, index) + Vector.load(step.recurrentBias, column)
        Vector.store(function(input + recurrent), step.hidden, index)
        column += 16
      }
      start += step.hiddenCount
    }
  }

  /// The rows are contiguous, so lanes run across their ends.
  @inline(__always)
  private func backward(_ step: RecurrentGradientStep, _ gradient: (Lanes, Lanes) -> Lanes) {
    let count = step.rows * step.hiddenCount
    let whole = count & ~15
    var index = 0
    while index < whole {
      let new = gradient(Vector.load(step.hiddenGradient, index), Vector.load(step.hidden, index))
      Vector.store(new, step.inputGateGradient, index)
      index += 16
    }
    guard whole < count else { return }
    let new = gradient(Vector.load(step.hiddenGradient, whole), Vector.load(step.hidden, whole))
    Tail(count: count - whole).store(new, step.inputGateGradient + whole)
  }
}
