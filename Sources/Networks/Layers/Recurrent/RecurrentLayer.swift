import Tensors

/// What a recurrent layer's units compute in each time step.
public enum RecurrentUnit: Sendable, Equatable {
  /// h′ = f(W_ih x + b_ih + W_hh h + b_hh) with f = tanh, or relu where `isRectified`; Elman (1990).
  case elman(isRectified: Bool)
  /// The gated recurrent unit of Cho et al. (2014).
  case gru
  /// Long short-term memory, Hochreiter & Schmidhuber (1997). `forgetBias` is added to the initial
  /// forget gates' input biases; 1 lets the state survive at first (Jozefowicz et al., 2015).
  case lstm(forgetBias: Double)

  /// The name in an experiment file.
  public var kind: String {
    switch self {
    case .elman: "elman"
    case .gru: "gru"
    case .lstm: "lstm"
    }
  }

  var cell: any RecurrentCell {
    switch self {
    case .elman(let isRectified): ElmanCell(nonlinearity: isRectified ? .relu : .tanh)
    case .gru: GRUCell()
    case .lstm: LSTMCell()
    }
  }
}

/// A layer that passes a hidden state from each time step to the next, starting from 0, and gives
/// the last one, `[units]`, or that of every time step, `[time, units]`.
///
/// Tensors as in PyTorch's `RNN`, `GRU` and `LSTM` with one layer, gates in its order: `weight_ih`
/// `[gates·units, features]`, `weight_hh` `[gates·units, units]`, `bias_ih` and `bias_hh`
/// `[gates·units]`. The gradient goes back through all time steps (Werbos, 1990).
///
/// Initialisation treats a gate as a layer of its own: `weight_ih` has `features` inputs and `units`
/// outputs, the other tensors `units` inputs and outputs. `torch-default` is PyTorch's: all four
/// tensors uniform up to 1/√units.
public struct RecurrentLayer: Layer {
  public let name: String
  public let inputShape: [Int]
  public let outputShape: [Int]
  public let unit: RecurrentUnit
  let units: Int
  let outputsAllSteps: Bool
  private let initialization: any Initialization

  /// A layer of positive size.
  ///
  /// - Parameters:
  ///   - inputShape: `[time, features]`.
  ///   - outputsAllSteps: Whether the hidden states of all time steps come out, not the last alone.
  public init(
    name: String, inputShape: [Int], unit: RecurrentUnit, units: Int, outputsAllSteps: Bool,
    initialization: any Initialization
  ) {
    precondition(
      inputShape.count == 2 && inputShape.allSatisfy { $0 > 0 } && units > 0,
      "no recurrent layer from \(inputShape) to \(units) units")
    self.name = name
    self.inputShape = inputShape
    self.unit = unit
    self.units = units
    self.outputsAllSteps = outputsAllSteps
    outputShape = outputsAllSteps ? [inputShape[0], units] : [units]
    self.initialization = initialization
  }

  var steps: Int { inputShape[0] }
  var features: Int { inputShape[1] }
  var cell: any RecurrentCell { unit.cell }

  public var summary: String {
    let activation = if case .elman(true) = unit { ", relu" } else { "" }
    return "\(unit.kind) \(features)-\(units)\(activation), "
      + (outputsAllSteps ? "every time step" : "last time step")
  }

  public var tensors: [LayerTensor] {
    let rows = cell.gates * units
    func tensor(_ name: String, _ shape: [Int], fanIn: Int) -> LayerTensor {
      LayerTensor(
        name: name, shape: shape, role: shape.count == 1 ? .bias : .weight, fanIn: fanIn,
        fanOut: units, initialization: initialization, torchFanIn: units)
    }
    var inputBias = tensor("bias_ih", [rows], fanIn: units)
    if case .lstm(let forgetBias) = unit, forgetBias != 0 {
      inputBias = LayerTensor(
        name: inputBias.name, shape: inputBias.shape, role: .bias, fanIn: units, fanOut: units,
        initialization: ForgetBias(value: forgetBias, units: units, rest: initialization),
        torchFanIn: units)
    }
    return [
      tensor("weight_ih", [rows, features], fanIn: features),
      tensor("weight_hh", [rows, units], fanIn: units),
      inputBias,
      tensor("bias_hh", [rows], fanIn: units),
    ]
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    RecurrentComputation(self, at: place)
  }
}

/// The biases of another rule, with a value added to those of an LSTM's forget gates.
private struct ForgetBias: Initialization {
  let value: Double
  let units: Int
  let rest: any Initialization

  func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    var values = rest.values(for: tensor, from: &stream)
    for index in units..<2 * units { values[index] += Float(value) }
    return values
  }
}
