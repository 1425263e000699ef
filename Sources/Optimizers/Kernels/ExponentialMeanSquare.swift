internal import CVector
internal import Tensors

/// A running mean of squares v ← βv + (1 − β)x², which starts at what its array holds, and its root.
///
/// The form of PyTorch's `mul_` and `addcmul_`. Where squares leave the range of `Float` the array
/// holds √v in place of v: see `OptimizerStep.holdsRoots`.
struct ExponentialMeanSquare {
  let array: UnsafeMutablePointer<Float>
  /// Whether the array holds √v.
  let holdsRoots: Bool
  private let decay: Lanes
  private let gain: Lanes

  init(_ array: UnsafeMutablePointer<Float>, decay: Double, holdsRoots: Bool = false) {
    self.array = array
    self.holdsRoots = holdsRoots
    self.decay = Lanes(repeating: Float(decay))
    gain = Lanes(repeating: Float(1 - decay))
  }

  /// Takes in x and returns the new mean square, of an array that holds mean squares.
  @inline(__always)
  func take(_ x: Lanes, at place: some LanePlace) -> Lanes {
    let new = decay * place.load(array) + gain * x * x
    place.store(new, array)
    return new
  }

  /// Takes in x and returns the root of the new mean square.
  @inline(__always)
  func takeRoot(_ x: Lanes, at place: some LanePlace) -> Lanes {
    guard holdsRoots else { return cvector_sqrt(take(x, at: place)) }
    let new = rootOfSquares(decay, place.load(array), gain, x)
    place.store(new, array)
    return new
  }

  /// The root of the mean square.
  @inline(__always)
  func root(at place: some LanePlace) -> Lanes {
    holdsRoots ? place.load(array) : cvector_sqrt(place.load(array))
  }

  /// c·x/d, where c·x alone may leave the range of `Float`.
  @inline(__always)
  func quotient(_ factor: Lanes, _ x: Lanes, _ divisor: Lanes) -> Lanes {
    holdsRoots ? factor * (x / divisor) : factor * x / divisor
  }
}

/// √(ax² + by²), relative to the larger of |x| and |y|, so that no square leaves the range of `Float`.
@inline(never)
func rootOfSquares(_ a: Lanes, _ x: Lanes, _ b: Lanes, _ y: Lanes) -> Lanes {
  let (x, y) = (cvector_abs(x), cvector_abs(y))
  let larger = x.replacing(with: y, where: y .> x)
  let (first, second) = (x / larger, y / larger)
  let root = larger * cvector_sqrt(a * first * first + b * second * second)
  // NaN is no zero and comes through.
  return root.replacing(with: 0, where: (x .== 0) .& (y .== 0))
}

extension OptimizerStep {
  /// From this norm of the gradient on squares are not trusted to `Float`: a sum of 3e8 of them still
  /// is in its range.
  static let largestSquaredNorm = 1e15

  /// Whether an array of means of squares is to hold their roots at this step, and makes them so at
  /// the first step that needs them; they stay roots then.
  ///
  /// Squares of gradients leave the range of `Float` above 1.8e19 and below 1.1e-19, their roots never
  /// do. The roots cost a division more for each element, so the usual gradients go without: roots
  /// begin with a gradient or a coupled weight decay of norm 1e15, or with the run where ε is too small to drown what the
  /// squares lose.
  /// - Parameters:
  ///   - decay: What the rule's gradient has of the parameters.
  ///   - flag: What the rule remembers about it, as `Roots.flag` makes it.
  func holdsRoots(
    _ squares: UnsafeMutablePointer<Float>, count: Int, decay: WeightDecay = .none,
    flag: inout Double
  ) -> Bool {
    if flag != 0 { return true }
    let decaying =
      decay.form == .coupled && decay.strength != 0 ? decay.strength * parameterNorm : 0
    guard gradientNorm > Self.largestSquaredNorm || decaying > Self.largestSquaredNorm else {
      return false
    }
    for index in 0..<count { squares[index] = squares[index].squareRoot() }
    flag = 1
    return true
  }
}

/// What a rule remembers about its means of squares: 1 where they are roots.
enum Roots {
  /// The number with which a run begins.
  ///
  /// - Parameters:
  ///   - epsilon: What the rule adds to a root of the size of the gradient.
  ///   - decay: β of the mean; nil for a plain sum.
  static func flag(epsilon: Double, decay: Double?) -> (name: String, value: Double) {
    // The gradient whose weighted square is the least normal float.
    let lost = (Double(Float.leastNormalMagnitude) / (1 - (decay ?? 0))).squareRoot()
    return ("holds_roots", epsilon < 1e7 * lost ? 1 : 0)
  }
}
