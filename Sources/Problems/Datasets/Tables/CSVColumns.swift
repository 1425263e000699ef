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

  /// The columns of features and targets.
  ///
  /// - Parameters:
  ///   - features, targets: As the user wrote them; nil for all others, and for the last.
  ///   - allowsSeveral: Whether there may be several targets.
  func chosen(
    features: String?, targets: String?, allowsSeveral: Bool
  ) throws(ProblemError) -> (features: [Int], targets: [Int]) {
    let targetColumns =
      try targets.map { (text) throws(ProblemError) in
        try columns(text, option: "label")
      } ?? [count - 1]
    guard allowsSeveral || targetColumns.count == 1 else {
      throw ProblemError(
        file: file, "'label' names \(targetColumns.count) columns; a class is in one column")
    }
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
    return (featureColumns, targetColumns)
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
    let known = names.map { "; its columns: " + $0.prefix(20).joined(separator: ", ") } ?? ""
    throw ProblemError(
      file: file,
      "'\(option)': there is no column '\(name)' among the \(count) columns (indices from 0)\(known)"
    )
  }
}
