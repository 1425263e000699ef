/// The unit of every comparison: an optimizer with a clipping strategy, by their labels.
public struct Method: Hashable, Sendable {
  public let optimizer: String
  public let clipping: String

  public init(optimizer: String, clipping: String) {
    self.optimizer = optimizer
    self.clipping = clipping
  }

  /// Whether there is a clipping strategy at all.
  public var isClipped: Bool { clipping != "none" && !clipping.isEmpty }

  /// `adam + global-norm(1)`, or `adam` without clipping and where it is not known.
  public var label: String { isClipped ? "\(optimizer) + \(clipping)" : optimizer }
}
