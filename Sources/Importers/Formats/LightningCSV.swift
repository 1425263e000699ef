internal import Files
internal import Settings

extension ImportFormat {
  /// `metrics.csv` of Lightning's CSVLogger.
  static let lightning = ImportFormat(
    name: "lightning",
    summary: "metrics.csv of Lightning's CSVLogger, with hparams.yaml beside it",
    logs: { paths, _, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(paths, where: { $0 == "metrics.csv" }) {
        let table = try LogTable(path)
        notes += table.notes
        guard let step = table.column("step") else {
          throw ImportError(path, "it has no column 'step', so it is not Lightning's")
        }
        var run = LoggedRun(
          name: LogFiles.runName(of: path) { name in
            name == "metrics.csv" || name.hasPrefix("version_") || name == "lightning_logs"
              || name == "csv_logs"
          }, place: path)
        // Values of training and validation of one step stand in rows of their own.
        for row in table.rows {
          let number = try table.step(row, step)
          for column in table.header.indices where column != step {
            guard let value = try table.number(row, column) else { continue }
            run.log(table.header[column], value, at: number)
          }
        }
        let options = folder(of: path) + "/hparams.yaml"
        if try LogFiles.kind(of: options) == .file {
          run.parameters = try yamlParameters(try LogFiles.text(of: options), file: options)
        }
        runs.append(run)
      }
      return runs
    })
}

/// The single values of a YAML mapping as texts; of what it nests, under `outer.inner`.
func yamlParameters(
  _ text: String, file: String
) throws(ImportError) -> [(name: String, text: String)] {
  let root: Setting
  do throws(SettingsError) { root = try Setting.parse(text, file: file) } catch {
    // Objects of Python, which loggers write as they are, are no values.
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
      guard parts.count == 2, line.first?.isWhitespace == false else { return nil }
      return parts[1].isEmpty || parts[1].hasPrefix("!") ? nil : (parts[0], parts[1])
    }
  }
  var parameters: [(name: String, text: String)] = []
  func collect(_ setting: Setting, _ prefix: String, _ depth: Int) {
    for key in setting.keys {
      guard let value = setting.value(of: key) else { continue }
      if value.isMapping, depth < 4 {
        collect(value, prefix + key + ".", depth + 1)
      } else if !value.isSequence, !value.isNull, !value.isMapping {
        parameters.append((prefix + key, (try? value.anyText()) ?? value.canonicalJSON))
      }
    }
  }
  collect(root, "", 0)
  return parameters
}

extension Setting {
  /// A single value as it is written, without the quotes of JSON.
  fileprivate func anyText() throws(SettingsError) -> String {
    let json = canonicalJSON
    return json.hasPrefix("\"") ? try text() : json
  }
}
