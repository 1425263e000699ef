import Settings
import Tensors

/// The negative evidence lower bound of a variational autoencoder (Kingma & Welling, 2014): binary
/// cross-entropy between the input t and the outputs z as logits, summed over the features,
///
///     Σ_j max(z_j, 0) − z_j·t_j + ln(1 + e^(−|z_j|)),
///
/// to which a `gaussian-sampling` layer adds the divergence of its code, averaged over the batch. As
/// PyTorch's `BCEWithLogitsLoss(reduction='sum')` divided by the batch size. The inputs are in
/// [0, 1]; with others, such as standardised images, the loss has no lower bound.
public struct VAEEvidenceBound: Loss {
  public init() {}

  public var name: String { "vae-elbo" }
  public var lowerBound: Double { 0 }
  public var reconstructsInput: Bool { true }
  /// The entropy of each feature's mean, summed over the features: the code says nothing.
  public func constantLoss(means: [Double], meanSquares: [Double]) -> Double {
    means.reduce(0) { $0 + BinaryCrossEntropy.entropy($1) }
  }

  public func accepts(_ kind: TargetKind) -> Bool { true }

  /// ln 2, what one feature costs a model that knows nothing.
  public func unit(for kind: TargetKind) -> Double { logarithm(2) }

  public func sum(
    outputs: UnsafePointer<Float>, targets: Targets, rows: Int, width: Int,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    guard case .values(let values) = targets else { preconditionFailure("vae-elbo has values") }
    let share = Lanes(repeating: 1 / Float(rows))
    let one = Lanes(repeating: 1)
    var total = 0.0
    for row in 0..<rows {
      let start = row * width
      var sum = Lanes.zero
      var column = 0
      while column < width {
        let z = Vector.load(outputs, start + column)
        let t = Vector.load(values, start + column)
        let positive = z.replacing(with: Lanes.zero, where: z .< Lanes.zero)
        let e = LaneFunctions.exponential(z - positive - positive)
        var term = (positive - z * t) + Self.logarithmOfOnePlus(e)
        if column + 16 > width { term = Tail(count: width - column).join(term, behind: .zero) }
        sum += term
        if let gradient {
          // The last columns spill into the next row, which is written after.
          let chance = one.replacing(with: e, where: z .< Lanes.zero) / (one + e)
          Vector.store((chance - t) * share, gradient, start + column)
        }
        column += 16
      }
      total += Double(sum.sum())
    }
    return total
  }

  /// ln(1 + e) for e in [0, 1], to a few units of the last place: 2·artanh(e/(2 + e)) as a series.
  @inline(__always)
  private static func logarithmOfOnePlus(_ e: Lanes) -> Lanes {
    let s = e / (Lanes(repeating: 2) + e)
    let square = s * s
    var sum = Lanes(repeating: 1 / 15)
    sum = sum * square + Lanes(repeating: 1 / 13)
    sum = sum * square + Lanes(repeating: 1 / 11)
    sum = sum * square + Lanes(repeating: 1 / 9)
    sum = sum * square + Lanes(repeating: 1 / 7)
    sum = sum * square + Lanes(repeating: 1 / 5)
    sum = sum * square + Lanes(repeating: 1 / 3)
    sum = sum * square + Lanes(repeating: 1)
    return (s + s) * sum
  }

  static let entry = CatalogEntry<any Loss>(
    name: "vae-elbo",
    summary: "binary cross-entropy to the input, summed over features, and the code's divergence",
    reference: "Kingma & Welling (2014)", hyperparameters: []
  ) { _ in VAEEvidenceBound() }
}
