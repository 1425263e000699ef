import Importers
import Records
import TestSupport
import Testing

/// A log in a folder of its own, and what is imported from it.
struct TableFile {
  let folder: TemporaryFolder
  let path: String

  init(_ text: String, name: String = "log.csv") throws {
    folder = try TemporaryFolder()
    path = try folder.write(text, to: name)
  }

  func runs(
    _ format: String, _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> [RunRecord] { try imported(format, change).record.runs }

  func imported(
    _ format: String, _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> RecordedExperiment { try recorded(format, [path], change) }
}

/// What is imported from files.
func recorded(
  _ format: String, _ paths: [String], _ change: (inout ImportOptions) -> Void = { _ in }
) throws -> RecordedExperiment {
  var options = ImportOptions(name: "test")
  change(&options)
  let read = try #require(ImportFormat.named(format)).read
  let imported = try read(paths, options)
  return try RecordedExperiment(imported.runs, options)
}
