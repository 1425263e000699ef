/// The ranks of `values`, from 1 for the smallest; equal values share the mean of their ranks.
///
/// +∞ ties with +∞: two failed runs are equally bad. NaN and −∞ trap.
public func midranks(_ values: [Double]) -> [Double] {
  if values.isEmpty { return [] }
  requireCosts(values)
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    // Ranks start + 1 … end have this mean.
    let rank = Double(start + 1 + end) / 2
    for position in start..<end { ranks[order[position]] = rank }
    start = end
  }
  return ranks
}

/// Each method's rank (1 is best, ties share) averaged over problems.
///
/// - Parameter costs: One row per problem with one cost per method; smaller is better.
public func meanRanks(_ costs: [[Double]]) -> [Double] {
  let methods = requireTable(costs)
  var sums = [Double](repeating: 0, count: methods)
  for row in costs {
    for (method, rank) in midranks(row).enumerated() { sums[method] += rank }
  }
  return sums.map { $0 / Double(costs.count) }
}

/// The number of columns of a table with at least one row, all of equal length; traps otherwise.
func requireTable(_ rows: [[Double]]) -> Int {
  guard let first = rows.first else { preconditionFailure("a table without rows") }
  for row in rows {
    precondition(row.count == first.count, "rows of \(first.count) and \(row.count) values")
  }
  precondition(!first.isEmpty, "a table without columns")
  return first.count
}

/// How many values share each rank, over all groups of equal ranks.
func tieSizes(_ ranks: [Double]) -> [Int] {
  var sizes: [Int] = []
  var previous: Double?
  for rank in ranks.sorted() {
    if rank == previous { sizes[sizes.count - 1] += 1 } else { sizes.append(1) }
    previous = rank
  }
  return sizes
}
