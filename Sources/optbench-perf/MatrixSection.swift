import Problems
import Tensors

/// Updates of optimizers that work on whole matrices, beside the products and decompositions in them.
func matrixSection() throws -> Section {
  var section = Section(
    title: "Optimizers of matrices: one update beside its bare operations",
    columns: [
      "optimizer", "tensors of", "one update", "products and decompositions alone", "ratio",
      "target",
    ],
    remarks: [
      "Default options. *Products and decompositions alone* are those that the rule cannot do "
        + "without, by oneDNN and LAPACK on memory of their own: for Muon three products in each of "
        + "five Newton–Schulz iterations; for SOAP the turns into the eigenbases and back and the "
        + "second moments, and at every tenth update the QR decompositions; for Shampoo second "
        + "moments, eigenvectors, roots and their application, on axes of at most 256."
    ])
  var datasets = LoadedDatasets()
  for method in MatrixMethod.all {
    for row in TrainingRow.all where method.rows.contains(row.name) {
      let layout = try row.makeProblem(&datasets).layout
      let kernel = try OptimizerKernel(method.name, layout: layout)
      let timings = time(
        [
          Workload { for _ in 0..<method.period { kernel.propose() } },
          method.operationsWorkload(layout),
        ], rounds: 5, blockSeconds: 0.05
      ).map { $0.divided(by: method.period) }
      let ratio = timings[0].median / timings[1].median
      section.rows.append([
        method.name, row.summary, Cell.time(timings[0]), Cell.time(timings[1]), Cell.ratio(ratio),
        Cell.target("≤ 1.50×", isMet: ratio <= 1.5),
      ])
    }
  }
  return section
}
