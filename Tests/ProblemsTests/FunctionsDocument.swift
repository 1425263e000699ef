import Foundation
import Problems
import Settings

/// `docs/functions.md`: every test function and noise with its formula and start from the comment of
/// the type that computes it, its options from the catalog, and its numbers as computed.
struct FunctionsDocument {
  private let texts: [String]

  /// - Parameter sources: The folder of the functions' sources.
  init(sources: URL) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: sources.path)
    texts = try names.filter { $0.hasSuffix(".swift") }.sorted().map {
      try String(contentsOf: sources.appendingPathComponent($0), encoding: .utf8)
    }
  }

  var text: String {
    """
    # Test functions

    Functions without a data set that an experiment file can name, as in `function: rosenbrock` or
    `function: {name: rosenbrock, dimension: 20}`. This page is generated from the catalog and from the
    comments of the types that compute: `UPDATE_GOLDEN=1 swift test --filter FunctionsDocument` writes
    it again.

    Values and gradients are computed in double precision at the single-precision parameters; the gradient
    is rounded to single precision. A run starts from the function's start plus `start_spread` times
    standard normal numbers of its seed. The noise of a step is drawn from the seed and the step alone, so
    every method meets the same; the loss that is recorded is without noise. An explosion is judged by the
    loss above the lower bound, against the start's height or the unit, whichever is larger.

    Functions of examples (`batch_size`, all by default; `data_order`) are trained on batches like a
    network.

    | option of every function | default | allowed | meaning |
    | --- | --- | --- | --- |
    \(rows(sharedOptions))

    \(Functions.catalog.entries.map(section).joined(separator: "\n\n"))

    ## Noise

    What `gradient_noise` multiplies, as in `noise: {name: student-t, degrees_of_freedom: 3}`.

    \(NoiseDistributions.catalog.entries.map(noiseSection).joined(separator: "\n\n"))

    """
  }

  /// The entries whose formula is written nowhere.
  var undocumented: [String] {
    (Functions.catalog.names + NoiseDistributions.catalog.names).filter { comment($0).isEmpty }
  }

  private static let shared = ["start_spread", "gradient_noise", "noise"]

  private var sharedOptions: [Hyperparameter] {
    (Functions.catalog.entry(named: "rosenbrock")?.hyperparameters ?? [])
      .filter { Self.shared.contains($0.name) }
  }

  private func section(_ entry: CatalogEntry<NoisyFunction>) -> String {
    var parts = [
      "## `\(entry.name)`", sentence(entry.summary, entry.reference), comment(entry.name),
    ]
    if let function = try? entry.make(Hyperparameters(entry.hyperparameters)).function {
      parts.append(numbers(of: function))
    }
    let spread = entry.hyperparameters.first { $0.name == "start_spread" }?.defaultValue
    let options = entry.hyperparameters.filter { option in
      !Self.shared.contains(option.name)
        || (option.name == "start_spread" && spread != sharedOptions.first?.defaultValue)
    }
    if !options.isEmpty { parts.append(table(options)) }
    return parts.joined(separator: "\n\n")
  }

  private func noiseSection(_ entry: CatalogEntry<any NoiseDistribution>) -> String {
    var parts = [
      "### `\(entry.name)`", sentence(entry.summary, entry.reference), comment(entry.name),
    ]
    if !entry.hyperparameters.isEmpty { parts.append(table(entry.hyperparameters)) }
    return parts.joined(separator: "\n\n")
  }

  private func sentence(_ summary: String, _ reference: String) -> String {
    summary.prefix(1).uppercased() + summary.dropFirst() + "."
      + (reference.isEmpty ? "" : " Source: \(reference).")
  }

  /// The numbers of a function with its default options.
  private func numbers(of function: any TestFunction) -> String {
    let height = function.value(at: function.start).value
    let examples = (function as? any FunctionOfExamples).map { ", \($0.exampleCount) examples" }
    return
      "By default: \(function.dimension) variables\(examples ?? ""), value at the standard start "
      + "\(rounded(height)), lower bound \(rounded(function.lowerBound))"
      + (function.minimum == nil ? " (not known to be attained)" : " (attained)")
      + ", unit \(rounded(function.unit))."
  }

  private func rounded(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String(format: "%.6g", value)
  }

  private func table(_ options: [Hyperparameter]) -> String {
    "| option | default | allowed | meaning |\n| --- | --- | --- | --- |\n" + rows(options)
  }

  private func rows(_ options: [Hyperparameter]) -> String {
    options.map { option in
      let cells = [
        "`\(option.name)`", "`\(option.defaultValue.label)`", option.allowed, option.summary,
      ]
      return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }

  /// The comment before the type that makes the entry called `name`, without its slashes.
  private func comment(_ name: String) -> String {
    let computing = /^struct \w+: (TestFunction|FunctionOfExamples|NoiseDistribution) \{/
    var comment: [Substring] = []
    var found: [Substring] = []
    for text in texts {
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("///") {
          comment.append(line.dropFirst(line.hasPrefix("/// ") ? 4 : 3))
          continue
        }
        if line.firstMatch(of: computing) != nil { found = comment }
        if line.contains("name: \"\(name)\",") { return found.joined(separator: "\n") }
        comment = []
      }
      found = []
    }
    return ""
  }
}
