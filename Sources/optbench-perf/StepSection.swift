import Experiments
import Problems
import Reports

/// Whole training steps, what recording costs in them, and how close they come to their products.
func stepSections(_ rows: [TrainingRow], _ peers: Peers) throws -> [Section] {
  var parts = Section(
    title: "One training step: Adam, global-norm clip, default recording",
    columns: [
      "row", "step (quartiles)", "target", "gradient alone", "without recording",
      "recording's share", "its target", "matrix products alone", "GFLOP/s there",
      "products' share of the step",
    ],
    remarks: [
      "A block is a run of its own, from its first parameters, through the step loop of the runner. "
        + "*Without recording* is gradient, clip, optimizer and θ ← θ + u with nothing measured but "
        + "the clip's norm. *Matrix products alone* are the products of the same shapes through the "
        + "same function, on memory of their own."
    ])
  var ratios = Section(
    title: "The same step elsewhere",
    columns: ["row", "optbench", "peer", "peer's step", "peer ÷ optbench"])
  var datasets = LoadedDatasets()
  let method = try TrainingRow.makeMethod()
  for row in rows {
    let problem = try row.makeProblem(&datasets)
    let timings = time(
      [
        TrainingRow.stepWorkload(problem, method), try TrainingRow.bareStepWorkload(problem),
        TrainingRow.gradientWorkload(problem), row.productsWorkload(),
      ], rounds: 101, blockSeconds: max(0.003, 4 * row.target))
    let (step, bare, gradient, products) = (timings[0], timings[1], timings[2], timings[3])
    let recording = (step.median - bare.median) / step.median
    let gigaflops = 2 * Double(row.multiplyAdds) / products.median / 1e9
    parts.rows.append([
      "\(row.name): \(row.summary)", Cell.time(step),
      Cell.target("≤ \(Cell.time(row.target))", isMet: step.median <= row.target),
      Cell.time(gradient), Cell.time(bare), Cell.percent(recording),
      Cell.target(
        "≤ \(Cell.percent(row.recordingTarget))", isMet: recording <= row.recordingTarget),
      Cell.time(products), NumberText.significant(gigaflops),
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
