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

  public init(_ description: String) { self.description = description }
}

/// A shape for people: `28×28×1`.
public func shapeLabel(_ shape: [Int]) -> String {
  shape.map(String.init).joined(separator: "×")
}

/// The layers that an experiment file can list.
public enum Layers {
  public static let catalog = Catalog<any LayerDefinition>(
    kind: "layer",
    [
      DenseDefinition.entry,
      ConvolutionDefinition.entry,
      BatchNormDefinition.entry,
      FlattenDefinition.entry,
      DropoutDefinition.entry,
      EmbeddingDefinition.entry,
      GaussianSamplingDefinition.entry,
    ] + PoolDefinition.entries + RecurrentDefinition.entries)

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
        throw ShapeMismatch("layer \(position + 1) (\(definition.kind)): \(error)")
      }
    }
    return layers
  }
}
