internal import Files

extension ImportFormat {
  /// MLflow's file store.
  static let mlflow = ImportFormat(
    name: "mlflow",
    summary: "folders of MLflow's file store (mlruns, an experiment or a run)",
    logs: { paths, _, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(paths, where: { $0 == "meta.yaml" }) {
        let folder = folder(of: path)
        guard try LogFiles.kind(of: folder + "/metrics") == .folder else { continue }
        if let run = try MLflowRun(folder, &notes).run { runs.append(run) }
      }
      return runs
    })
}

/// The folder of one run.
private struct MLflowRun {
  /// nil for a run that was deleted.
  private(set) var run: LoggedRun?

  init(_ folder: String, _ notes: inout [String]) throws(ImportError) {
    let meta = try Self.parameters(folder + "/meta.yaml")
    func value(_ name: String, of list: [(name: String, text: String)]) -> String? {
      list.first { $0.name == name }?.text
    }
    let name =
      value("run_name", of: meta)
      ?? (try? LogFiles.text(of: folder + "/tags/mlflow.runName"))?.trimmed ?? fileName(of: folder)
    if value("lifecycle_stage", of: meta) == "deleted" {
      notes.append("\(folder): the run '\(name)' was deleted, and is left out")
      return
    }
    var run = LoggedRun(name: name, place: folder)
    let experiment = Files.folder(of: folder) + "/meta.yaml"
    if try LogFiles.kind(of: experiment) == .file {
      let title = value("name", of: try Self.parameters(experiment))
      if let title, title != "Default", !title.isEmpty {
        run.problem = title.replacing("/", with: "-")
      }
    }
    for path in try LogFiles.find([folder + "/metrics"], where: { _ in true }) {
      let metric = String(path.dropFirst(folder.count + "/metrics/".count))
      try Self.read(path, metric, into: &run, &notes)
    }
    if try LogFiles.kind(of: folder + "/params") == .folder {
      for path in try LogFiles.find([folder + "/params"], where: { _ in true }) {
        let parameter = String(path.dropFirst(folder.count + "/params/".count))
        run.parameters.append((parameter, try LogFiles.text(of: path).trimmed))
      }
    }
    // 1 and 2: still running; 4 and 5: failed and killed.
    switch value("status", of: meta) ?? "" {
    case "1", "RUNNING", "2", "SCHEDULED":
      run.ending = .unfinished("run is not finished by its status")
    case "4", "FAILED": run.ending = .unfinished("run failed by its status")
    case "5", "KILLED": run.ending = .unfinished("run was killed by its status")
    default: break
    }
    self.run = run
  }

  private static func parameters(_ path: String) throws(ImportError) -> [(
    name: String, text: String
  )] {
    try yamlParameters(try LogFiles.text(of: path), file: path)
  }

  /// Lines of time, value and step; the step is the line's place where a store has none.
  private static func read(
    _ path: String, _ metric: String, into run: inout LoggedRun, _ notes: inout [String]
  ) throws(ImportError) {
    let text = try LogFiles.text(of: path)
    let isCut = text.last.map { !$0.isNewline } ?? false
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let last = lines.lastIndex { !$0.isEmpty }
    for (number, line) in lines.enumerated() where !line.isEmpty {
      let words = line.split(separator: " ")
      if number == last, isCut {
        notes.append("\(path):\(number + 1): the last line is not whole and is left out")
        continue
      }
      guard words.count >= 2, let value = loggedNumber(words[1]),
        let step = words.count > 2 ? Int(words[2]) : number
      else {
        throw ImportError(
          "\(path):\(number + 1)", "'\(line.prefix(60))' is no line of time, value and step")
      }
      run.log(metric, value, at: step)
    }
  }
}
