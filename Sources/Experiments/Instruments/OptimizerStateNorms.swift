internal import Optimizers
internal import Records
internal import Tensors

/// How large what the optimizer remembers is, tensor by tensor: ‖m‖ of each array that lies like the
/// parameters, ‖√v‖ = √Σv of those that hold mean squares (their names end in `_sq`).
///
/// Arrays that lie otherwise, such as factored or matrix statistics, are not recorded.
struct OptimizerStateNorms: Instrument {
  /// One array: where it lies in the state, and whether it holds squares.
  private struct Source {
    let path: [Int]
    let position: Int
    let holdsSquares: Bool
  }

  let quantities: [Quantity]
  let isPerTensor = true
  private let sources: [Source]

  /// Nil for an optimizer that remembers nothing of the kind.
  init?(_ state: NamedArrays, _ layout: ParameterLayout) {
    var sources: [Source] = []
    var quantities: [Quantity] = []
    func collect(_ state: NamedArrays, path: [Int], prefix: String) {
      for (position, array) in state.arrays.enumerated() where array.count == layout.count {
        let name = prefix + state.names[position]
        let holdsSquares = name.hasSuffix("_sq")
        sources.append(Source(path: path, position: position, holdsSquares: holdsSquares))
        quantities.append(
          Quantity(
            name: "state_\(name)_norm",
            longName: "Euclidean norm of the tensor's part of the optimizer's "
              + (holdsSquares ? "root of \(name)" : name)))
      }
      for (index, part) in state.parts.enumerated() {
        collect(part, path: path + [index], prefix: "\(prefix)base\(index == 0 ? "" : "\(index)")_")
      }
    }
    collect(state, path: [], prefix: "")
    if sources.isEmpty { return nil }
    self.sources = sources
    self.quantities = quantities
  }

  func observe(_ step: StepView, into values: UnsafeMutablePointer<Float>) {
    let tensors = step.layout.tensors
    for (index, source) in sources.enumerated() {
      let array = pointer(to: source, in: step.optimizerState, depth: 0)
      for tensor in tensors.indices {
        let part = array + tensors[tensor].offset
        let count = tensors[tensor].count
        let norm =
          source.holdsSquares
          ? Self.sum(part, count: count).squareRoot() : Vector.norm(part, count: count)
        values[index * tensors.count + tensor] = Float(norm)
      }
    }
  }

  private func pointer(
    to source: Source, in state: NamedArrays, depth: Int
  ) -> UnsafePointer<Float> {
    depth == source.path.count
      ? UnsafePointer(state[source.position])
      : pointer(to: source, in: state.parts[source.path[depth]], depth: depth + 1)
  }

  private static func sum(_ values: UnsafePointer<Float>, count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(values[index]) }
    return sum
  }
}

extension InstrumentEntry {
  static let optimizerState = InstrumentEntry(
    name: "optimizer_state",
    summary: "norms per tensor of what the optimizer remembers, at every step"
  ) { method, layout in
    OptimizerStateNorms(method.optimizer.makeState(for: layout), layout)
  }
}
