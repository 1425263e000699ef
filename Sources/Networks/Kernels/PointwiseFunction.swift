import Tensors

/// A function applied to each element by itself, sixteen at a time.
protocol PointwiseFunction {
  func value(_ x: Lanes) -> Lanes
  /// The gradient at the input `x` from that at the output `y`.
  func gradient(_ g: Lanes, input x: Lanes, output y: Lanes) -> Lanes
}

/// Passes over whole vectors. All of them read and write up to fifteen elements past the end.
enum Pointwise {
  /// y ← f(x).
  @inline(__always)
  static func apply<Function: PointwiseFunction>(
    _ function: Function, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in stride(from: 0, to: count, by: 16) {
      Vector.store(function.value(Vector.load(x, index)), y, index)
    }
  }

  /// g ← g ⊙ f′(x).
  @inline(__always)
  static func applyGradient<Function: PointwiseFunction>(
    _ function: Function, to g: UnsafeMutablePointer<Float>, input x: UnsafePointer<Float>,
    output y: UnsafePointer<Float>, count: Int
  ) {
    for index in stride(from: 0, to: count, by: 16) {
      let new = function.gradient(
        Vector.load(g, index), input: Vector.load(x, index), output: Vector.load(y, index))
      Vector.store(new, g, index)
    }
  }

  /// sum ← a + b. `sum` may be `a` or `b`.
  static func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into sum: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    for index in stride(from: 0, to: count, by: 16) {
      Vector.store(Vector.load(a, index) + Vector.load(b, index), sum, index)
    }
  }
}

/// A function whose derivative is taken from its output.
struct FromOutput<Function: LaneActivation>: PointwiseFunction {
  @inline(__always) func value(_ x: Lanes) -> Lanes { Function.value(x) }
  @inline(__always) func gradient(_ g: Lanes, input x: Lanes, output y: Lanes) -> Lanes {
    Function.gradient(g, output: y)
  }
}

/// x for x > 0, else slope·x.
struct SlopedRelu: PointwiseFunction {
  let slope: Lanes

  @inline(__always) func value(_ x: Lanes) -> Lanes {
    x.replacing(with: slope * x, where: x .<= Lanes.zero)
  }
  @inline(__always) func gradient(_ g: Lanes, input x: Lanes, output y: Lanes) -> Lanes {
    g.replacing(with: slope * g, where: x .<= Lanes.zero)
  }
}

/// x·Φ(x), with derivative Φ(x) + x·φ(x).
struct NormalGelu: PointwiseFunction {
  @inline(__always) func value(_ x: Lanes) -> Lanes {
    x * LaneFunctions.normalDistribution(x).cumulative
  }
  @inline(__always) func gradient(_ g: Lanes, input x: Lanes, output y: Lanes) -> Lanes {
    let normal = LaneFunctions.normalDistribution(x)
    return g * (normal.cumulative + x * normal.density)
  }
}

/// x·(1 + tanh u)/2 with u = √(2/π)·(x + 0.044715x³).
struct TanhGelu: PointwiseFunction {
  private var scale: Lanes { Lanes(repeating: 0.797_884_56) }
  private var cubic: Lanes { Lanes(repeating: 0.044_715) }
  private var half: Lanes { Lanes(repeating: 0.5) }
  private var one: Lanes { Lanes(repeating: 1) }

  @inline(__always) func value(_ x: Lanes) -> Lanes {
    half * x * (one + LaneFunctions.hyperbolicTangent(scale * (x + cubic * (x * x * x))))
  }
  @inline(__always) func gradient(_ g: Lanes, input x: Lanes, output y: Lanes) -> Lanes {
    let square = x * x
    let tanh = LaneFunctions.hyperbolicTangent(scale * (x + cubic * (square * x)))
    let slope = scale * (one + Lanes(repeating: 3) * cubic * square)
    return g * (half * (one + tanh) + half * x * (one - tanh * tanh) * slope)
  }
}

/// x·σ(x), with derivative σ·(1 + x·(1 − σ)).
struct LogisticSilu: PointwiseFunction {
  @inline(__always) func value(_ x: Lanes) -> Lanes { x * LaneFunctions.logistic(x) }
  @inline(__always) func gradient(_ g: Lanes, input x: Lanes, output y: Lanes) -> Lanes {
    let one = Lanes(repeating: 1)
    let logistic = LaneFunctions.logistic(x)
    return g * (logistic * (one + x * (one - logistic)))
  }
}
