extension ImportFormat {
  /// Panels that were exported from Weights & Biases.
  static let wandb = ImportFormat(
    name: "wandb-csv",
    summary:
      "panels exported from Weights & Biases as CSV: a column \"run - metric\" for each run; several files of the same runs are put together",
    logs: { paths, _, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(paths, where: { $0.hasSuffix(".csv") }) {
        let table = try LogTable(path)
        notes += table.notes
        let steps = ["step", "global_step", "trainer_global_step", "epoch", "train_global_step"]
        guard let step = table.column(of: steps) else {
          throw ImportError(
            path,
            "it has no column 'Step': export the panel with the step on its axis, not \(table.header[0])"
          )
        }
        var isSampled = false
        for (column, name) in table.header.enumerated() where column != step {
          guard !name.hasSuffix("__MIN"), !name.hasSuffix("__MAX"),
            let dash = name.ranges(of: " - ").last
          else { continue }
          let (run, metric) = (String(name[..<dash.lowerBound]), String(name[dash.upperBound...]))
          if MetricMeaning(of: metric) == .bookkeeping { continue }
          if !runs.contains(where: { $0.name == run }) {
            runs.append(LoggedRun(name: run, place: path))
          }
          guard let place = runs.firstIndex(where: { $0.name == run }) else { continue }
          var previous: Int?
          var gaps: Set<Int> = []
          for row in table.rows {
            guard let value = try table.number(row, column) else { continue }
            let number = try table.step(row, step)
            if let previous { gaps.insert(number - previous) }
            previous = number
            runs[place].log(metric, value, at: number)
          }
          if gaps.count > 1 { isSampled = true }
        }
        if isSampled {
          notes.append(
            "\(path): steps are not evenly spaced, as where an export is sampled: what is missing was perhaps logged"
          )
        }
      }
      return runs
    })
}
