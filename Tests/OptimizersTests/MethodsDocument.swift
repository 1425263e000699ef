import Foundation
import Optimizers
import Settings

/// `docs/methods.md`: every optimizer, clip and schedule with its options from the catalogs, and its
/// rule and deviations from the comment of the type that computes it, so that neither is written
/// twice.
struct MethodsDocument {
  private let comments: [SourceComment]

  /// - Parameter sources: The folder of the module's sources.
  init(sources: URL) throws {
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    comments = try (files?.allObjects as? [URL] ?? [])
      .filter { $0.pathExtension == "swift" }.sorted { $0.path < $1.path }
      .map { SourceComment(try String(contentsOf: $0, encoding: .utf8)) }
  }

  var text: String {
    """
    # Methods

    Every optimizer, clipping strategy and schedule that an experiment file can name, with its rule, its
    options and where it differs from other implementations. This page is generated: from the catalogs
    and from the comments of the types that compute. `UPDATE_GOLDEN=1 swift test --filter MethodsDocument`
    writes it again.

    θ are the parameters, g the gradient (after clipping), u the update (θ ← θ + u), η the learning rate
    with its schedule, λ the weight decay, all operations elementwise unless a norm says otherwise.

    \(section("Optimizers", optimizerCatalog))

    \(section("Clipping", clippingCatalog))

    \(section("Schedules", scheduleCatalog))

    """
  }

  /// The entries whose rule is written nowhere.
  var undocumented: [String] {
    let names = optimizerCatalog.names + scheduleCatalog.names + clippingCatalog.names
    return names.filter { name in
      name != "none" && !comments.contains { $0.makes(name) && !$0.lines.isEmpty }
    }
  }

  private func section<Product>(_ title: String, _ catalog: Catalog<Product>) -> String {
    var shown: [String: String] = [:]
    let entries = catalog.entries.map { entry in
      var parts = ["### `\(entry.name)`"]
      let source = entry.reference.isEmpty ? "" : " (\(entry.reference))"
      parts.append("\(entry.summary.prefix(1).uppercased())\(entry.summary.dropFirst()).\(source)")
      if let comment = comments.first(where: { $0.makes(entry.name) && !$0.lines.isEmpty }) {
        let rule = comment.lines.joined(separator: "\n")
        if let first = shown[rule] {
          parts.append("The rule is that of [`\(first)`](#\(first)), with other defaults.")
        } else {
          shown[rule] = entry.name
          parts.append(rule)
        }
      }
      if !entry.hyperparameters.isEmpty { parts.append(table(entry.hyperparameters)) }
      return parts.joined(separator: "\n\n")
    }
    return (["## \(title)"] + entries).joined(separator: "\n\n")
  }

  private func table(_ options: [Hyperparameter]) -> String {
    let rows = options.map { option in
      [
        "`\(option.name)`", "`\(option.defaultValue.label)`", option.allowed, option.summary,
      ].map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")
    }
    return (["option | default | allowed | meaning", "--- | --- | --- | ---"] + rows)
      .map { "| \($0) |" }.joined(separator: "\n")
  }
}

/// What a source file says about the rule that it computes.
private struct SourceComment {
  /// The comment before the first type that computes, without its slashes.
  let lines: [String]
  private let text: String

  init(_ text: String) {
    self.text = text
    let computing =
      /^(struct|final class) \w+: .*\b(Optimizer|AskingOptimizer|DirectOptimizer|ClippingTransform|Schedule)\b/
    var comment: [String] = []
    var found: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("///") {
        comment.append(String(line.dropFirst(line.hasPrefix("/// ") ? 4 : 3)))
        continue
      }
      if found.isEmpty, line.firstMatch(of: computing) != nil { found = comment }
      comment = []
    }
    lines = found
  }

  /// Whether the file has the catalog entry called `name`.
  func makes(_ name: String) -> Bool { text.contains("name: \"\(name)\"") }
}
