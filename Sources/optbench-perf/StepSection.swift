import Experiments
import Problems
import Reports

/// Whole training steps, what recording costs in them, and how close they come to their products.
func stepSections(_ rows: [TrainingRow], _ peers: Peers) throws -> [Section] {
  var parts = Section(
    title: "One training step: Adam, global-norm clip, default recording",
    columns: [
      "row", "step (quartiles)", "target", "gradient alone", "without recording",
      "recording's share", "its target", "products alone", "GFLOP/s there",
      "of the peak", "products' share of the step",
    ],
    remarks: [
      "A block is a run of its own, from its first parameters, through the step loop of the runner. "
        + "*Without recording* is the same loop told not to measure: gradient, the norm that the clip "
        + "needs, the optimizer writing straight into the parameters. *Products alone* are the matrix "
        + "products and convolutions of the same shapes through the same functions, on memory of their "
        + "own."
    ])
  var ratios = Section(
    title: "The same step elsewhere",
    columns: ["row", "optbench", "peer", "peer's step", "peer ÷ optbench"])
  var datasets = LoadedDatasets()
  let method = try TrainingRow.makeMethod()
  let peak = matrixProductPeak()
  parts.remarks.append(
    "The *peak* is what oneDNN reaches on this core on a product of square matrices of order "
      + "1024: \(NumberText.significant(peak)) GFLOP/s.")
  for row in rows {
    let problem = try row.makeProblem(&datasets)
    let timings = time(
      [
        TrainingRow.stepWorkload(problem, method),
        TrainingRow.stepWorkload(problem, method, isRecorded: false),
        TrainingRow.gradientWorkload(problem), row.operationsWorkload(),
      ], rounds: row.effort.rounds, blockSeconds: row.effort.blockSeconds)
    let (step, bare, gradient, products) = (timings[0], timings[1], timings[2], timings[3])
    let recording = (step.median - bare.median) / step.median
    let gigaflops = 2 * Double(row.multiplyAdds) / products.median / 1e9
    parts.rows.append([
      "\(row.name): \(row.summary)", Cell.time(step),
      Cell.target("≤ \(Cell.time(row.target))", isMet: step.median <= row.target),
      Cell.time(gradient), Cell.time(bare), Cell.percent(recording),
      Cell.target(
        "≤ \(Cell.percent(row.recordingTarget))", isMet: recording <= row.recordingTarget),
      Cell.time(products), NumberText.significant(gigaflops), Cell.percent(gigaflops / peak),
      Cell.percent(products.median / step.median),
    ])
    for (peer, timing) in peers.timings(of: row.key) {
      ratios.rows.append([
        row.name, Cell.time(step.median), peer, Cell.time(timing),
        Cell.ratio(timing.median / step.median),
      ])
    }
  }
  return ratios.rows.isEmpty ? [parts] : [parts, ratios]
}

/// The highest rate of a large matrix product, in GFLOP/s.
private func matrixProductPeak() -> Double {
  let order = 1024
  let product = LayerOperation.product(
    rows: order, columns: order, inner: order, isLeftTransposed: false, isRightTransposed: false)
  let multiply = product.prepared
  let timing = time([Workload(unit: multiply)], rounds: 15)[0]
  return 2 * Double(product.multiplyAdds) / timing.median / 1e9
}
