import Importers
import Records
import TestSupport

/// A log in a folder of its own, and what is imported from it.
struct TableFile {
  let folder: TemporaryFolder
  let path: String

  init(_ text: String, name: String = "log.csv") throws {
    folder = try TemporaryFolder()
    path = try folder.write(text, to: name)
  }

  func runs(
    _ format: ImportFormat, _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> [RunRecord] { try imported(format, change).record.runs }

  func imported(
    _ format: ImportFormat, _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> RecordedExperiment { try recorded(format, [path], change) }
}

/// What is imported from files.
func recorded(
  _ format: ImportFormat, _ paths: [String], _ change: (inout ImportOptions) -> Void = { _ in }
) throws -> RecordedExperiment {
  var options = ImportOptions(name: "test")
  change(&options)
  let imported = try format.read(paths, options)
  return try RecordedExperiment(imported.runs, options)
}
