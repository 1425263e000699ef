internal import Tensors

extension Vector {
  /// z = ax + by in one pass; z may be x or y. Factors that are no normal `Float` are applied in
  /// `Double`.
  static func combine(
    _ a: Double, _ x: UnsafePointer<Float>, _ b: Double, _ y: UnsafePointer<Float>,
    into z: UnsafeMutablePointer<Float>, count: Int
  ) {
    if needsDouble(a) || needsDouble(b) {
      for index in 0..<count { z[index] = Float(a * Double(x[index]) + b * Double(y[index])) }
      return
    }
    let first = Lanes(repeating: Float(a))
    let second = Lanes(repeating: Float(b))
    var index = 0
    while index + 16 <= count {
      store(first * load(x, index) + second * load(y, index), z, index)
      index += 16
    }
    while index < count {
      z[index] = Float(a) * x[index] + Float(b) * y[index]
      index += 1
    }
  }
}
