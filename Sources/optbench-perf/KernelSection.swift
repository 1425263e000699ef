import Reports
import Tensors

/// Parameters of one tensor, or in a hundred.
private struct KernelLayout {
  let tensors: Int
  let count: Int

  static let all =
    [10_000, 100_000, 1_000_000].map { KernelLayout(tensors: 1, count: $0) }
    + [KernelLayout(tensors: 100, count: 1_000_000)]

  var name: String { tensors == 1 ? "\(count)" : "\(tensors) × \(count / tensors)" }
  var isLarge: Bool { count == 1_000_000 }

  /// As one axis: a vector, which matrix rules treat element by element.
  var layout: ParameterLayout {
    ParameterLayout(
      (0..<tensors).map { ("tensor\($0)", [count / tensors], ParameterRole.weight) })
  }
}

/// The least ratio of a peer's time to ours at a million parameters in one tensor; 1 for all others.
private let targets: [String: Double] = [
  "sgd": 1.25, "momentum": 1.25, "adagrad": 1.1, "adam": 1.5, "adamw": 1.5, "rmsprop": 1.5,
]

/// Nanoseconds per parameter of each optimizer that works element by element.
func kernelSections(_ names: [String], _ peers: Peers) throws -> [Section] {
  var result = Section(
    title: "Optimizer kernels: nanoseconds per parameter",
    columns: ["optimizer"]
      + KernelLayout.all.flatMap { ["\($0.name): applied", "\($0.name): measured"] },
    remarks: [
      "*Applied* is one step of the rule from gradient and state to the changed parameters. "
        + "*Measured* also makes the norms of update and parameters, tensor by tensor, as every "
        + "recorded step does."
    ])
  var ratios = Section(
    title: "The same kernels elsewhere",
    columns: [
      "optimizer", "layout", "optbench: applied", "measured", "fastest peer's step",
      "peer ÷ applied", "target", "peer ÷ measured",
    ],
    remarks: [
      "A peer's step writes the parameters in place and measures nothing, as *applied* does. The "
        + "peer is the fastest of PyTorch's fused and foreach forms where PyTorch has the rule, and "
        + "otherwise of the author's package and pytorch_optimizer."
    ])
  for name in names {
    var cells = [name]
    for place in KernelLayout.all {
      let kernel = try OptimizerKernel(name, layout: place.layout)
      let timings = time(
        [Workload { kernel.apply() }, Workload { kernel.applyAndMeasure() }], rounds: 15,
        blockSeconds: 0.01)
      let (applied, measured) = (timings[0], timings[1])
      cells += timings.map { NumberText.fixed($0.median * 1e9 / Double(place.count), digits: 3) }

      guard let peer = peers.fastest(at: "kernel \(name) \(place.tensors) \(place.count)") else {
        continue
      }
      let ratio = peer.timing.median / applied.median
      let target =
        !place.isLarge ? nil : targets[name].map { place.tensors > 1 ? 1.5 : $0 } ?? 1
      ratios.rows.append([
        name, place.name, Cell.time(applied), Cell.time(measured),
        "\(Cell.time(peer.timing)), \(peer.peer)", Cell.ratio(ratio),
        target.map { Cell.target("≥ \(Cell.ratio($0))", isMet: ratio >= $0) } ?? Cell.none,
        Cell.ratio(peer.timing.median / measured.median),
      ])
    }
    result.rows.append(cells)
  }
  return ratios.rows.isEmpty ? [result] : [result, ratios]
}
