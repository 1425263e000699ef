extension ImportFormat {
  /// The log of Keras's CSVLogger.
  static let keras = ImportFormat(
    name: "keras",
    summary: "logs of Keras's CSVLogger: a row for each epoch; the file's name has the rest",
    logs: { paths, _, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(
        paths, where: { [".csv", ".log"].contains(where: $0.hasSuffix) })
      {
        let table = try LogTable(path)
        notes += table.notes
        guard let epoch = table.column("epoch") else {
          throw ImportError(path, "it has no column 'epoch', so it is not Keras's")
        }
        let generic = ["training", "log", "history", "metrics"]
        var run = LoggedRun(
          name: generic.contains(LogFiles.stem(of: path).lowercased())
            ? LogFiles.runName(of: path) { $0.hasSuffix(".csv") || $0.hasSuffix(".log") }
            : LogFiles.stem(of: path), place: path)
        run.stepNumbers = .fromZero
        var previous = -1
        for row in table.rows {
          let number = try table.step(row, epoch)
          guard number > previous else {
            throw ImportError(
              "\(path):\(row.line)",
              "the epoch falls back to \(number): the file holds several runs, which an appending logger writes one behind the other; divide it"
            )
          }
          previous = number
          for column in table.header.indices where column != epoch {
            if let value = try table.number(row, column) {
              run.log(table.header[column], value, at: number)
            }
          }
        }
        runs.append(run)
      }
      return runs
    })
}
