public import Records
internal import Statistics
internal import Tensors

/// How far a loss has come between what a problem gives for nothing and its lowest possible value.
///
/// The *reference loss* ℓ_ref is that of the trivial predictor, a constant of the problem: the entropy
/// of the training classes' frequencies, the variance of the targets, for a function its value at the
/// start. A failed run has come nowhere: it counts as ℓ_ref, and so does a loss above it, so that a
/// method cannot do worse by failing in one way rather than another.
///
/// Losses are compared as g(ℓ): ℓ itself, or for functions of a known lower bound ℓ₀
/// `log₁₀ max((ℓ − ℓ₀) / (ℓ_ref − ℓ₀), ε)` with ε = 10⁻⁸, about what single precision tells apart.
public struct ProgressScale: Sendable, Hashable {
  /// ε, the share of the possible progress below which losses count as equal on a logarithmic scale.
  public static let resolution = 1e-8

  public let referenceLoss: Double
  /// ℓ₀; nil where it is not known.
  public let lowerBound: Double?
  public let isLogarithmic: Bool

  /// - Parameters:
  ///   - lowerBound: Below the reference loss; nil or not finite where it is not known.
  ///   - isLogarithmic: Whether to compare magnitudes, which takes a lower bound.
  public init(referenceLoss: Double, lowerBound: Double?, isLogarithmic: Bool) {
    precondition(referenceLoss.isFinite, "a reference loss of \(referenceLoss)")
    let bound = lowerBound.flatMap { $0.isFinite && $0 < referenceLoss ? $0 : nil }
    self.referenceLoss = referenceLoss
    self.lowerBound = bound
    self.isLogarithmic = isLogarithmic && bound != nil
  }

  /// The scale of a problem, logarithmic for one without data; nil where its reference loss was not
  /// stored.
  public init?(_ problem: ProblemRecord) {
    guard problem.referenceLoss.isFinite else { return nil }
    self.init(
      referenceLoss: problem.referenceLoss, lowerBound: problem.lowerBound,
      isLogarithmic: problem.stepsPerEpoch == 0)
  }

  /// q, the score of a learning rate: the interquartile mean over tuning seeds of the position of the
  /// loss that chooses, nil for a failed run.
  public func score(ofTuning losses: [Double?]) -> Double {
    interquartileMean(losses.map { position($0) })
  }

  /// The loss that a run counts with: ℓ_ref where it failed (nil) or is worse.
  public func counted(_ loss: Double?) -> Double {
    guard let loss, loss < referenceLoss else { return referenceLoss }
    return loss
  }

  /// g of the loss that a run counts with.
  public func position(_ loss: Double?) -> Double {
    let loss = counted(loss)
    guard isLogarithmic, let lowerBound else { return loss }
    let share = (loss - lowerBound) / (referenceLoss - lowerBound)
    return decimalLogarithm(max(share, Self.resolution))
  }

  /// The loss at a position.
  public func loss(at position: Double) -> Double {
    guard isLogarithmic, let lowerBound else { return position }
    return lowerBound + power(10, position) * (referenceLoss - lowerBound)
  }

  /// The position of ℓ_ref, the highest.
  public var referencePosition: Double { position(nil) }

  /// The position of ℓ₀, the lowest; nil where it is not known.
  public var boundPosition: Double? { lowerBound.map { position($0) } }

  /// π = (g(ℓ_ref) − g(ℓ)) / (g(ℓ_ref) − g(ℓ₀)) of a position, within [0, 1]: the share of the possible
  /// progress; nil without a lower bound.
  public func progress(at position: Double) -> Double? {
    guard let boundPosition else { return nil }
    return clipped((referencePosition - position) / (referencePosition - boundPosition))
  }

  /// r = (g(ℓ) − g(b)) / (g(ℓ_ref) − g(b)) of a position beside `best`, the method's own at its tuned
  /// rate, within [0, 1]: the share of its progress that is lost. 1 where there was none to lose.
  public func regret(at position: Double, beside best: Double) -> Double {
    let possible = referencePosition - best
    return possible > 0 ? clipped((position - best) / possible) : 1
  }

  private func clipped(_ share: Double) -> Double { min(max(share, 0), 1) }
}
