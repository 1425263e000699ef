import Networks
import Settings

/// The layers that an experiment file lists, one after the other:
///
///     model:
///       name: layers
///       layers:
///         - {name: dense, outputs: 32}
///         - relu
///         - dense
///
/// Each layer takes the shape that the one before gives, the first that of an example. `dense` without
/// `outputs` gives as many as the data ask for.
struct LayerList: ModelArchitecture {
  let definitions: [any LayerDefinition]
  let label: String

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    try Model(definitions, inputShape: exampleShape, outputs: outputs)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    "\(shapeLabel(exampleShape)): \(label)"
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "layers", summary: "the layers that are listed, each taking what the one before gives",
    reference: "", hyperparameters: [Layers.listOption("layers from the first to the last")]
  ) { options throws(HyperparameterError) in
    LayerList(
      definitions: try Layers.listed(in: options),
      label: options.entries("layers").map(\.label).joined(separator: ", "))
  }
}
