public import Settings

/// A layer as it is described, before its input is known.
public protocol LayerDefinition: Sendable {
  /// The name in an experiment file, which the names of such layers start with: `dense`.
  var kind: String { get }

  /// The layer for examples of `inputShape`.
  ///
  /// - Parameters:
  ///   - name: The layer's name within its model or layer.
  ///   - inputShape: The shape of one example that goes in.
  ///   - outputs: The outputs that the data ask of a model's last layer: the classes.
  /// - Throws: What does not fit, in numbers.
  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer
}

/// Shapes that do not go together: what was given and what is needed, in a sentence.
public struct ShapeMismatch: Error, Equatable, CustomStringConvertible {
  public let description: String
  /// Where the layer stands in its list, from 0; in a list within a list, the outer place first.
  /// Empty where the layers were not listed.
  public let positions: [Int]

  public init(_ description: String, positions: [Int] = []) {
    self.description = description
    self.positions = positions
  }
}

/// A shape for people: `28×28×1`.
public func shapeLabel(_ shape: [Int]) -> String {
  shape.map(String.init).joined(separator: "×")
}

/// The layers that an experiment file can list.
public enum Layers {
  public static let catalog = Catalog<any LayerDefinition>(
    kind: "layer", synonyms: .layers, optionSynonyms: .layerOptions,
    [
      DenseDefinition.entry,
      ConvolutionDefinition.entry,
      BatchNormDefinition.entry,
      LayerNormDefinition.entry,
      FlattenDefinition.entry,
      DropoutDefinition.entry,
      EmbeddingDefinition.entry,
      GaussianSamplingDefinition.entry,
      PositionalEmbeddingDefinition.entry,
      AttentionDefinition.entry,
      TransformerBlockDefinition.entry,
      ResidualDefinition.entry,
    ] + PoolDefinition.entries + RecurrentDefinition.entries + ActivationDefinition.entries)

  /// A chain of layers, each named by its kind and its number among those of the kind: `dense1`.
  ///
  /// - Throws: Which layer does not fit what comes before, counting from 1, and why.
  public static func chain(
    _ definitions: [any LayerDefinition], inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> [any Layer] {
    var counts: [String: Int] = [:]
    var shape = inputShape
    var layers: [any Layer] = []
    for (position, definition) in definitions.enumerated() {
      let number = counts[definition.kind, default: 0] + 1
      counts[definition.kind] = number
      do {
        let layer = try definition.makeLayer(
          name: "\(definition.kind)\(number)", inputShape: shape, outputs: outputs)
        layers.append(layer)
        shape = layer.outputShape
      } catch {
        throw ShapeMismatch(
          "layer \(position + 1) (\(definition.kind)): \(error)",
          positions: [position] + error.positions)
      }
    }
    return layers
  }
}

extension Layers {
  /// The option `layers`: a list of entries of this catalog.
  public static func listOption(_ summary: String) -> Hyperparameter {
    Hyperparameter(
      "layers", .entries(NestedCatalog(kind: "layer") { catalog }), default: .entries([]), summary)
  }

  /// The layers that the option `layers` lists.
  public static func listed(
    in options: Hyperparameters
  ) throws(HyperparameterError) -> [any LayerDefinition] {
    let choices = options.entries("layers")
    guard !choices.isEmpty else {
      throw HyperparameterError(
        "layers",
        "the list of layers is missing; one is written as layers: [{name: dense, outputs: 64}, relu]"
      )
    }
    return try catalog.make(choices, as: "layers")
  }
}
