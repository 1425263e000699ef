import Optimizers
import Reports
import Settings
import Tensors

/// What each clipping strategy costs on a matrix of a million parameters.
func clipSection() throws -> Section {
  var section = Section(
    title: "Clipping strategies: nanoseconds per parameter, a matrix of 1000 × 1000",
    columns: ["strategy", "time", "target"],
    remarks: [
      "Default options, with the norm not yet known: where a trainer has measured it, a strategy that "
        + "asks for it alone costs nothing until it fires."
    ])
  let order = 1000
  let layout = ParameterLayout([("weight", [order, order], .weight)])
  var stream = RandomStream(seed: 0, name: "clips")
  func random() -> FloatBuffer {
    FloatBuffer((0..<layout.count).map { _ in Float(stream.uniform() - 0.5) })
  }
  let (values, parameters) = (random(), random())
  let working = FloatBuffer(count: layout.count)
  for name in clippingCatalog.names where name != "none" {
    let strategy = try ClippingStrategy.read(Setting.parse(name, file: "clips"))
    var state = strategy.makeState(for: layout)
    var step = 0
    let timing = time(
      [
        Workload {
          let context = ClippingContext(
            step: step, learningRate: 1e-3, parameters: parameters.pointer,
            gradient: values.pointer, seed: 0)
          for stage in [ClippingStage.gradient, .update, .parameters] {
            var vector = StepVector(
              layout: layout, values: values.pointer, working: working.pointer)
            _ = strategy.apply(stage: stage, to: &vector, context: context, state: &state)
            _ = vector.values
          }
          step += 1
        }
      ], rounds: 7, blockSeconds: 0.01)[0]
    let nanoseconds = timing.median * 1e9 / Double(layout.count)
    section.rows.append([
      name, NumberText.fixed(nanoseconds, digits: 3),
      name == "noise" ? Cell.target("≤ 5", isMet: nanoseconds <= 5) : Cell.none,
    ])
  }
  return section
}
