import Problems
import Settings

/// The source of the data set that `yaml` describes, such as `{name: adding, length: 20}`.
func datasetSource(
  _ yaml: String, in folder: String = ""
) throws -> any DatasetSource {
  let setting = try Setting.parse(yaml, file: "test.yml")
  let choice = try Datasets.catalog.choice(at: setting)
  return try Datasets.catalog.make(choice, at: setting).examined(baseDirectory: folder)
}

/// The data set that `yaml` describes.
func dataset(_ yaml: String, in folder: String = "") throws -> Dataset {
  var loaded = LoadedDatasets()
  return try loaded.dataset(from: datasetSource(yaml, in: folder), baseDirectory: folder)
}
