import Optimizers
import Reports
import Settings

extension CatalogDefaults {
  /// Those of the catalogs of this program.
  static var catalogs: CatalogDefaults {
    var defaults = CatalogDefaults()
    defaults.optimizers = options(optimizerCatalog)
    defaults.clipping = options(clippingCatalog)
    defaults.schedules = options(scheduleCatalog)
    defaults.searchSpaces = searchSpaces(optimizerCatalog)
      .merging(searchSpaces(clippingCatalog)) { first, _ in first }
      .merging(searchSpaces(scheduleCatalog)) { first, _ in first }
    return defaults
  }

  private static func searchSpaces<Product>(
    _ catalog: Catalog<Product>
  ) -> [String: [String: String]] {
    var entries: [String: [String: String]] = [:]
    for entry in catalog.entries {
      for option in entry.hyperparameters where !option.search.isEmpty {
        entries[entry.name, default: [:]][option.name] = option.searchText
      }
    }
    return entries
  }

  private static func options<Product>(_ catalog: Catalog<Product>) -> [String: [String: String]] {
    var entries: [String: [String: String]] = [:]
    for entry in catalog.entries {
      for option in entry.hyperparameters {
        let json = option.defaultValue.json
        let value = try? Setting.parse(json, file: entry.name).canonicalJSON
        entries[entry.name, default: [:]][option.name] = value ?? json
      }
    }
    return entries
  }
}
