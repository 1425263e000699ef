import Foundation
import Optimizers
import Settings
import TestSupport

/// `docs/methods.md`: every optimizer, clip and schedule with its options from the catalogs, and its
/// rule and deviations from the comment of the type that computes it.
struct MethodsDocument {
  private let catalogs: CatalogDocument

  /// - Parameter sources: The folder of the module's sources.
  init(sources: URL) throws {
    catalogs = try CatalogDocument(
      sources: [sources],
      computing: [
        "Optimizer", "AskingOptimizer", "DirectOptimizer", "MomentumOptimizer", "StepTransform",
        "Schedule",
      ])
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

    \(catalogs.section("Optimizers", optimizerCatalog))

    \(catalogs.section("Clipping", clippingCatalog))

    ### Places and tensors

    Every entry of a strategy may say `at` which place of the step it works, and `on` which tensors.

    \(places)

    At `momentum` a transform works on a copy of the momentum, between the rule's taking the gradient in
    and its stepping along it; what the rule remembers stays. These offer it:

    \(offers).

    The others are refused with this list: they have no momentum, or one of scaled steps (`rmsprop`,
    `lars`), or step along several means (`adan`), or keep theirs in another basis (`soap`, `shampoo`),
    or need further sums between momentum and step (`stableadamw`, `prodigy` and the like).

    \(selections)

    \(catalogs.section("Schedules", scheduleCatalog))

    """
  }

  /// Where each clip may work.
  private var places: String {
    let rows = clippingCatalog.entries.compactMap { entry -> String? in
      let transforms = try? entry.make(Hyperparameters(entry.hyperparameters))
      guard let stages = transforms?.first?.allowedStages else { return nil }
      let others = stages.dropFirst().map { "`\($0.rawValue)`" }.joined(separator: ", ")
      return "| `\(entry.name)` | `\(stages[0].rawValue)` | \(others.isEmpty ? "–" : others) |"
    }
    return (["| clip | by default | also |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
  }

  private var offers: String {
    optimizerCatalog.momentumOffers.map { offer in
      let parts = offer.split(separator: " ", maxSplits: 1)
      return (["`\(parts[0])`"] + parts.dropFirst().map(String.init)).joined(separator: " ")
    }.joined(separator: ", ")
  }

  /// What `on` may say, from the comment of the type.
  private var selections: String { catalogs.comment(of: "TensorSelection").joined(separator: "\n") }

  /// The entries whose rule is written nowhere.
  var undocumented: [String] {
    undocumented(optimizerCatalog) + undocumented(scheduleCatalog) + undocumented(clippingCatalog)
  }

  private func undocumented<Product>(_ catalog: Catalog<Product>) -> [String] {
    catalog.entries.filter { $0.name != "none" && catalogs.rule(of: $0).isEmpty }.map(\.name)
  }
}
