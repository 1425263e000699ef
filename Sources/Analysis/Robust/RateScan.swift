internal import Tensors

/// The search for a method's learning rate on a lattice of quarter decades round its default, in
/// rounds, with the same cap of rates for every method.
///
/// First a scan by decades from two below to two above the origin, extended by a decade while the best
/// is at an end; then the best one's neighbours at half and at a quarter decade; then outwards until
/// both ends of the plateau round the best are bracketed, as narrowly as the cap allows. What to try next depends on the results of
/// complete rounds only, so the order in which runs finish cannot matter.
///
/// The score q of a rate is the interquartile mean of the validation loss over tuning seeds, as
/// `ProgressScale` positions; lower is better and no score is above the reference.
public struct RateScan: Sendable {
  /// The most rates that a method may try.
  public static let cap = 12
  /// The rates of the first round, fewer than which no search can do with.
  public static let smallestCap = 5
  /// A score within this share of the possible improvement belongs to the plateau.
  public static let plateauShare = 0.05
  private static let decade = 4

  /// The scores so far by lattice index: the rate is `origin · 10^(index / 4)`.
  public private(set) var scores: [Int: Double] = [:]
  /// The score of the reference loss.
  public let reference: Double
  public let cap: Int

  public init(reference: Double, cap: Int = RateScan.cap) {
    precondition(cap >= Self.smallestCap, "a scan of \(cap) rates")
    self.reference = reference
    self.cap = cap
  }

  /// The learning rate of a lattice index: the origin itself at 0, elsewhere with four significant
  /// digits, so that tables and keys can state it.
  public static func rate(origin: Double, index: Int) -> Double {
    index == 0 ? origin : rounded(origin * multiple(index: index), toSignificantDigits: 4)
  }

  /// The rate of a lattice index over the origin.
  public static func multiple(index: Int) -> Double { power(10, Double(index) / Double(decade)) }

  /// The lattice index nearest to a multiple of the origin.
  public static func index(multiple: Double) -> Int {
    Int((decimalLogarithm(multiple) * Double(decade)).rounded())
  }

  /// Takes the score of a rate that was tried.
  public mutating func record(_ score: Double, at index: Int) {
    precondition(score.isFinite, "a score of \(score); a failed run counts as the reference")
    scores[index] = min(score, reference)
  }

  /// The lattice indices to try in the next round; empty when the scan is over.
  public func nextRound() -> [Int] {
    let wanted = wantedNext()
    return Array(wanted.filter { scores[$0] == nil }.prefix(max(0, cap - scores.count)))
  }

  /// The best index: the nearest to the origin among equals; nil before the first round.
  public var best: Int? {
    scores.min { ($0.value, abs($0.key), $0.key) < ($1.value, abs($1.key), $1.key) }?.key
  }

  /// Whether any rate improves on the reference at all.
  public var improves: Bool { best.map { scores[$0, default: reference] < reference } ?? false }

  private func wantedNext() -> [Int] {
    guard let best, let lowest = scores.keys.min(), let highest = scores.keys.max() else {
      return (-2...2).map { $0 * Self.decade }
    }
    guard improves else {
      // Nothing trained yet: a decade more at the nearer end, the lower first.
      return [-lowest <= highest ? lowest - Self.decade : highest + Self.decade]
    }
    if best == lowest { return [lowest - Self.decade] }
    if best == highest { return [highest + Self.decade] }
    for distance in [2, 1] {
      let missing = [best - distance, best + distance].filter { neighbour in
        !scores.keys.contains { index in
          neighbour < best ? index >= neighbour && index < best : index <= neighbour && index > best
        }
      }
      if !missing.isEmpty { return missing }
    }
    let plateau = plateauIndices
    var outwards: [Int] = []
    if plateau.first == lowest { outwards.append(lowest - Self.decade) }
    if plateau.last == highest { outwards.append(highest + Self.decade) }
    if !outwards.isEmpty { return outwards }
    let order = scores.keys.sorted()
    return zip(order, order.dropFirst()).filter { lower, upper in
      (plateau.first == upper || plateau.last == lower) && upper - lower > 1
    }.map { lower, upper in lower + (upper - lower) / 2 }
  }

  /// q* + 5% of what lies between it and the reference.
  private var threshold: Double {
    let lowest = best.flatMap { scores[$0] } ?? reference
    return lowest + Self.plateauShare * (reference - lowest)
  }

  /// The tried indices round the best whose scores stay within the threshold, in order.
  private var plateauIndices: [Int] {
    guard let best else { return [] }
    let threshold = threshold
    let order = scores.keys.sorted()
    guard let middle = order.firstIndex(of: best) else { return [] }
    var first = middle
    var last = middle
    while first > 0, scores[order[first - 1], default: reference] <= threshold { first -= 1 }
    while last + 1 < order.count, scores[order[last + 1], default: reference] <= threshold {
      last += 1
    }
    return Array(order[first...last])
  }
}

extension RateScan {
  /// What a scan found.
  public struct Anchor: Sendable, Hashable {
    /// The lattice position of the plateau's centre; the rate is `origin · 10^(position / 4)`.
    public let position: Double
    /// The plateau's ends, interpolated linearly where the score crosses the threshold.
    public let plateau: ClosedRange<Double>
    /// Whether the best is interior and both ends are bracketed by worse rates.
    public let isComplete: Bool
  }

  /// The centre of the plateau round the best rate: steadier than the best itself, which on a flat
  /// valley jumps with the seeds. nil where no rate improves on the reference.
  public var anchor: Anchor? {
    guard improves else { return nil }
    let order = scores.keys.sorted()
    let plateau = plateauIndices
    guard let first = plateau.first, let last = plateau.last,
      let below = order.firstIndex(of: first), let above = order.firstIndex(of: last)
    else { return nil }
    let lower = below > 0 ? crossing(from: first, to: order[below - 1]) : Double(first)
    let upper = above + 1 < order.count ? crossing(from: last, to: order[above + 1]) : Double(last)
    let isFine = best.map { scores[$0 - 1] != nil && scores[$0 + 1] != nil } ?? false
    return Anchor(
      position: (lower + upper) / 2, plateau: lower...upper,
      isComplete: isFine && below > 0 && above + 1 < order.count)
  }

  /// Where the score crosses the threshold between an index within the plateau and one outside.
  private func crossing(from inside: Int, to outside: Int) -> Double {
    let low = scores[inside, default: reference]
    let high = scores[outside, default: reference]
    return Double(inside) + (threshold - low) / (high - low) * Double(outside - inside)
  }
}
