public import Records

/// The steps and evaluations of runs as CSV, one row for each: the trajectories, where `runs.csv` of a
/// report has one row a run. Missing values are empty, non-finite ones `nan`, `inf` and `-inf`.
public struct RunRows: Sendable {
  /// The names of what runs recorded at each step beside the series that all have.
  private let further: [String]

  /// - Parameter runs: All that are to be written, for their columns.
  public init(_ runs: [RunRecord]) {
    var names: [String] = []
    for series in runs.flatMap(\.trajectory.further) where !names.contains(series.quantity.name) {
      names.append(series.quantity.name)
    }
    further = names
  }

  private static let run = "problem,run,optimizer,clipping,base_learning_rate,seed"

  /// The head of the table of steps.
  public var stepHead: String {
    ([Self.run, "step"] + StepSeries.allCases.map(\.rawValue) + ["clip_fired"] + further)
      .joined(separator: ",") + "\r\n"
  }

  /// A row for each recorded step of a run.
  public func steps(of run: RunRecord) -> String {
    let head = Self.fields(of: run)
    let series = StepSeries.allCases.map { run.trajectory[$0] }
    let others = further.map { name in
      run.trajectory.further.first { $0.quantity.name == name }?.values ?? []
    }
    var rows = ""
    for step in 0..<run.trajectory.steps {
      rows += "\(head),\(step)"
      for values in series { rows += "," + Self.text(values, step) }
      let fired = run.trajectory.clipFired[step]
      rows += fired < 0 ? "," : ",\(fired)"
      for values in others { rows += "," + Self.text(values, step) }
      rows += "\r\n"
    }
    return rows
  }

  /// The head of the table of evaluations.
  public var evaluationHead: String {
    ([Self.run, "step", "gradient_evaluations", "elapsed_seconds"]
      + EvaluationMetric.allCases.map(\.rawValue)).joined(separator: ",") + "\r\n"
  }

  /// A row for each evaluation of a run.
  public func evaluations(of run: RunRecord) -> String {
    let head = Self.fields(of: run)
    let all = run.evaluations
    return all.steps.indices.map { index in
      var row = "\(head),\(all.steps[index]),\(all.gradientEvaluations[index])"
      row +=
        ","
        + (all.elapsedSeconds.indices.contains(index)
          ? NumberText.exact(all.elapsedSeconds[index]) : "")
      for metric in EvaluationMetric.allCases {
        let value = all[metric].indices.contains(index) ? all[metric][index] : .nan
        row += "," + (value.isNaN ? "" : NumberText.exact(value))
      }
      return row + "\r\n"
    }.joined()
  }

  private static func fields(of run: RunRecord) -> String {
    [
      run.key.problem, run.key.run, run.optimizer, run.clipping,
      NumberText.exact(run.baseLearningRate), "\(run.seed)",
    ].map(quoted).joined(separator: ",")
  }

  private static func text(_ values: [Float], _ step: Int) -> String {
    guard values.indices.contains(step) else { return "" }
    let value = values[step]
    if value.isNaN { return "nan" }
    return value.isFinite ? "\(value)" : value > 0 ? "inf" : "-inf"
  }

  private static func quoted(_ field: String) -> String {
    field.contains { ",\"\r\n".contains($0) }
      ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
  }
}
