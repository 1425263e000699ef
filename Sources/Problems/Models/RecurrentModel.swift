import Networks
import Settings

/// Recurrent layers `elman1`, `elman2`, … (or `gru`, `lstm`) and a dense layer `dense1` on the last
/// hidden state or, with `output: all`, on that of every time step. An image is read row by row.
struct RecurrentModel: ModelArchitecture {
  let unit: RecurrentUnit
  let units: Int
  let depth: Int
  let outputsAllSteps: Bool
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    guard exampleShape.count >= 2 else {
      throw ShapeMismatch(
        "\(unit.kind) takes a sequence [time, features] or an image, whose rows are the time steps")
    }
    var shape = [exampleShape[0], exampleShape[1...].reduce(1, *)]
    var layers: [any Layer] = []
    for number in 1...depth {
      let layer = RecurrentLayer(
        name: "\(unit.kind)\(number)", inputShape: shape, unit: unit, units: units,
        outputsAllSteps: outputsAllSteps || number < depth, initialization: initialization)
      layers.append(layer)
      shape = layer.outputShape
    }
    layers.append(
      DenseLayer(
        name: "dense1", inputShape: shape, outputs: outputs, activation: .identity,
        initialization: initialization))
    return Model(layers)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    let features = exampleShape.dropFirst().reduce(1, *)
    let sizes = ([features] + Array(repeating: units, count: depth) + [outputs]).map(String.init)
    let option =
      switch unit {
      case .elman(true): ", relu"
      case .lstm(let bias) where bias != 0: ", forget bias \(numberLabel(bias))"
      default: ""
      }
    return "\(unit.kind) \(sizes.joined(separator: "-"))\(option), \(initializationLabel)"
  }

  static let entries = RecurrentUnit.kinds.map { kind in
    CatalogEntry<any ModelArchitecture>(
      name: kind.name, summary: "\(kind.summary) and a dense layer", reference: kind.reference,
      hyperparameters: RecurrentUnit.sizeOptions + [
        Hyperparameter("layers", .integer(1...100), default: .integer(1), "recurrent layers")
      ] + RecurrentUnit.options(of: kind.name) + Initializations.options(default: "torch-default")
    ) { options throws(HyperparameterError) in
      RecurrentModel(
        unit: RecurrentUnit.chosen(kind.name, in: options), units: options.integer("units"),
        depth: options.integer("layers"), outputsAllSteps: options.text("output") == "all",
        initialization: try Initializations.chosen(in: options),
        initializationLabel: Initializations.label(in: options))
    }
  }
}
