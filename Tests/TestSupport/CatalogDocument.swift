import Foundation
import Settings

/// Pages of the documentation made from catalogs and from the comments of the types that compute, so
/// that neither is written twice.
public struct CatalogDocument {
  private let comments: [SourceComment]

  /// - Parameters:
  ///   - sources: The folders of the sources.
  ///   - computing: The protocols of the types whose comments are the rules.
  public init(sources: [URL], computing: [String]) throws {
    comments = try sources.flatMap { folder in
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      return try (files?.allObjects as? [URL] ?? [])
        .filter { $0.pathExtension == "swift" }.sorted { $0.path < $1.path }
        .map { SourceComment(try String(contentsOf: $0, encoding: .utf8), computing: computing) }
    }
  }

  /// The comment of the type that computes an entry; empty where there is none.
  public func rule<Product>(of entry: CatalogEntry<Product>) -> [String] {
    let written = comments.first { $0.makes(entry.name) && !$0.rule.isEmpty }
    if let written { return written.rule }
    guard let product = try? entry.make(Hyperparameters(entry.hyperparameters)) else { return [] }
    // A `PoolDefinition` makes a `PoolLayer`.
    let type = "\(Swift.type(of: product as Any))"
    let stem = type.replacing(/Definition$/, with: "")
    return ["\(stem)Layer", stem, type].lazy.compactMap { name in
      comments.compactMap { $0.types[name] }.first
    }.first ?? []
  }

  /// The comment of a type.
  public func comment(of type: String) -> [String] {
    comments.lazy.compactMap { $0.types[type] }.first ?? []
  }

  /// A heading and each entry of a catalog with its rule and its options. Entries that share a rule
  /// refer to the first of them.
  public func section<Product>(
    _ title: String, _ catalog: Catalog<Product>, sharing: String = ", with other defaults"
  ) -> String {
    var shown: [String: String] = [:]
    let entries = catalog.entries.map { entry in
      var parts = ["### `\(entry.name)`"]
      parts.append("\(Self.sentence(entry.summary)).\(Self.source(entry.reference))")
      let lines = rule(of: entry)
      if !lines.isEmpty {
        let rule = lines.joined(separator: "\n")
        if let first = shown[rule] {
          parts.append("The rule is that of [`\(first)`](#\(first))\(sharing).")
        } else {
          shown[rule] = entry.name
          parts.append(rule)
        }
      }
      if !entry.hyperparameters.isEmpty { parts.append(Self.table(entry.hyperparameters)) }
      return parts.joined(separator: "\n\n")
    }
    return (["## \(title)"] + entries).joined(separator: "\n\n")
  }

  /// The entries of a catalog as the rows of a table, without their options.
  public static func summary<Product>(_ catalog: Catalog<Product>) -> String {
    let rows = catalog.entries.map { "| `\($0.name)` | \($0.summary) | \($0.reference) |" }
    return (["| name | meaning | reference |", "| --- | --- | --- |"] + rows)
      .joined(separator: "\n")
  }

  /// A phrase with a capital letter, unless it begins with a formula.
  private static func sentence(_ phrase: String) -> String {
    guard phrase.prefix(while: \.isLetter).count > 1 || phrase.hasPrefix("a ") else {
      return phrase
    }
    return phrase.prefix(1).uppercased() + phrase.dropFirst()
  }

  /// The reference in brackets, which it may have itself.
  private static func source(_ reference: String) -> String {
    if reference.isEmpty { return "" }
    return reference.contains("(") ? " \(reference)." : " (\(reference))"
  }

  private static func table(_ options: [Hyperparameter]) -> String {
    let rows = options.map { option in
      [
        "`\(option.name)`", "`\(option.defaultValue.label)`", option.allowed,
        option.summary + (option.search.isEmpty ? "" : " (search: \(option.searchText))"),
      ].map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")
    }
    return (["option | default | allowed | meaning", "--- | --- | --- | ---"] + rows)
      .map { "| \($0) |" }.joined(separator: "\n")
  }
}

/// What a source file says about the rules that it computes.
private struct SourceComment {
  /// The comment before the first type that computes, without its slashes.
  let rule: [String]
  /// The comments of all types.
  let types: [String: [String]]
  private let text: String

  init(_ text: String, computing: [String]) {
    self.text = text
    var comment: [String] = []
    var rule: [String] = []
    var types: [String: [String]] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("///") {
        comment.append(String(line.dropFirst(line.hasPrefix("/// ") ? 4 : 3)))
        continue
      }
      if let declared = line.firstMatch(of: /^(public |package )?(struct|final class) (\w+): (.*)/)
      {
        let conformances = declared.4.split { !$0.isLetter }.map(String.init)
        if rule.isEmpty, conformances.contains(where: computing.contains) { rule = comment }
        if !comment.isEmpty { types[String(declared.3)] = comment }
      }
      comment = []
    }
    self.rule = rule
    self.types = types
  }

  /// Whether the file has the catalog entry called `name`.
  func makes(_ name: String) -> Bool { text.contains("name: \"\(name)\"") }
}
