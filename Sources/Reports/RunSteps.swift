public import Records

/// The steps of one run round one of them: what was recorded at each, and of each tensor at that one.
public struct RunSteps: Sendable {
  private let run: RunRecord
  /// The step in the middle.
  private let step: Int
  private let steps: Range<Int>

  /// - Parameters:
  ///   - step: The step in the middle; nil for the one at which the run failed, or else its last.
  ///   - window: The steps before and after it.
  /// - Returns: nil where the run recorded no such step.
  public init?(of run: RunRecord, around step: Int?, window: Int) {
    let count = run.trajectory.steps
    let middle = step ?? (run.failureStep >= 0 ? min(run.failureStep, count - 1) : count - 1)
    guard (0..<count).contains(middle) else { return nil }
    self.run = run
    self.step = middle
    steps = max(0, middle - window)..<min(count, middle + window + 1)
  }

  /// For a terminal: how the run went, its steps, its tensors where they were recorded.
  public var text: String {
    var end = run.outcome.rawValue
    if run.failureStep >= 0 {
      end += " at step \(run.failureStep)"
      if !run.failureTensor.isEmpty { end += " (\(run.failureTensor))" }
    }
    var lines = """
      \(run.key.problem)/\(run.key.run)
        method         \(run.optimizer)\(run.clipping.isEmpty ? "" : " × \(run.clipping)"), learning rate \(NumberText.rate(run.baseLearningRate)), seed \(run.seed)
        ended          \(end), \(run.trajectory.steps) steps recorded
        configuration  \(run.config)

      """
    if !run.messages.isEmpty {
      lines += "\nThe program that computes the objective wrote last:\n"
      lines += run.messages.split(separator: "\n").map { "  \($0)\n" }.joined()
    }
    lines += "\n" + Table("steps", stepColumns, Array(steps)).plainText
    if let tensors = tensorTable { lines += "\n" + tensors.plainText }
    return lines
  }

  /// The same as JSON: an array for each quantity; NaN and infinities as texts.
  public var json: String {
    var series: [String: [Float]] = [:]
    for name in StepSeries.allCases { series[name.rawValue] = Array(run.trajectory[name][steps]) }
    for further in run.trajectory.further where further.values.count == run.trajectory.steps {
      series[further.quantity.name] = Array(further.values[steps])
    }
    return jsonDocument(
      Contents(
        run: "\(run.key.problem)/\(run.key.run)", outcome: run.outcome.rawValue,
        failureStep: run.failureStep, failureTensor: run.failureTensor,
        objectiveMessages: run.messages.isEmpty ? nil : run.messages, steps: Array(steps),
        clipFired: run.trajectory.clipFired[steps].map(Int.init), series: series))
  }

  private struct Contents: Encodable {
    let run: String
    let outcome: String
    let failureStep: Int
    let failureTensor: String
    let objectiveMessages: String?
    let steps: [Int]
    let clipFired: [Int]
    let series: [String: [Float]]
  }

  private var stepColumns: [Column<Int>] {
    let trajectory = run.trajectory
    func number(_ title: String, _ values: [Float]) -> Column<Int> {
      Column(title) { step in
        Prose(
          values.indices.contains(step)
            ? NumberText.significant(Double(values[step]), digits: 5) : "")
      }
    }
    let (middle, fails) = (step, run.failureStep)
    return [
      Column("step") { Prose("\($0 == fails ? "✗ " : $0 == middle ? "› " : "")\($0)") }
    ]
      + [
        number("loss", trajectory[.loss]), number("gradient norm", trajectory[.gradientNorm]),
        number("after clipping", trajectory[.clippedGradientNorm]),
        Column("clipped") { step in
          trajectory.clipFired.indices.contains(step)
            ? (trajectory.clipFired[step] == 1
              ? "yes" : trajectory.clipFired[step] == 0 ? "no" : "")
            : ""
        },
        number("update norm", trajectory[.updateNorm]),
        number("parameter norm", trajectory[.parameterNorm]),
        number("cosine", trajectory[.gradientCosine]),
        number("learning rate", trajectory[.learningRate]),
      ]
  }

  /// One tensor at the step in the middle and at the one before.
  private struct TensorRow {
    let name: String
    /// By quantity: before, and at the step.
    let values: [(before: Float?, now: Float)]
  }

  /// Of each tensor at the step in the middle; nil where tensors were not recorded there.
  private var tensorTable: Table? {
    guard
      let recording = [run.tensors, run.flight].compactMap({ $0 }).first(where: {
        $0.steps.contains(Int32(step))
      }), let row = recording.steps.firstIndex(of: Int32(step)), !recording.tensors.isEmpty
    else { return nil }
    let count = recording.tensors.count
    let names = ["gradient_norm", "update_norm", "parameter_norm"]
    let rows = recording.tensors.enumerated().map { index, name in
      TensorRow(
        name: name,
        values: names.map { quantity in
          let values = recording.series.first { $0.quantity.name == quantity }?.values ?? []
          func value(_ row: Int) -> Float? {
            let place = row * count + index
            return row >= 0 && values.indices.contains(place) ? values[place] : nil
          }
          return (value(row - 1), value(row) ?? .nan)
        })
    }
    let titles = ["gradient norm", "update norm", "parameter norm"]
    return Table(
      "tensors",
      [Column<TensorRow>("tensor at step \(step)", isNumber: false) { Prose($0.name) }]
        + titles.enumerated().map { index, title in
          Column<TensorRow>("\(title) (before)") { row in
            let value = row.values[index]
            func text(_ number: Float) -> String {
              NumberText.significant(Double(number), digits: 4)
            }
            return Prose("\(text(value.now)) (\(value.before.map(text) ?? "–"))")
          }
        }, rows)
  }
}
