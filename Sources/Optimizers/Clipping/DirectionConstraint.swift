internal import Settings
internal import Tensors

/// Bounds the angle between the gradient and the running mean of earlier gradients; the norm is kept.
///
/// With φ = `max_angle` and the mean m of the gradients before this step (m ← βm + (1 − β)g after
/// each, from 0, with β = `beta` and g as it came in), θ = ∠(g, m):
///
///     θ ≤ φ    g as it is
///     θ > φ    g ← ‖g‖·(cos φ · m/‖m‖ + sin φ · w/‖w‖),  w = g − (g·m/‖m‖²)·m
///
/// This is the direction nearest to g on the cone of half-angle φ around m, in the plane of g and m;
/// for θ − φ < 90° also the Euclidean projection onto the cone, lengthened to ‖g‖. A gradient opposite
/// to m (‖w‖ < 1e-5·‖g‖) has no nearest direction and takes that of m. The first gradient, and any
/// while m = 0 or g = 0, is left alone. So is one that holds NaN or ±∞, or whose norm leaves the range
/// of float; it does not enter the mean.
///
/// After a source article that names a `constrain_gradient` without defining it; no library has it.
struct DirectionConstraint: StepTransform {
  /// cos φ and sin φ.
  let cosine: Double
  let sine: Double
  let beta: Double
  let allowedStages = ClippingStage.directions

  init(maxAngle: Double, beta: Double) {
    let angle = maxAngle / 180 * Double.pi
    cosine = Tensors.cosine(angle)
    sine = Tensors.sine(angle)
    self.beta = beta
  }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(arrays: [("mean", layout.count)])
  }

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let norm = vector.norm()
    guard Float(norm).isFinite else { return ClippingTelemetry(fired: false) }
    let mean = ExponentialMean(state[0], decay: beta)
    let meanNorm = Vector.norm(state[0], count: vector.count)
    guard norm > 0, meanNorm > 0, meanNorm.isFinite else {
      follow(mean, vector.values, count: vector.count)
      return ClippingTelemetry(fired: false)
    }
    let product = Vector.dot(vector.values, state[0], count: vector.count)
    let cosineToMean = min(max(product / norm / meanNorm, -1), 1)
    guard cosineToMean < cosine else {
      follow(mean, vector.values, count: vector.count)
      return ClippingTelemetry(fired: false)
    }
    // Of unit length, so that no square leaves the float range.
    let aside = Aside(
      mean: state[0], gradientScale: SplitFactor(1 / norm), meanScale: SplitFactor(1 / meanNorm),
      cosine: Lanes(repeating: Float(cosineToMean)))
    let asideNorm = aside.norm(of: vector.values, count: vector.count)
    let isOpposite = asideNorm < 1e-5
    vector.rewrite(
      with: Turn(
        aside: aside, mean: mean, norm: Lanes(repeating: Float(norm)),
        alongMean: Lanes(repeating: isOpposite ? 1 : Float(cosine)),
        alongAside: Lanes(repeating: isOpposite ? 0 : Float(sine / asideNorm))))
    return ClippingTelemetry(fired: true)
  }

  /// Takes a gradient into the mean and leaves it as it is.
  private func follow(_ mean: ExponentialMean, _ values: UnsafePointer<Float>, count: Int) {
    var index = 0
    while index + 16 <= count {
      let place = WholeLanes(index: index)
      _ = mean.take(place.load(values), at: place)
      index += 16
    }
    if index < count {
      let place = PartialLanes(index: index, count: count - index)
      _ = mean.take(place.load(values), at: place)
    }
  }

  /// The part of g/‖g‖ that is perpendicular to the mean.
  private struct Aside {
    let mean: UnsafeMutablePointer<Float>
    let gradientScale: SplitFactor
    let meanScale: SplitFactor
    let cosine: Lanes

    @inline(__always)
    func part(of values: Lanes, at place: some LanePlace) -> Lanes {
      gradientScale.times(values) - cosine * direction(at: place)
    }

    @inline(__always)
    func direction(at place: some LanePlace) -> Lanes { meanScale.times(place.load(mean)) }

    /// Its length, measured and not derived from the cosine, which is blind near 180°.
    func norm(of values: UnsafePointer<Float>, count: Int) -> Double {
      var squares = 0.0
      var index = 0
      while index < count {
        let end = min(index + 512, count)
        var sum = Lanes.zero
        while index + 16 <= end {
          let place = WholeLanes(index: index)
          let part = part(of: place.load(values), at: place)
          sum += part * part
          index += 16
        }
        if index < end {
          let place = PartialLanes(index: index, count: end - index)
          let part = part(of: place.load(values), at: place)
          sum += part * part
          index = end
        }
        squares += Double(sum.sum())
      }
      return squares.squareRoot()
    }
  }

  /// Turns the gradient onto the cone and takes it, as it was, into the mean.
  private struct Turn: LaneRewrite {
    let aside: Aside
    let mean: ExponentialMean
    let norm: Lanes
    let alongMean: Lanes
    let alongAside: Lanes

    @inline(__always)
    func rewritten(_ values: Lanes, at place: some LanePlace) -> Lanes {
      let direction =
        alongMean * aside.direction(at: place) + alongAside * aside.part(of: values, at: place)
      _ = mean.take(values, at: place)
      return norm * direction
    }
  }
}

extension ClippingEntry {
  static var directionConstraint: Self {
    ClippingEntry(
      name: "direction-constraint",
      summary: "the angle to the mean of earlier gradients held below a bound, norm kept",
      reference: "optbench, 2026",
      hyperparameters: [
        Hyperparameter(
          "max_angle", .number(NumberRange(lower: 0, upper: 180)), default: .number(90),
          search: [.linear(30...150)],
          "the largest angle in degrees, φ"),
        Hyperparameter(
          "beta", .number(.fraction), default: .number(0.9), scale: .logarithmic,
          "decay of the mean of the gradients, β"),
      ]
    ) { options throws(HyperparameterError) in
      [DirectionConstraint(maxAngle: options.number("max_angle"), beta: options.number("beta"))]
    }
  }
}
