internal import Tensors

/// A test of whether anything moved between two measurements of the same units, each unit measured
/// in several cells: seeds measured under many settings.
///
/// Under the null hypothesis the two members of a pair are exchangeable, so that swapping them, for
/// a unit *in all cells at once*, leaves the joint distribution as it is. The units are
/// independent; the cells of one unit are not, because they share what the unit draws (initial
/// parameters and batches), and so only whole units are swapped.
///
/// With differences d of cell c and unit u, cells are made comparable by
/// `tᶜ = mean(d) / √(mean(d²) + δ²)`, δ the *resolution*: differences well below δ count little. The
/// denominator is the same whichever pairs are swapped. The statistic for an increase is
/// `Σ max(tᶜ, 0)²` over cells, for a decrease `Σ min(tᶜ, 0)²`: what rises in one cell is not paid
/// for by what falls in another. The p-value is the share of the 2ⁿ patterns of swaps with at least
/// the statistic observed (Fisher, 1935), hence exact; above `exactLimit` units, of that many random
/// patterns and the one observed (Phipson & Smyth, 2010).
public struct SignFlipTest: Sendable {
  /// The most units of which all patterns are tried.
  public static let exactLimit = 14

  /// The probability of so much increase if nothing moved.
  public let increase: Double
  /// The probability of so much decrease if nothing moved.
  public let decrease: Double
  /// tᶜ of each cell, between −1 and 1; 0 where all differences are 0.
  public let shifts: [Double]

  /// - Parameters:
  ///   - differences: By cell, then unit: finite, the same positive number of units everywhere.
  ///   - resolution: δ, not negative.
  ///   - seed: Of the random patterns.
  public init(differences: [[Double]], resolution: Double = 0, seed: UInt64 = 0) {
    let units = differences.first?.count ?? 0
    for cell in differences {
      precondition(cell.count == units && units > 0, "\(cell.count) units beside \(units)")
      precondition(cell.allSatisfy(\.isFinite), "a difference that is not finite")
    }
    precondition(resolution >= 0, "a resolution of \(resolution)")
    let scaled = differences.map { Self.scaled($0, resolution) }
    shifts = scaled.map { $0.reduce(0, +) }
    let moving = scaled.filter { cell in cell.contains { $0 != 0 } }
    guard !moving.isEmpty else {
      increase = 1
      decrease = 1
      return
    }

    // By unit, so that a swap changes the sign of one row.
    let rows = (0..<units).map { unit in moving.map { $0[unit] } }
    var patterns = SwapPatterns(units: units, seed: seed)
    let observed = Self.statistics(of: rows, swapping: [Bool](repeating: false, count: units))
    var atLeast = (increase: 0, decrease: 0)
    var count = 0
    while let pattern = patterns.next() {
      let swapped = Self.statistics(of: rows, swapping: pattern)
      // Sums of the same numbers in another order differ in their last digits.
      if swapped.increase >= observed.increase * (1 - 1e-12) { atLeast.increase += 1 }
      if swapped.decrease >= observed.decrease * (1 - 1e-12) { atLeast.decrease += 1 }
      count += 1
    }
    increase = Double(atLeast.increase) / Double(count)
    decrease = Double(atLeast.decrease) / Double(count)
  }

  /// The smallest p-value that so many units can give.
  public static func smallestPValue(units: Int) -> Double {
    1 / Double(1 << min(units, exactLimit))
  }

  /// The differences of a cell over `n √(mean(d²) + δ²)`: their sum is tᶜ.
  private static func scaled(_ cell: [Double], _ resolution: Double) -> [Double] {
    let n = Double(cell.count)
    // Divided first, so that no square leaves the range.
    let largest = cell.reduce(resolution) { max($0, abs($1)) }
    guard largest > 0 else { return cell }
    let meanSquare = cell.reduce(0) { $0 + ($1 / largest) * ($1 / largest) } / n
    let floor = resolution / largest
    let scale = n * (meanSquare + floor * floor).squareRoot()
    return cell.map { $0 / largest / scale }
  }

  private static func statistics(
    of rows: [[Double]], swapping pattern: [Bool]
  ) -> (increase: Double, decrease: Double) {
    var increase = 0.0
    var decrease = 0.0
    for cell in rows[0].indices {
      var shift = 0.0
      for unit in rows.indices {
        let value = rows[unit][cell]
        shift += pattern[unit] ? -value : value
      }
      if shift > 0 { increase += shift * shift } else { decrease += shift * shift }
    }
    return (increase, decrease)
  }
}

/// All patterns of swaps, or the observed one and random ones.
private struct SwapPatterns {
  private let units: Int
  private let count: Int
  private var index = 0
  private var stream: RandomStream

  init(units: Int, seed: UInt64) {
    self.units = units
    count = 1 << min(units, SignFlipTest.exactLimit)
    stream = RandomStream(seed: seed, name: "sign-flips")
  }

  mutating func next() -> [Bool]? {
    guard index < count else { return nil }
    defer { index += 1 }
    if units <= SignFlipTest.exactLimit {
      return (0..<units).map { index >> $0 & 1 == 1 }
    }
    return (0..<units).map { _ in index > 0 && stream.integer(below: 2) == 1 }
  }
}
