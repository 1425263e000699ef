/// The values of a quantity, in the precision in which they are stored.
public enum RecordedNumbers: Sendable {
  case float32([Float])
  case float64([Double])
  case int8([Int8])
  case int64([Int64])

  public var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .int8(let values): values.count
    case .int64(let values): values.count
    }
  }

  /// The bytes that the values take.
  public var bytes: Int {
    switch self {
    case .float32: 4 * count
    case .float64, .int64: 8 * count
    case .int8: count
    }
  }

  /// Whether there is anything but NaN.
  public var hasValues: Bool {
    switch self {
    case .float32(let values): values.contains { !$0.isNaN }
    case .float64(let values): values.contains { !$0.isNaN }
    case .int8, .int64: count > 0
    }
  }

  var isZero: Bool {
    switch self {
    case .float32(let values): values.allSatisfy { $0 == 0 }
    case .float64(let values): values.allSatisfy { $0 == 0 }
    case .int8(let values): values.allSatisfy { $0 == 0 }
    case .int64(let values): values.allSatisfy { $0 == 0 }
    }
  }
}

/// A quantity with its values: one for each row of its recording, or one for each row and tensor.
public struct RecordedSeries: Sendable {
  public let quantity: Quantity
  public var numbers: RecordedNumbers

  public init(_ quantity: Quantity, _ numbers: RecordedNumbers) {
    self.quantity = quantity
    self.numbers = numbers
  }

  public init(_ quantity: Quantity, _ values: [Float]) {
    self.init(quantity, .float32(values))
  }

  /// The values of a quantity that is stored in single precision.
  public var values: [Float] {
    get { if case .float32(let values) = numbers { values } else { [] } }
    set { numbers = .float32(newValue) }
  }

  /// Whether nothing but zeros was recorded. It then counts like a series that is not there: a
  /// quantity that files were once written without, and that never came about, makes no difference.
  public var isZero: Bool { numbers.isZero }
}

/// What a run recorded along one axis: rows of numbers, one column for each quantity.
public struct Recording: Sendable, Equatable {
  /// The steps to which the rows belong, ascending; of evaluations, the updates before them.
  public var steps: [Int32]
  /// The tensors of which each row holds a value, in layout order; empty for one value a row.
  public var tensors: [String]
  public var series: [RecordedSeries]

  public init(steps: [Int32], tensors: [String] = [], series: [RecordedSeries]) {
    self.steps = steps
    self.tensors = tensors
    self.series = series
  }

  /// The values of the quantity called `name`; nil where it was not recorded.
  public subscript(_ name: String) -> RecordedNumbers? {
    series.first { $0.quantity.name == name }?.numbers
  }

  /// The norms by step, then tensor; empty where they were not recorded.
  public subscript(_ norm: TensorNorm) -> [Float] {
    get { series.first { $0.quantity.name == norm.rawValue }?.values ?? [] }
    set {
      if let place = series.firstIndex(where: { $0.quantity.name == norm.rawValue }) {
        series[place].values = newValue
      } else {
        series.append(RecordedSeries(norm.quantity, newValue))
      }
    }
  }

  /// Equality of everything that is reproducible, with NaN equal to NaN, fractions of counts in single
  /// precision and series of zeros like series that are not there.
  public static func == (a: Recording, b: Recording) -> Bool {
    let (first, second) = (a.comparable, b.comparable)
    return a.steps == b.steps && a.tensors == b.tensors
      && first.map(\.quantity.name) == second.map(\.quantity.name)
      && zip(first, second).allSatisfy { sameBits($0.numbers, $1.numbers) }
  }

  private var comparable: [RecordedSeries] {
    series.filter { $0.quantity.isReproducible && !$0.isZero }
  }
}

/// Whether two lists of numbers are equal, with NaN equal to NaN.
private func sameBits(_ a: RecordedNumbers, _ b: RecordedNumbers) -> Bool {
  func same(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }
  return switch (a, b) {
  case (.float32(let a), .float32(let b)): same(a, b)
  case (.float64(let a), .float64(let b)): same(a.map(Float.init), b.map(Float.init))
  case (.int8(let a), .int8(let b)): a == b
  case (.int64(let a), .int64(let b)): a == b
  default: false
  }
}
