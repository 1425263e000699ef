import Tensors

/// Recurrent layers, a dense layer and cross-entropy in `Double`, forward only, written as the
/// formulas of PyTorch's documentation read: what the fast network is compared with.
struct ReferenceRecurrentNetwork {
  let kind: String
  let isRectified: Bool
  let steps: Int
  let features: Int
  let units: Int
  let layers: Int
  let outputsAllSteps: Bool
  let classes: Int

  var gates: Int { ["elman": 1, "gru": 3, "lstm": 4][kind] ?? 0 }

  var parameterCount: Int {
    (0..<layers).reduce(units * classes + classes) {
      $0 + gates * units * (($1 == 0 ? features : units) + units + 2)
    }
  }

  /// The mean loss; an input is `steps × features` numbers, the labels one for each prediction.
  func loss(_ parameters: [Double], inputs: [[Double]], labels: [Int]) -> Double {
    var labels = labels[...]
    var total = 0.0
    for input in inputs {
      var sequence = (0..<steps).map { Array(input[$0 * features..<($0 + 1) * features]) }
      var offset = 0
      for _ in 0..<layers { sequence = run(parameters, &offset, sequence) }
      for state in outputsAllSteps ? sequence[...] : sequence.suffix(1) {
        let outputs = affine(parameters, offset, offset + classes * units, state, rows: classes)
        let largest = outputs.max() ?? 0
        let sum = outputs.reduce(0) { $0 + exponential($1 - largest) }
        total += logarithm(sum) + largest - outputs[labels.removeFirst()]
      }
    }
    return total / Double(inputs.count * (outputsAllSteps ? steps : 1))
  }

  private func run(
    _ parameters: [Double], _ offset: inout Int, _ sequence: [[Double]]
  ) -> [[Double]] {
    let rows = gates * units
    let inputWeight = offset
    let recurrentWeight = inputWeight + rows * sequence[0].count
    let inputBias = recurrentWeight + rows * units
    let recurrentBias = inputBias + rows
    offset = recurrentBias + rows
    var hidden = [Double](repeating: 0, count: units)
    var cell = hidden
    return sequence.map { x in
      let a = affine(parameters, inputWeight, inputBias, x, rows: rows)
      let b = affine(parameters, recurrentWeight, recurrentBias, hidden, rows: rows)
      for unit in 0..<units {
        func sum(_ gate: Int) -> Double { a[gate * units + unit] + b[gate * units + unit] }
        switch kind {
        case "gru":
          let (reset, update) = (sigmoid(sum(0)), sigmoid(sum(1)))
          let candidate = tanh(a[2 * units + unit] + reset * b[2 * units + unit])
          hidden[unit] = (1 - update) * candidate + update * hidden[unit]
        case "lstm":
          cell[unit] = sigmoid(sum(1)) * cell[unit] + sigmoid(sum(0)) * tanh(sum(2))
          hidden[unit] = sigmoid(sum(3)) * tanh(cell[unit])
        default:
          hidden[unit] = isRectified ? max(sum(0), 0) : tanh(sum(0))
        }
      }
      return hidden
    }
  }

  private func affine(
    _ parameters: [Double], _ weight: Int, _ bias: Int, _ x: [Double], rows: Int
  ) -> [Double] {
    (0..<rows).map { row in
      x.indices.reduce(parameters[bias + row]) {
        $0 + parameters[weight + row * x.count + $1] * x[$1]
      }
    }
  }

  private func tanh(_ x: Double) -> Double { 1 - 2 / (exponential(2 * x) + 1) }
  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exponential(-x)) }
}
