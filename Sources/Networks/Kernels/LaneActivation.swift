import Tensors

/// An activation on sixteen values, known at compile time, whose derivative follows from its output.
protocol LaneActivation {
  static func value(_ x: Lanes) -> Lanes
  /// The gradient at the input from that at the output `y`.
  static func gradient(_ g: Lanes, output y: Lanes) -> Lanes
}

enum Identity: LaneActivation {
  @inline(__always) static func value(_ x: Lanes) -> Lanes { x }
  @inline(__always) static func gradient(_ g: Lanes, output y: Lanes) -> Lanes { g }
}

enum Relu: LaneActivation {
  @inline(__always) static func value(_ x: Lanes) -> Lanes {
    x.replacing(with: Lanes.zero, where: x .< Lanes.zero)
  }
  @inline(__always) static func gradient(_ g: Lanes, output y: Lanes) -> Lanes {
    g.replacing(with: Lanes.zero, where: y .<= Lanes.zero)
  }
}

enum LeakyRelu: LaneActivation {
  static var slope: Lanes { Lanes(repeating: Float(Activation.leakySlope)) }
  @inline(__always) static func value(_ x: Lanes) -> Lanes {
    x.replacing(with: slope * x, where: x .<= Lanes.zero)
  }
  @inline(__always) static func gradient(_ g: Lanes, output y: Lanes) -> Lanes {
    g.replacing(with: slope * g, where: y .<= Lanes.zero)
  }
}

enum Tanh: LaneActivation {
  @inline(__always) static func value(_ x: Lanes) -> Lanes { LaneFunctions.hyperbolicTangent(x) }
  @inline(__always) static func gradient(_ g: Lanes, output y: Lanes) -> Lanes {
    g * (Lanes(repeating: 1) - y * y)
  }
}

enum Sigmoid: LaneActivation {
  @inline(__always) static func value(_ x: Lanes) -> Lanes { LaneFunctions.logistic(x) }
  @inline(__always) static func gradient(_ g: Lanes, output y: Lanes) -> Lanes {
    g * (y * (Lanes(repeating: 1) - y))
  }
}
