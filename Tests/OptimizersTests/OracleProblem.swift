import Foundation
import Tensors

/// The four small problems of `Oracles/problems.json`, with their gradients in Double.
struct OracleProblem: Decodable {
  struct Tensor: Decodable {
    let name: String
    let shape: [Int]
  }

  let kind: String
  let steps: Int
  let params: [Tensor]
  let initial: [Double]
  let grads: [[Double]]?
  let matrix: [[Double]]?
  let vector: [Double]?
  let inputs: [[Double]]?
  let labels: [Double]?

  enum CodingKeys: String, CodingKey {
    case kind, steps, params, grads
    case initial = "init"
    case matrix = "A"
    case vector = "b"
    case inputs = "X"
    case labels = "y"
  }

  var layout: ParameterLayout {
    ParameterLayout(params.map { ($0.name, $0.shape, $0.shape.count > 1 ? .weight : .bias) })
  }

  /// The problem with only the tensors called `names`, of a problem whose gradients are given.
  func keeping(_ names: [String]?) -> OracleProblem {
    guard let names else { return self }
    let kept = layout.tensors.filter { names.contains($0.name) }
      .flatMap { $0.offset..<$0.offset + $0.count }
    return OracleProblem(
      kind: kind, steps: steps, params: params.filter { names.contains($0.name) },
      initial: kept.map { initial[$0] }, grads: grads?.map { step in kept.map { step[$0] } },
      matrix: nil, vector: nil, inputs: nil, labels: nil)
  }

  /// The gradient at `x` before update `step`.
  func gradient(at x: [Double], step: Int) -> [Double] {
    if let grads { return grads[step] }
    if let matrix, let vector {
      return matrix.indices.map { row in
        zip(matrix[row], x).reduce(-vector[row]) { $0 + $1.0 * $1.1 }
      }
    }
    if let inputs, let labels {
      var gradient = Array(repeating: 0.0, count: x.count)
      for (input, label) in zip(inputs, labels) {
        let logit = zip(input, x).reduce(x[x.count - 1]) { $0 + $1.0 * $1.1 }
        let error = (1 / (1 + exp(-logit)) - label) / Double(labels.count)
        for index in input.indices { gradient[index] += error * input[index] }
        gradient[x.count - 1] += error
      }
      return gradient
    }
    return [
      -2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] * x[0]), 200 * (x[1] - x[0] * x[0]),
    ]
  }
}

struct OracleProblems: Decodable {
  let problems: [String: OracleProblem]
}
