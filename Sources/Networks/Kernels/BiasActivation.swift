import Tensors

/// Bias and activation of a dense layer in one pass, forward and backward.
///
/// Both work on row-major matrices `[rows, columns]` that are followed by at least fifteen more
/// floats: the last columns of a row are read and written sixteen at a time, with what lies behind
/// them written back unchanged.
enum BiasActivation {
  /// z ← f(z + b), `b` added to each row.
  static func forward(
    _ activation: Activation, _ z: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>,
    rows: Int, columns: Int
  ) {
    switch activation {
    case .identity: forward(Identity.self, z, bias, rows, columns)
    case .relu: forward(Relu.self, z, bias, rows, columns)
    case .leakyRelu: forward(LeakyRelu.self, z, bias, rows, columns)
    case .tanh: forward(Tanh.self, z, bias, rows, columns)
    case .sigmoid: forward(Sigmoid.self, z, bias, rows, columns)
    }
  }

  /// g ← g ⊙ f′, with f′ from the outputs y = f(z + b), and the bias gradient Σ_rows g.
  static func backward(
    _ activation: Activation, _ g: UnsafeMutablePointer<Float>, outputs y: UnsafePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    switch activation {
    case .identity: backward(Identity.self, g, y, biasGradient, rows, columns)
    case .relu: backward(Relu.self, g, y, biasGradient, rows, columns)
    case .leakyRelu: backward(LeakyRelu.self, g, y, biasGradient, rows, columns)
    case .tanh: backward(Tanh.self, g, y, biasGradient, rows, columns)
    case .sigmoid: backward(Sigmoid.self, g, y, biasGradient, rows, columns)
    }
  }

  @inline(__always)
  private static func forward<Function: LaneActivation>(
    _: Function.Type, _ z: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>, _ rows: Int,
    _ columns: Int
  ) {
    let whole = columns & ~15
    let rest = columns - whole
    let tail = Tail(count: rest)
    let tailBias = tail.load(bias + whole)
    for row in 0..<rows {
      let start = z + row * columns
      var column = 0
      while column < whole {
        Vector.store(
          Function.value(Vector.load(start, column) + Vector.load(bias, column)), start, column)
        column += 16
      }
      if rest > 0 {
        let old = Vector.load(start, whole)
        Vector.store(tail.join(Function.value(old + tailBias), behind: old), start, whole)
      }
    }
  }

  @inline(__always)
  private static func backward<Function: LaneActivation>(
    _: Function.Type, _ g: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>,
    _ biasGradient: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
  ) {
    var column = 0
    // Four cache lines of a row at a time: rows are far apart.
    while column + 64 <= columns {
      var sum0 = Lanes.zero
      var sum1 = Lanes.zero
      var sum2 = Lanes.zero
      var sum3 = Lanes.zero
      var index = column
      for _ in 0..<rows {
        sum0 += step(Function.self, g, y, index)
        sum1 += step(Function.self, g, y, index + 16)
        sum2 += step(Function.self, g, y, index + 32)
        sum3 += step(Function.self, g, y, index + 48)
        index += columns
      }
      Vector.store(sum0, biasGradient, column)
      Vector.store(sum1, biasGradient, column + 16)
      Vector.store(sum2, biasGradient, column + 32)
      Vector.store(sum3, biasGradient, column + 48)
      column += 64
    }
    while column + 16 <= columns {
      var sum = Lanes.zero
      var index = column
      for _ in 0..<rows {
        sum += step(Function.self, g, y, index)
        index += columns
      }
      Vector.store(sum, biasGradient, column)
      column += 16
    }
    guard column < columns else { return }
    let tail = Tail(count: columns - column)
    var sum = Lanes.zero
    var index = column
    for _ in 0..<rows {
      let old = Vector.load(g, index)
      let new = Function.gradient(old, output: Vector.load(y, index))
      Vector.store(tail.join(new, behind: old), g, index)
      sum += new
      index += columns
    }
    tail.store(sum, biasGradient + column)
  }

  @inline(__always)
  private static func step<Function: LaneActivation>(
    _: Function.Type, _ g: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, _ index: Int
  ) -> Lanes {
    let new = Function.gradient(Vector.load(g, index), output: Vector.load(y, index))
    Vector.store(new, g, index)
    return new
  }
}
