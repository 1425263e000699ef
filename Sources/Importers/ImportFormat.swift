/// A way in which other programs keep their runs.
public struct ImportFormat: Sendable {
  /// What `--from` calls it.
  public let name: String
  /// What is read, in one line.
  public let summary: String
  /// Reads the runs of files and folders.
  public let read: @Sendable ([String], ImportOptions) throws(ImportError) -> ImportedRuns

  public init(
    name: String, summary: String,
    read: @escaping @Sendable ([String], ImportOptions) throws(ImportError) -> ImportedRuns
  ) {
    self.name = name
    self.summary = summary
    self.read = read
  }

  /// A format of logs, whose runs are judged here.
  init(
    name: String, summary: String,
    logs:
      @escaping @Sendable ([String], ImportOptions, inout [String]) throws(ImportError) ->
      [LoggedRun]
  ) {
    self.init(name: name, summary: summary) { paths, options throws(ImportError) in
      var imported = ImportedRuns()
      var found = try logs(paths, options, &imported.notes)
      for log in found where log.series.isEmpty {
        imported.notes.append("\(log.place): nothing is logged of '\(log.name)'; it is left out")
      }
      found.removeAll { $0.series.isEmpty }
      guard !found.isEmpty else {
        throw ImportError(
          paths.joined(separator: ", "), "no run of the format '\(name)' is there: \(summary)")
      }
      for log in found {
        imported.runs.append(
          try RecordedRun(log, recordedBy: name, options, notes: &imported.notes))
      }
      return imported
    }
  }

  /// All of them.
  public static let all: [ImportFormat] = [
    .csv, .journal, .tensorboard, .trackio, .wandb, .lightning, .keras, .huggingface, .mlflow,
    .algoperf, .nanogpt,
  ]

  /// The format of `paths` where nobody says one: journals where there are any, or else tables.
  public static func usual(of paths: [String]) -> ImportFormat {
    areJournals(paths) ? .journal : .csv
  }

  public static func named(_ name: String) -> ImportFormat? {
    let name = otherNames[name.lowercased()] ?? name.lowercased()
    return all.first { $0.name == name }
  }

  /// What else people call them.
  private static let otherNames = [
    "tfevents": "tensorboard", "tensorboardx": "tensorboard", "wandb": "wandb-csv",
    "keras-csv": "keras", "lightning-csv": "lightning", "hf": "huggingface",
    "hugging-face": "huggingface", "transformers": "huggingface", "trainer_state": "huggingface",
    "modded-nanogpt": "nanogpt", "generic": "csv", "generic-csv": "csv",
  ]
}

/// What was read.
public struct ImportedRuns: Sendable {
  public var runs: [RecordedRun] = []
  /// What must be said of how it was read, one sentence each.
  public var notes: [String] = []

  public init() {}
}
