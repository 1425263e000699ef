public import Records
internal import Statistics
internal import Tensors

/// The norm of the gradient over training, before and after clipping, of several runs together.
public struct GradientNormCurve: Sendable {
  /// The medians of one stretch of steps.
  public struct Point: Sendable, Equatable {
    /// The middle of the stretch on a logarithmic axis; steps count from 1.
    public let step: Double
    public let before: Double
    public let after: Double
  }

  /// The most stretches.
  public static let stretches = 48

  /// Where anything finite was recorded. Medians over the steps of a stretch, then over runs; steps whose norm
  /// is zero or not finite are left out.
  public let points: [Point]

  public init(_ runs: [Trajectory]) {
    let steps = runs.map(\.steps).max() ?? 0
    guard steps > 0 else {
      points = []
      return
    }
    let ends = Self.ends(steps)
    points = zip([0] + ends, ends).compactMap { start, end -> Point? in
      func middle(_ series: StepSeries) -> Double? {
        let own = runs.compactMap { run -> Double? in
          let values = run[series].dropFirst(start).prefix(end - start)
            .filter { $0.isFinite && $0 > 0 }.map(Double.init)
          return values.isEmpty ? nil : median(values)
        }
        return own.isEmpty ? nil : median(own)
      }
      guard let before = middle(.gradientNorm), let after = middle(.clippedGradientNorm) else {
        return nil
      }
      return Point(
        step: (Double(start + 1) * Double(end)).squareRoot(), before: before, after: after)
    }
  }

  /// Where stretches end that grow by a factor, the last at `steps`.
  static func ends(_ steps: Int) -> [Int] {
    var ends: [Int] = []
    for index in 1...stretches {
      let end = Int(power(Double(steps), Double(index) / Double(stretches)).rounded())
      if end > (ends.last ?? 0) { ends.append(end) }
    }
    return ends
  }
}
