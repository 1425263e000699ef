import Foundation
import Problems
import Settings

/// `docs/datasets.md`: every data set with its description from the comment of the type that makes it
/// and its options from the catalog, and what groups of data sets have in common.
struct DatasetsDocument {
  private let texts: [String]

  /// - Parameter sources: The folder of the data sets' sources.
  init(sources: URL) throws {
    let names = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String }
    texts = try (names ?? []).filter { $0.hasSuffix(".swift") }.sorted().map {
      try String(contentsOf: sources.appendingPathComponent($0), encoding: .utf8)
    }
  }

  var text: String {
    """
    # Data sets

    What an experiment file can name as `dataset: digits` or `dataset: {name: adding, length: 30}`. This
    page is generated from the catalog and from the comments of the types:
    `UPDATE_GOLDEN=1 swift test --filter DatasetsDocument` writes it again. `optbench list datasets` says
    which of them are there on your machine. Relative paths start at the experiment file's folder.

    ## In common

    ### Published images

    \(comment(before: "struct ImageDataset"))

    ### Files of your own

    \(comment(before: "struct TableDataset"))

    ### Arrays in HDF5 files

    \(comment(before: "package enum HDF5Arrays"))

    ### Generated data

    \(comment(before: "struct GeneratedDataset"))

    ### Normalization

    \(comment(before: "enum Normalization"))

    ### Augmentation

    \(comment(before: "struct Augmentation"))

    \(Datasets.catalog.entries.map(section).joined(separator: "\n\n"))

    """
  }

  /// The entries that are described nowhere.
  var undocumented: [String] { Datasets.catalog.names.filter { comment(of: $0).isEmpty } }

  private func section(_ entry: CatalogEntry<any DatasetSource>) -> String {
    let summary = entry.summary.prefix(1).uppercased() + entry.summary.dropFirst() + "."
    let rows = entry.hyperparameters.map { option in
      let cells = [
        "`\(option.name)`", "`\(option.defaultValue.label)`", option.allowed, option.summary,
      ]
      return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    return """
      ## `\(entry.name)`

      \(summary)\(entry.reference.isEmpty ? "" : " Source: \(entry.reference).")

      \(comment(of: entry.name))

      | option | default | allowed | meaning |
      | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))
      """
  }

  /// The comment of the last type that was declared before the entry called `name`.
  private func comment(of name: String) -> String {
    comment { $0.contains("name: \"\(name)\"") || $0.contains("static let \(name)Entry") }
  }

  private func comment(before declaration: String) -> String {
    comment { $0.hasPrefix(declaration) }
  }

  /// The comment of the last type up to the first line that `isEnd` takes, without its slashes.
  private func comment(until isEnd: (Substring) -> Bool) -> String {
    let type = /^(package )?(struct|enum) \w+/
    for text in texts {
      var comment: [Substring] = []
      var found: [Substring] = []
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("///") {
          comment.append(line.dropFirst(line.hasPrefix("/// ") ? 4 : 3))
          continue
        }
        if line.firstMatch(of: type) != nil { found = comment }
        if isEnd(line) { return found.joined(separator: "\n") }
        comment = []
      }
    }
    return ""
  }
}
