import Tensors

/// Layers of sequences in `Double`, forward only, written as the formulas read.
indirect enum ReferenceLayer: Sendable {
  case dense(Int)
  case positions
  case layerNorm(epsilon: Double)
  case attention(heads: Int, causal: Bool)
  case activation(@Sendable (Double) -> Double)
  case residual([ReferenceLayer])

  /// The outputs at each time step; takes the layer's parameters from the front of `parameters`.
  func outputs(_ x: [[Double]], _ parameters: inout ArraySlice<Double>) -> [[Double]] {
    switch self {
    case .dense(let outputs):
      return Self.dense(x, outputs, &parameters)
    case .positions:
      return x.map { row in row.map { $0 + parameters.removeFirst() } }
    case .layerNorm(let epsilon):
      let weights = Self.take(x[0].count, &parameters)
      let biases = Self.take(x[0].count, &parameters)
      return x.map { row in
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        return row.indices.map {
          (row[$0] - mean) / (variance + epsilon).squareRoot() * weights[$0] + biases[$0]
        }
      }
    case .attention(let heads, let causal):
      let projected = Self.dense(x, 3 * x[0].count, &parameters)
      return Self.dense(
        Self.attended(projected, heads: heads, causal: causal), x[0].count, &parameters)
    case .activation(let function):
      return x.map { $0.map(function) }
    case .residual(let layers):
      let inner = Self.chain(layers, x, &parameters)
      return zip(x, inner).map { zip($0, $1).map { $0 + $1 } }
    }
  }

  static func chain(
    _ layers: [ReferenceLayer], _ x: [[Double]], _ parameters: inout ArraySlice<Double>
  ) -> [[Double]] {
    var values = x
    for layer in layers { values = layer.outputs(values, &parameters) }
    return values
  }

  private static func attended(_ x: [[Double]], heads: Int, causal: Bool) -> [[Double]] {
    let width = x[0].count / 3
    let depth = width / heads
    return x.indices.map { time in
      (0..<width).map { feature in
        let first = feature / depth * depth
        let seen = causal ? time + 1 : x.count
        let scores = (0..<seen).map { other in
          (first..<first + depth).reduce(0.0) { $0 + x[time][$1] * x[other][width + $1] }
            / Double(depth).squareRoot()
        }
        let terms = scores.map { exponential($0) }
        let sum = terms.reduce(0, +)
        return (0..<seen).reduce(0.0) { $0 + terms[$1] / sum * x[$1][2 * width + feature] }
      }
    }
  }

  private static func dense(
    _ x: [[Double]], _ outputs: Int, _ parameters: inout ArraySlice<Double>
  ) -> [[Double]] {
    let weights = take(outputs * x[0].count, &parameters)
    let biases = take(outputs, &parameters)
    return x.map { row in
      (0..<outputs).map { unit in
        row.indices.reduce(biases[unit]) { $0 + weights[unit * row.count + $1] * row[$1] }
      }
    }
  }

  private static func take(_ count: Int, _ parameters: inout ArraySlice<Double>) -> [Double] {
    defer { parameters = parameters.dropFirst(count) }
    return Array(parameters.prefix(count))
  }
}
