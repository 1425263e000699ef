import HDF5
import Networks
import Settings

/// Examples as arrays in a file: features `[examples, …]`, and classes `[examples]`, classes for each
/// time step `[examples, time]`, or values `[examples]` or `[examples, values]`.
struct ArrayFile: TableFile {
  let format: Format
  let features: String
  let labels: String
  let testFeatures: String?
  let testLabels: String?
  let task: TableTask

  enum Format: String {
    case npz
    case hdf5
  }

  var name: String { format.rawValue }
  var key: String {
    "\(features) \(labels) \(testFeatures ?? "-") \(testLabels ?? "-") \(task.rawValue)"
  }

  func read(_ path: String) throws(ProblemError) -> TableContents {
    let arrays = try open(path)
    let training = try examples(features, labels, arrays, path)
    var test: Examples?
    if let testFeatures, let testLabels {
      let found = try examples(testFeatures, testLabels, arrays, path)
      guard found.shape == training.shape, found.targets.count == training.targets.count else {
        throw ProblemError(
          file: path,
          "test examples of \(found.shape) and \(found.targets.count) targets, training examples of "
            + "\(training.shape) and \(training.targets.count)")
      }
      test = found
    }
    let kind: TargetKind
    switch task {
    case .classes:
      let greatest = max(training.greatestClass, test?.greatestClass ?? 0)
      kind = .classes(Int(greatest) + 1)
    case .values: kind = .values(training.targets.count)
    }
    return TableContents(
      table: training.table(), test: test?.table(), exampleShape: training.shape, targets: kind)
  }

  /// Features and targets of the same number of examples.
  private struct Examples {
    let count: Int
    let shape: [Int]
    let features: ExampleFeatures
    let targets: (content: ExampleTargets, count: Int)

    var greatestClass: Int32 {
      if case .classes(let labels) = targets.content { labels.max() ?? 0 } else { 0 }
    }

    func table() -> ExampleTable {
      var perExample = 1
      if case .classes = targets.content { perExample = targets.count }
      return ExampleTable(
        count: count, features: features, columns: shape.reduce(1, *), targets: targets.content,
        targetsPerExample: perExample)
    }
  }

  private func examples(
    _ featureKey: String, _ labelKey: String,
    _ arrays: (String) throws(ProblemError) -> NumericArray, _ path: String
  ) throws(ProblemError) -> Examples {
    let x = try arrays(featureKey)
    let y = try arrays(labelKey)
    guard let count = x.shape.first, count > 0, x.shape.allSatisfy({ $0 > 0 }) else {
      throw ProblemError(file: "\(path): \(featureKey)", "has the shape \(x.shape): no examples")
    }
    guard y.shape.first == count, y.shape.count <= 2, y.shape.allSatisfy({ $0 > 0 }) else {
      throw ProblemError(
        file: "\(path): \(labelKey)",
        "has the shape \(y.shape); for the \(count) examples of '\(featureKey)' it must be [\(count)] "
          + "or [\(count), targets]")
    }
    guard count <= Int(Int32.max) else {
      throw ProblemError(file: path, "has \(count) examples; allowed: at most \(Int32.max)")
    }
    let features: ExampleFeatures
    if case .bytes(let bytes) = x.elements {
      features = .bytes(bytes, divisor: 1)
    } else {
      features = .floats(try x.floats(of: "\(path): \(featureKey)"))
    }
    let width = y.shape.dropFirst().first ?? 1
    let targets: ExampleTargets
    switch task {
    case .classes:
      targets = .classes(
        try y.classes(of: "\(path): \(labelKey)", most: TableTask.mostClasses))
    case .values:
      targets = .values(try y.floats(of: "\(path): \(labelKey)"), width: width)
    }
    return Examples(
      count: count, shape: x.shape.count == 1 ? [1] : Array(x.shape.dropFirst()),
      features: features, targets: (targets, width))
  }

  /// How the arrays of the file at `path` are read by name.
  private func open(
    _ path: String
  ) throws(ProblemError) -> (String) throws(ProblemError) -> NumericArray {
    switch format {
    case .npz:
      let archive = try ZipArchive(path: path)
      return { (key) throws(ProblemError) in
        guard let bytes = try archive.content(of: "\(key).npy") else {
          let names = archive.names.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 }
          throw ProblemError(
            file: path, "has no array '\(key)'; it has: \(names.prefix(20).joined(separator: ", "))"
          )
        }
        return try NumericArray(npy: bytes, of: "\(path): \(key)")
      }
    case .hdf5:
      let size = try DataFile.size(of: path, key: "path")
      return { (key) throws(ProblemError) in
        try NumericArray(hdf5: path, dataset: key, fileSize: size)
      }
    }
  }

  private static func entry(
    _ format: Format, summary: String, reference: String, noun: String
  ) -> CatalogEntry<any DatasetSource> {
    TableDataset.entry(
      name: format.rawValue, summary: summary, reference: reference,
      options: [
        Hyperparameter(
          "features", .text, default: .text("x"), "\(noun) of the features, [examples, …]"),
        Hyperparameter(
          "labels", .text, default: .text("y"), "\(noun) of the classes or values, [examples, …]"),
        Hyperparameter(
          "test_features", .text, default: .none, optional: true,
          "\(noun) of the test examples' features; null cuts them from the others"),
        Hyperparameter(
          "test_labels", .text, default: .none, optional: true,
          "\(noun) of the test examples' classes or values"),
      ]
    ) { options throws(HyperparameterError) in
      let (features, labels) = (
        options.optionalText("test_features"), options.optionalText("test_labels")
      )
      guard (features == nil) == (labels == nil) else {
        throw HyperparameterError(
          features == nil ? "test_labels" : "test_features",
          "give both 'test_features' and 'test_labels', or neither")
      }
      if features != nil, options["test"] != .none {
        throw HyperparameterError(
          "test", "the file has test examples of its own ('test_features'); leave out one of them")
      }
      return ArrayFile(
        format: format, features: options.text("features"), labels: options.text("labels"),
        testFeatures: features, testLabels: labels, task: TableTask(options))
    }
  }

  static let npzEntry = entry(
    .npz, summary: "arrays in a NumPy .npz file (by path)",
    reference: "NumPy, Harris et al. (2020)",
    noun: "array")
  static let hdf5Entry = entry(
    .hdf5, summary: "datasets in an HDF5 file (by path)", reference: "The HDF Group",
    noun: "path of the dataset")
}

extension NumericArray {
  /// A dataset of numbers in an HDF5 file.
  ///
  /// - Parameter fileSize: The file's bytes, which bound what a dataset can hold: HDF5's gzip filter
  ///   expands 1032-fold at most. A dataset that was never written takes no room whatever its size,
  ///   and is refused.
  init(hdf5 path: String, dataset: String, fileSize: Int) throws(ProblemError) {
    do {
      let file = try HDF5File.open(path)
      let root = try file.root()
      let stored = try root.dataset(dataset)
      let shape = stored.shape
      guard let bytes = elementCount(of: shape, times: MemoryLayout<Double>.size),
        bytes / 8 <= fileSize * 1032
      else {
        throw ProblemError(
          file: "\(path): \(dataset)",
          "claims the shape \(shape), more than the file's \(fileSize) bytes can hold")
      }
      try DataFile.requireMemory(bytes, for: "\(path): \(dataset)")
      // Numbers of any kind are converted; labels may need all digits of an integer.
      self.init(shape: shape, elements: .doubles(try stored.read(as: Double.self)))
    } catch let error as ProblemError {
      throw error
    } catch {
      throw ProblemError(file: path, "\(error)")
    }
  }
}
