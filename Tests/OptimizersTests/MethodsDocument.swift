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
        "Optimizer", "AskingOptimizer", "DirectOptimizer", "ClippingTransform", "Schedule",
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

    \(catalogs.section("Schedules", scheduleCatalog))

    """
  }

  /// The entries whose rule is written nowhere.
  var undocumented: [String] {
    undocumented(optimizerCatalog) + undocumented(scheduleCatalog) + undocumented(clippingCatalog)
  }

  private func undocumented<Product>(_ catalog: Catalog<Product>) -> [String] {
    catalog.entries.filter { $0.name != "none" && catalogs.rule(of: $0).isEmpty }.map(\.name)
  }
}
