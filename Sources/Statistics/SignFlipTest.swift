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
/// denominator is the same whichever pairs are swapped. Two statistics look for an increase:
/// `Σ max(tᶜ, 0)²`, which sees many cells that rise a little, and `max tᶜ`, which sees one that rises
/// however many others fall. Each has its p-value among the 2ⁿ patterns of swaps (Fisher, 1935); the
/// smaller of the two is taken as the statistic, and its share of patterns is the p-value (the
/// min-P of Westfall & Young, 1993). So the p-value is exact; above `exactLimit` units it counts that
/// many random patterns with the one observed (Phipson & Smyth, 2010). A decrease likewise, with −tᶜ.
public struct SignFlipTest: Sendable {
  /// The most units of which all patterns are tried.
  public static let exactLimit = SwapPatterns.exactLimit

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
    // The first pattern swaps nothing.
    var rises: [Extent] = []
    var falls: [Extent] = []
    while let pattern = patterns.next() {
      let (rise, fall) = Self.extents(of: rows, swapping: pattern)
      rises.append(rise)
      falls.append(fall)
    }
    increase = Self.pValue(rises)
    decrease = Self.pValue(falls)
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

  /// How far the cells moved one way under one pattern.
  private struct Extent {
    var sumOfSquares = 0.0
    var largest = 0.0

    mutating func add(_ shift: Double) {
      sumOfSquares += shift * shift
      largest = max(largest, shift)
    }
  }

  private static func extents(
    of rows: [[Double]], swapping pattern: [Bool]
  ) -> (rise: Extent, fall: Extent) {
    var rise = Extent()
    var fall = Extent()
    for cell in rows[0].indices {
      var shift = 0.0
      for unit in rows.indices {
        let value = rows[unit][cell]
        shift += pattern[unit] ? -value : value
      }
      if shift > 0 { rise.add(shift) } else { fall.add(-shift) }
    }
    return (rise, fall)
  }

  /// The min-P value of the first pattern among all.
  private static func pValue(_ extents: [Extent]) -> Double {
    let bySum = shares(extents.map(\.sumOfSquares))
    let byLargest = shares(extents.map(\.largest))
    let smaller = zip(bySum, byLargest).map { min($0, $1) }
    return Double(smaller.count { $0 <= smaller[0] }) / Double(smaller.count)
  }

  /// For each value the share of all that are at least as large.
  private static func shares(_ values: [Double]) -> [Double] {
    let sorted = values.sorted()
    return values.map { value in
      // Sums of the same numbers in another order differ in their last digits.
      let bound = value * (1 - 1e-12)
      var low = 0
      var high = sorted.count
      while low < high {
        let middle = (low + high) / 2
        if sorted[middle] < bound { low = middle + 1 } else { high = middle }
      }
      return Double(sorted.count - low) / Double(sorted.count)
    }
  }
}
