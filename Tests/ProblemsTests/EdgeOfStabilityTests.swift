import Problems
import TestSupport
import Testing

/// What Cohen et al. (2021) found on their toy: under gradient descent with all data the largest
/// eigenvalue of the Hessian rises until it is 2/η and stays there; the loss then rises at many steps and
/// falls all the same.
@Suite("Edge of stability")
struct EdgeOfStabilityTests {
  /// One descent, with the loss at every step and η·sharpness/2 at some.
  private struct Descent {
    var losses: [Double] = []
    var relativeSharpness: [Double] = []

    init(of function: any TestFunction, rate: Double, steps: Int) {
      var point = function.start(seed: 0)
      for step in 0..<steps {
        let (loss, gradient) = function.value(at: point)
        losses.append(loss)
        if step.isMultiple(of: 500) || step == steps - 1 {
          relativeSharpness.append(rate * Self.sharpness(of: function, at: point) / 2)
        }
        for index in point.indices { point[index] -= rate * gradient[index] }
      }
    }

    var shareOfRises: Double {
      Double(zip(losses, losses.dropFirst()).count { $1 > $0 }) / Double(losses.count - 1)
    }

    /// The largest eigenvalue of the Hessian by power iteration on differences of gradients.
    private static func sharpness(of function: any TestFunction, at point: [Double]) -> Double {
      var direction = point.map { _ in 1 / Double(point.count).squareRoot() }
      var eigenvalue = 0.0
      for _ in 0..<100 {
        let above = function.value(at: zip(point, direction).map { $0 + 1e-5 * $1 }).gradient
        let below = function.value(at: zip(point, direction).map { $0 - 1e-5 * $1 }).gradient
        let image = zip(above, below).map { ($0 - $1) / 2e-5 }
        eigenvalue = image.reduce(0) { $0 + $1 * $1 }.squareRoot()
        direction = image.map { $0 / eigenvalue }
      }
      return eigenvalue
    }
  }

  @Test("a small rate stays below the edge, where every step descends")
  func below() throws {
    let descent = Descent(of: try function("chebyshev"), rate: 0.05, steps: 3000)
    #expect(descent.shareOfRises == 0)
    #expect(descent.relativeSharpness.allSatisfy { $0 < 0.5 })
  }

  @Test("a large rate comes to the edge and stays, and the loss falls all the same")
  func atTheEdge() throws {
    let descent = Descent(of: try function("chebyshev"), rate: 0.3, steps: 4001)
    let (first, later) = (descent.relativeSharpness[0], descent.relativeSharpness.dropFirst(4))
    #expect(first < 0.8, "the sharpness begins below 2/η")
    for sharpness in later { #expect(abs(sharpness - 1) < 0.15) }
    #expect(descent.shareOfRises > 0.1)
    let last = descent.losses.suffix(500)
    #expect(last.reduce(0, +) / 500 < 0.7 * descent.losses[0])
  }

  @Test("a rate far beyond the edge at the start diverges")
  func beyond() throws {
    let descent = Descent(of: try function("chebyshev"), rate: 5, steps: 300)
    #expect(descent.losses.contains { !($0 < 1e4 * descent.losses[0]) })
  }
}
