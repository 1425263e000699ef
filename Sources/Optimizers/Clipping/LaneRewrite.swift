internal import Tensors

/// An elementwise rule of a transform: from sixteen values to sixteen, reading and writing arrays of
/// its own at the same place.
protocol LaneRewrite {
  func rewritten(_ values: Lanes, at place: some LanePlace) -> Lanes
}

extension StepVector {
  /// Replaces every element by the rule's, in one pass over memory. Forgets the norm.
  @inline(__always)
  mutating func rewrite(with rule: some LaneRewrite) {
    let count = count
    rewrite { source, target in
      var index = 0
      while index + 16 <= count {
        let place = WholeLanes(index: index)
        place.store(rule.rewritten(place.load(source), at: place), target)
        index += 16
      }
      if index < count {
        let place = PartialLanes(index: index, count: count - index)
        place.store(rule.rewritten(place.load(source), at: place), target)
      }
    }
  }
}
