/// The columns of a text of separated values, and how a user names them.
struct CSVColumns {
  /// The names in the header; nil where there is none.
  let names: [String]?
  let count: Int
  let file: String

  /// A column's name for errors.
  func label(_ column: Int) -> String {
    names.map { "column '\($0[column])'" } ?? "column \(column)"
  }

  /// The names of some columns, or their indices.
  func list(_ columns: some Collection<Int>) -> String {
    let texts = columns.prefix(20).map { names?[$0] ?? "\($0)" }
    return texts.joined(separator: ", ") + (columns.count > 20 ? ", …" : "")
  }

  /// The columns of features and targets.
  ///
  /// - Parameters:
  ///   - features, targets: As the user wrote them; nil for all others, and for the last.
  func chosen(
    features: String?, targets: String?
  ) throws(ProblemError) -> (features: [Int], targets: [Int]) {
    let targetColumns =
      if let targets { try columns(targets, option: "label") } else { [try lastColumn()] }
    let featureColumns =
      try features.map { (text) throws(ProblemError) in
        try columns(text, option: "columns")
      } ?? (0..<count).filter { !targetColumns.contains($0) }
    if let both = featureColumns.first(where: targetColumns.contains) {
      throw ProblemError(file: file, "\(label(both)) is in 'columns' and in 'label'")
    }
    guard !featureColumns.isEmpty else {
      throw ProblemError(
        file: file, "no column is left for the features; is 'separator' right?")
    }
    if features == nil { try requireNames(of: featureColumns) }
    return (featureColumns, targetColumns)
  }

  /// Names that say which column is the class; where another column than the last has one, taking the
  /// last unasked is a mistake.
  private static let targetNames: Set<String> = [
    "label", "labels", "class", "classes", "target", "targets",
  ]

  private func lastColumn() throws(ProblemError) -> Int {
    let isTarget = { (name: String) in Self.targetNames.contains(name.lowercased()) }
    if let names, let last = names.last, !isTarget(last), let name = names.first(where: isTarget) {
      throw ProblemError(
        file: file,
        "'label' is not given: the last column, '\(last)', would be it, but a column is called "
          + "'\(name)'; set 'label' of the data set to the one that is meant")
    }
    return count - 1
  }

  /// Throws if columns that the user did not choose have one name, or none: the index that some
  /// programs write in front, or the same feature twice.
  private func requireNames(of columns: [Int]) throws(ProblemError) {
    guard let names else { return }
    var first: [String: Int] = [:]
    for column in columns {
      let name = names[column]
      guard !name.isEmpty else {
        throw ProblemError(
          file: file,
          "column \(column) (from 0) has no name, as an index has that a program wrote beside the "
            + "data; leave it out, or name the features by 'columns' of the data set")
      }
      if let earlier = first.updateValue(column, forKey: name) {
        throw ProblemError(
          file: file,
          "two columns, \(earlier) and \(column) (from 0), are called '\(name)'; rename one, or name "
            + "the features by 'columns' of the data set, with indices")
      }
    }
  }

  /// Whether the first row is no header: every name of a feature is a number, and they are not the
  /// columns' own indices, which some programs write as names.
  func looksLikeData(_ features: [Int]) -> Bool {
    guard let names else { return false }
    let numbers = features.compactMap { decimalNumber(Array(names[$0].utf8)[...]) }
    guard numbers.count == features.count else { return false }
    return numbers.count < 3 || zip(features, numbers).contains { Double($0) != $1 }
  }

  /// The columns that `text` lists: names, indices from 0, or ranges of indices.
  private func columns(_ text: String, option: String) throws(ProblemError) -> [Int] {
    var result: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
      let found = try indices(String(name), option: option)
      if let twice = found.first(where: result.contains) {
        throw ProblemError(file: file, "'\(option)' names \(label(twice)) twice")
      }
      result += found
    }
    return result
  }

  private func indices(_ name: String, option: String) throws(ProblemError) -> [Int] {
    if let column = names?.firstIndex(of: name) {
      guard names?.lastIndex(of: name) == column else {
        throw ProblemError(
          file: file, "'\(option)': two columns are called '\(name)'; use their indices")
      }
      return [column]
    }
    let bounds = name.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    if let first = bounds.first, let last = bounds.last, bounds.count <= 2, let first, let last,
      first >= 0, first <= last, last < count
    {
      return Array(first...last)
    }
    let known = names == nil ? "" : "; its columns: \(list(0..<count))"
    throw ProblemError(
      file: file,
      "'\(option)': there is no column '\(name)' among the \(count) columns (indices from 0)\(known)"
    )
  }
}
