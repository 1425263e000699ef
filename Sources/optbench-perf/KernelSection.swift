import Reports

private let sizes = [10_000, 100_000, 1_000_000]

/// The least ratio of a peer's time to ours at a million parameters.
private let targets: [String: Double] = [
  "sgd": 1.25, "momentum": 1.25, "adagrad": 1.1, "adam": 1.5, "adamw": 1.5, "rmsprop": 1.5,
]

/// Nanoseconds per parameter of each elementwise optimizer.
func kernelSections(_ peers: Peers) throws -> [Section] {
  var result = Section(
    title: "Optimizer kernels: nanoseconds per parameter",
    columns: ["optimizer"]
      + sizes.flatMap { ["\($0): update", "\($0): applied"] }
      + ["100 × 10000: update", "100 × 10000: applied"],
    remarks: [
      "*Update* is the rule alone: from gradient and state to the proposed update. *Applied* adds it "
        + "to the parameters with the norms of update and parameters, tensor by tensor, as every "
        + "step does."
    ])
  var ratios = Section(
    title: "The same kernels in PyTorch",
    columns: [
      "optimizer", "layout", "optbench: update", "applied",
      "PyTorch, the faster of fused and foreach",
      "PyTorch ÷ update", "target", "PyTorch ÷ applied",
    ],
    remarks: [
      "PyTorch's step writes the parameters in place and measures nothing; *applied* does what it "
        + "does and measures two norms."
    ])
  for name in OptimizerKernel.names {
    var cells = [name]
    for (tensors, count) in sizes.map({ (1, $0) }) + [(100, 1_000_000)] {
      let kernel = try OptimizerKernel(name, tensors: tensors, count: count)
      let timings = time(
        [Workload { kernel.propose() }, Workload { kernel.proposeAndApply() }], rounds: 15,
        blockSeconds: 0.01)
      cells += timings.map { NumberText.fixed($0.median * 1e9 / Double(count), digits: 3) }

      let layout = tensors == 1 ? "\(count)" : "\(tensors) × \(count / tensors)"
      guard let peer = peers.fastest(at: "kernel \(name) \(tensors) \(count)") else { continue }
      let update = peer.timing.median / timings[0].median
      let target =
        tensors > 1 ? (targets[name] == nil ? nil : 1.5) : count == sizes.last ? targets[name] : nil
      ratios.rows.append([
        name, layout, Cell.time(timings[0]), Cell.time(timings[1]),
        "\(Cell.time(peer.timing)), \(peer.peer)", Cell.ratio(update),
        target.map { Cell.target("≥ \(Cell.ratio($0))", isMet: update >= $0) } ?? Cell.none,
        Cell.ratio(peer.timing.median / timings[1].median),
      ])
    }
    result.rows.append(cells)
  }
  return ratios.rows.isEmpty ? [result] : [result, ratios]
}
