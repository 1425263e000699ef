/// Where an option, or one number of a list, is searched for: from where to where, on which scale, in
/// which unit. Declared beside the option's default.
public struct SearchSpace: Sendable, Hashable {
  public enum Scale: Sendable, Hashable {
    case linear, logarithmic
    /// 1 − x is logarithmic: decays close to 1.
    case logarithmicComplement
  }

  /// What the bounds are multiples of. Those of the gradient are told by its norm ‖g‖ at the start, as if
  /// all its n components were equally large.
  public enum Unit: Sendable, Hashable {
    case one
    /// ‖g‖ₚ = ‖g‖·n^(1/p − 1/2), with the order p in another option of the entry or 2.
    case gradientNorm(orderedBy: String?)
    /// The norm of one of T tensors: ‖g‖/√T.
    case tensorNorm
    /// One component: ‖g‖/√n.
    case component
    /// The steps of a run.
    case run
  }

  public let lower: Double
  public let upper: Double
  public let scale: Scale
  public let unit: Unit

  private init(_ range: ClosedRange<Double>, _ scale: Scale, _ unit: Unit) {
    lower = range.lowerBound
    upper = range.upperBound
    self.scale = scale
    self.unit = unit
  }

  public static func linear(_ range: ClosedRange<Double>, of unit: Unit = .one) -> SearchSpace {
    SearchSpace(range, .linear, unit)
  }

  /// - Parameter range: Above 0.
  public static func logarithmic(
    _ range: ClosedRange<Double>, of unit: Unit = .one
  ) -> SearchSpace {
    SearchSpace(range, .logarithmic, unit)
  }

  /// - Parameter range: Of 1 − x, above 0.
  public static func decay(oneLess range: ClosedRange<Double>) -> SearchSpace {
    SearchSpace(range, .logarithmicComplement, .one)
  }

  /// Whether the bounds are multiples of something that the gradient has at the start.
  public var isOfGradient: Bool {
    switch unit {
    case .one, .run: false
    case .gradientNorm, .tensorNorm, .component: true
    }
  }
}

extension SearchSpace: CustomStringConvertible {
  /// `0.1 … 10 × start gradient norm, log`.
  public var description: String {
    let unitText =
      switch unit {
      case .one: ""
      case .gradientNorm: " × start gradient norm"
      case .tensorNorm: " × start gradient norm of a tensor"
      case .component: " × start gradient RMS"
      case .run: " × the run's steps"
      }
    let range = "\(numberLabel(lower)) … \(numberLabel(upper))\(unitText)"
    return switch scale {
    case .linear: "\(range), linear"
    case .logarithmic: "\(range), log"
    case .logarithmicComplement: "1 − x in \(range), log"
    }
  }
}
