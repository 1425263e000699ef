import Tensors

/// The softmax of attention scores: each row a distribution over the time steps it may look at.
///
/// Matrices are `[batch, time, time]`, row-major, and followed by `activationSlack` floats.
enum AttentionSoftmax {
  /// s_tj ← exp(s_tj − m)/Σ_k exp(s_tk − m) with m the row's largest, in place. Where `isCausal`,
  /// time step t looks at the steps up to t, and the rest of its row becomes 0.
  static func forward(
    _ scores: UnsafeMutablePointer<Float>, batch: Int, timeSteps: Int, isCausal: Bool
  ) {
    for row in 0..<batch * timeSteps {
      let seen = isCausal ? row % timeSteps + 1 : timeSteps
      let s = scores + row * timeSteps
      var largest = Lanes(repeating: -.infinity)
      for column in stride(from: 0, to: seen, by: 16) {
        let next = Tail(count: seen - column).join(
          Vector.load(s, column), behind: Lanes(repeating: -.infinity))
        largest.replace(with: next, where: .!(largest .>= next))
      }
      let maximum = Lanes(repeating: LaneFunctions.maximum(largest))
      var sum = Lanes.zero
      for column in stride(from: 0, to: seen, by: 16) {
        let old = Vector.load(s, column)
        let term = Tail(count: seen - column).join(
          LaneFunctions.exponential(old - maximum), behind: .zero)
        sum += term
        // The next row's scores are still to be read.
        Vector.store(Tail(count: timeSteps - column).join(term, behind: old), s, column)
      }
      let total = Lanes(repeating: sum.sum())
      for column in stride(from: 0, to: timeSteps, by: 16) {
        let old = Vector.load(s, column)
        let share = Tail(count: seen - column).join(old / total, behind: .zero)
        Vector.store(Tail(count: timeSteps - column).join(share, behind: old), s, column)
      }
    }
  }

  /// g ← p ⊙ (g − Σ_k p_tk·g_tk), the gradient at the scores from that at the distribution p.
  static func backward(
    _ g: UnsafeMutablePointer<Float>, distributions: UnsafePointer<Float>, batch: Int,
    timeSteps: Int
  ) {
    for row in 0..<batch * timeSteps {
      let start = g + row * timeSteps
      let p = distributions + row * timeSteps
      var sum = Lanes.zero
      for column in stride(from: 0, to: timeSteps, by: 16) {
        sum += Tail(count: timeSteps - column).join(
          Vector.load(start, column) * Vector.load(p, column), behind: .zero)
      }
      let mean = Lanes(repeating: sum.sum())
      for column in stride(from: 0, to: timeSteps, by: 16) {
        let old = Vector.load(start, column)
        let new = Vector.load(p, column) * (old - mean)
        Vector.store(Tail(count: timeSteps - column).join(new, behind: old), start, column)
      }
    }
  }
}
