import Reports
import Tensors

/// The passes over memory that measure a step.
func passSection() -> Section {
  let sizes = [10_000, 100_000, 1_000_000]
  var section = Section(
    title: "Norms and statistics: nanoseconds per parameter (gigabytes per second)",
    columns: ["pass"] + sizes.map(String.init))
  let passes: [(name: String, bytes: Int, run: (FloatBuffer, FloatBuffer, Int) -> Void)] = [
    ("Σx²", 4, { x, _, count in _ = Vector.sumOfSquares(x.pointer, count: count) }),
    (
      "Σx² and Σxy", 8,
      { x, y, count in _ = Vector.sumOfSquaresAndDot(x.pointer, y.pointer, count: count) }
    ),
    (
      "θ ← θ + u with Σu² and Σθ²", 12,
      { x, y, count in _ = Vector.apply(update: x.pointer, to: y.pointer, count: count) }
    ),
  ]
  var cells = passes.map { [$0.name] }
  for size in sizes {
    var stream = RandomStream(seed: 0, name: "passes")
    let x = FloatBuffer((0..<size).map { _ in Float(stream.uniform() - 0.5) * 1e-6 })
    let y = FloatBuffer((0..<size).map { _ in Float(stream.uniform() - 0.5) })
    let timings = time(
      passes.map { pass in Workload { pass.run(x, y, size) } }, rounds: 21, blockSeconds: 0.01)
    for (index, timing) in timings.enumerated() {
      let nanoseconds = timing.median * 1e9 / Double(size)
      let gigabytes = Double(passes[index].bytes) / nanoseconds
      cells[index].append(
        "\(NumberText.fixed(nanoseconds, digits: 3)) (\(NumberText.fixed(gigabytes, digits: 0)))")
    }
  }
  section.rows = cells
  return section
}
