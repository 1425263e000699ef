/// Something that a run records: what it is called and what it is.
public struct Quantity: Sendable, Hashable {
  /// The name of its dataset, unique among the datasets beside it.
  public let name: String
  /// What it is, for the `long_name` attribute.
  public let longName: String
  /// The unit as in CF; `1` for a number without one.
  public let units: String

  public init(name: String, longName: String, units: String = "1") {
    self.name = name
    self.longName = longName
    self.units = units
  }

  /// Recorded at every step where there is a clipping strategy.
  public static let clipSkipped = Quantity(
    name: "clip_skipped",
    longName: "whether clipping refused the step, so that nothing moved: 1 or 0")

  /// Recorded at every step of a method that asks for more gradients and clips gradients.
  public static let askedGradientsClipped = Quantity(
    name: "asked_gradients_clipped",
    longName:
      "gradients that the optimizer asked for besides the recorded one and that clipping changed"
  )
}

/// A quantity with its value at each step.
public struct RecordedSeries: Sendable {
  public let quantity: Quantity
  public var values: [Float]

  public init(_ quantity: Quantity, _ values: [Float]) {
    self.quantity = quantity
    self.values = values
  }

  /// Whether nothing but zeros was recorded. It then counts like a series that is not there: a
  /// quantity that files were once written without, and that never came about, makes no difference.
  public var isZero: Bool { values.allSatisfy { $0 == 0 } }
}
