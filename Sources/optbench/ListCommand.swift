import ArgumentParser
import Networks
import Optimizers
import Problems
import Settings

/// `optbench list`: what an experiment file can name.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists what an experiment file can name, with all options and their defaults.",
    discussion: """
      EXAMPLES
        optbench list optimizers
        optbench list datasets
        optbench list clipping --format json | jq '.[].name'
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case optimizers, clipping, schedules, problems, datasets, models, layers, losses, functions,
      initializations
  }

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "What to list.")
  var kind: Kind

  @Option(help: "How to print it.")
  var format: Format = .text

  func run() throws {
    let entries: [ListedEntry] =
      switch kind {
      case .optimizers: listed(optimizerCatalog)
      case .clipping:
        listed(clippingCatalog) { name in
          clippingCatalog.entry(named: name).flatMap { places(of: $0) }
        }
      case .schedules: listed(scheduleCatalog)
      case .problems: listed(NamedProblems.catalog)
      case .datasets: listed(Datasets.catalog) { Datasets.availability(of: $0).map(\.description) }
      case .models: listed(Models.catalog)
      case .layers: listed(Layers.catalog)
      case .losses: listed(Losses.catalog)
      case .functions: listed(Functions.catalog)
      case .initializations: listed(Initializations.catalog)
      }
    try reportingErrors {
      switch format {
      case .text: try printAnswer(entries.map(\.text).joined(separator: "\n\n"))
      case .json:
        try printAnswer(
          "[\n  " + entries.map(\.json).joined(separator: ",\n  ") + "\n]", isExact: true)
      }
    }
  }

  /// Where a clip may work, its default first.
  private func places(of entry: ClippingEntry) -> String? {
    let transforms = try? entry.make(Hyperparameters(entry.hyperparameters))
    guard let places = transforms?.first?.allowedStages else { return nil }
    return "at: \(places.map(\.rawValue).joined(separator: ", "))"
  }

  private func listed<Product>(
    _ catalog: Catalog<Product>, note: (String) -> String? = { _ in nil }
  ) -> [ListedEntry] {
    catalog.entries.map { entry in
      ListedEntry(
        name: entry.name, summary: entry.summary, reference: entry.reference,
        hyperparameters: entry.hyperparameters, note: note(entry.name))
    }
  }
}

/// A catalog entry as it is printed.
private struct ListedEntry {
  let name: String
  let summary: String
  let reference: String
  let hyperparameters: [Hyperparameter]
  let note: String?

  var text: String {
    var lines = ["\(name)  \(summary)"]
    if !reference.isEmpty { lines.append("  \(reference)") }
    if let note { lines.append("  \(note)") }
    let width = hyperparameters.map(\.name.count).max() ?? 0
    for option in hyperparameters {
      let name = option.name + String(repeating: " ", count: width - option.name.count)
      let search = option.search.isEmpty ? "" : "  [search: \(option.searchText)]"
      lines.append(
        "  \(name)  \(option.defaultValue.label)  (\(option.allowed))  \(option.summary)\(search)")
    }
    return lines.joined(separator: "\n")
  }

  var json: String {
    let options = hyperparameters.map { option in
      let search = option.search.isEmpty ? "" : ",\"search\":\(jsonText(option.searchText))"
      return "{\"name\":\(jsonText(option.name)),\"default\":\(option.defaultValue.json),"
        + "\"allowed\":\(jsonText(option.allowed)),\"scale\":\(jsonText(option.scale.rawValue)),"
        + "\"summary\":\(jsonText(option.summary))\(search)}"
    }
    let noteField = note.map { ",\"note\":\(jsonText($0))" } ?? ""
    return "{\"name\":\(jsonText(name)),\"summary\":\(jsonText(summary)),"
      + "\"reference\":\(jsonText(reference))\(noteField),"
      + "\"hyperparameters\":[\(options.joined(separator: ","))]}"
  }
}
