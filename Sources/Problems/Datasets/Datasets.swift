public import Settings

/// The data sets that an experiment file can name.
public enum Datasets {
  public static let catalog = Catalog<any DatasetSource>(
    kind: "data set", synonyms: .datasets, optionSynonyms: .datasetOptions,
    [
      FashionMNIST.entry, MNIST.entry, CIFAR.tenEntry, CIFAR.hundredEntry, Digits.entry,
      CharacterText.entry, CSVFile.entry, ArrayFile.npzEntry, ArrayFile.hdf5Entry,
      AddingProblem.entry,
      TemporalOrder.entry, CopyMemory.entry, Spirals.entry, Blobs.entry, TeacherStudent.entry,
      SyntheticImages.entry,
    ])

  /// Whether the data set called `name` can be loaded with its default options; nil if there is no
  /// such data set.
  public static func availability(of name: String) -> DatasetAvailability? {
    guard let entry = catalog.entry(named: name),
      let source = try? entry.make(Hyperparameters(entry.hyperparameters))
    else { return nil }
    return source.availability(baseDirectory: "")
  }
}

/// The data sets that have been read, so that problems share them.
public struct LoadedDatasets {
  private var examples: [String: StoredExamples] = [:]

  public init() {}

  /// The data set of `source`; its files are read the first time they are asked for.
  public mutating func dataset(
    from source: any DatasetSource, baseDirectory: String
  ) throws(ProblemError) -> Dataset {
    let key = source.storageKey(baseDirectory: baseDirectory)
    let stored: StoredExamples
    if let loaded = examples[key] {
      stored = loaded
    } else {
      stored = try source.load(baseDirectory: baseDirectory)
      examples[key] = stored
    }
    return source.split(stored)
  }
}
