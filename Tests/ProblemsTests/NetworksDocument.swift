import Foundation
import Networks
import Problems
import Settings
import TestSupport

/// `docs/networks.md`: every layer, model, initialization and loss with its options from the
/// catalogs, and its formula, shapes and deviations from the comment of the type that computes it.
struct NetworksDocument {
  private let catalogs: CatalogDocument

  /// - Parameter sources: The folder of all modules' sources.
  init(sources: URL) throws {
    catalogs = try CatalogDocument(
      sources: ["Networks", "Problems/Models"].map { sources.appendingPathComponent($0) },
      computing: ["Layer", "Loss", "ProbabilisticLoss", "ModelArchitecture"])
  }

  var text: String {
    """
    # Networks

    Every layer, model, initialization and loss that an experiment file can name, with its formula, its
    options and where it differs from PyTorch. This page is generated: from the catalogs and from the
    comments of the types that compute. `UPDATE_GOLDEN=1 swift test --filter NetworksDocument` writes it
    again. `optbench list layers` (or `models`, `losses`, `initializations`) prints the options.

    ## Shapes

    | one example | shape | used by |
    | --- | --- | --- |
    | features | `[features]` | `dense`, `layer-norm`, activations |
    | an image | `[height, width, channels]` | convolution, pooling |
    | a sequence | `[time, features]` | recurrent layers, attention; `dense` at each time step |
    | numbered symbols | `[time]` | embeddings |

    Images have their channels last, where PyTorch's have them first: the layout in which oneDNN works
    without reordering. Weights keep PyTorch's shapes. A list of layers is written as a model:

    ```yaml
    model:
      name: layers
      layers:
        - flatten
        - {name: dense, outputs: 64}
        - name: residual
          layers: [layer-norm, gelu, {name: dense, outputs: 64}]
        - dense
    ```

    Each layer takes the shape that the one before gives; what does not fit is refused with the layer's
    place, before anything runs. A layer is named by its kind and its number among those of the kind, and
    its tensors after it: `dense2.weight`, `residual1.layer-norm1.bias`.

    \(catalogs.section("Layers", Layers.catalog, sharing: ""))

    \(catalogs.section("Models", Models.catalog, sharing: ""))

    ## Initializations

    Each has the option `gain`, a factor of the initial weights. fan_in are the inputs that an output
    sums over, fan_out the outputs that an input goes to. Biases start at 0 except with `torch-default`;
    norms and embeddings start as their layer says. NumPy can regenerate the numbers:
    `scripts/oracles/initial_parameters.py`.

    \(CatalogDocument.summary(Initializations.catalog))

    \(catalogs.section("Losses", Losses.catalog, sharing: ""))

    """
  }

  /// The entries whose formula is written nowhere.
  var undocumented: [String] {
    undocumented(Layers.catalog) + undocumented(Models.catalog) + undocumented(Losses.catalog)
  }

  private func undocumented<Product>(_ catalog: Catalog<Product>) -> [String] {
    catalog.entries.filter { catalogs.rule(of: $0).isEmpty }.map(\.name)
  }
}
