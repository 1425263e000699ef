/// The groups of methods that cannot be told apart: two methods share a group exactly where their
/// difference is not significant (Piepho, 2004, insert and absorb).
///
/// - Parameters:
///   - count: The number of methods, best first.
///   - differs: Whether methods `i` < `j` differ significantly.
/// - Returns: The groups, each ascending, ordered by their best and then largest members.
func indistinguishableGroups(count: Int, differs: (Int, Int) -> Bool) -> [[Int]] {
  if count == 0 { return [] }
  var groups: [Set<Int>] = [Set(0..<count)]
  for i in 0..<count {
    for j in (i + 1)..<max(count, i + 1) where differs(i, j) {
      var next: [Set<Int>] = []
      for group in groups {
        if group.contains(i), group.contains(j) {
          next.append(group.subtracting([i]))
          next.append(group.subtracting([j]))
        } else {
          next.append(group)
        }
      }
      groups = withoutSubsets(next)
    }
  }
  return groups.map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
}

private func withoutSubsets(_ groups: [Set<Int>]) -> [Set<Int>] {
  groups.enumerated().filter { index, group in
    !groups.enumerated().contains { other, candidate in
      other != index && group.isSubset(of: candidate)
        && (group != candidate || other < index)
    }
  }.map(\.element)
}

/// The name of group `index`: a, b, …, z, aa, ab, ….
func groupLetter(_ index: Int) -> String {
  let letters = Array("abcdefghijklmnopqrstuvwxyz")
  let last = String(letters[index % letters.count])
  return index < letters.count ? last : groupLetter(index / letters.count - 1) + last
}
