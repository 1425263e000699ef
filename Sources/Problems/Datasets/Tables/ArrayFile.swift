import Networks
import Settings

/// Examples as arrays in a file: features `[examples, …]`, and classes `[examples]`, classes for each
/// time step `[examples, time]`, or values `[examples]` or `[examples, values]`. Numbers may be floats
/// of 16 to 64 bits, integers of either kind of 8 to 64 bits or booleans, in either byte order; NumPy's
/// arrays also in Fortran order. They are rounded to 32-bit floats once.
///
/// Classes are integers from 0. Two other habits are understood: classes from 1, where each of 1 to the
/// greatest occurs and 0 does not, are numbered from 0; and one-hot labels `[examples, classes]`, a one
/// and zeros in each row, are the classes that they say (with `one_hot: null` not where the features
/// have as many time steps). What has one class only, or most of whose classes never occur, is
/// refused.
struct ArrayFile: TableFile {
  let format: Format
  let features: String
  let labels: String
  let testFeatures: String?
  let testLabels: String?
  let isOneHot: Bool?
  let task: TableTask

  enum Format: String {
    case npz
    case hdf5
  }

  var name: String { format.rawValue }
  var key: String {
    "\(features) \(labels) \(testFeatures ?? "-") \(testLabels ?? "-") "
      + "\(isOneHot.map(String.init) ?? "-") \(task.rawValue)"
  }

  func read(_ path: String) throws(ProblemError) -> TableContents {
    let names = [features, labels, testFeatures, testLabels].compactMap(\.self)
    let arrays =
      switch format {
      case .npz: try Self.archive(names, path)
      case .hdf5: try HDF5Arrays.read(names, from: path)
      }
    var parts = [try Part(features, labels, arrays, path)]
    if let testFeatures, let testLabels {
      let test = try Part(testFeatures, testLabels, arrays, path)
      guard test.shape == parts[0].shape, test.targetCount == parts[0].targetCount else {
        throw ProblemError(
          file: path,
          "test examples of \(test.shape) and \(test.targetCount) targets, training examples of "
            + "\(parts[0].shape) and \(parts[0].targetCount)")
      }
      parts.append(test)
    }
    var tables: [ExampleTable] = []
    let kind: TargetKind
    switch task {
    case .classes:
      let classes = try ArrayClasses(
        parts.map(\.targets), of: parts.map(\.targetPlace), timeSteps: parts[0].timeSteps,
        isOneHot: isOneHot)
      for (part, labels) in zip(parts, classes.labels) {
        tables.append(try part.table(.classes(labels), perExample: classes.perExample))
      }
      kind = .classes(classes.count)
    case .values:
      for part in parts {
        let values = try part.targets.floats(of: part.targetPlace)
        tables.append(try part.table(.values(values, width: part.targetCount), perExample: 1))
        try requireChange(in: values, width: part.targetCount, place: part.targetPlace)
      }
      kind = .values(parts[0].targetCount)
    }
    return TableContents(
      table: tables[0], test: tables.count > 1 ? tables[1] : nil, exampleShape: parts[0].shape,
      targets: kind)
  }

  /// Features and targets of the same number of examples.
  private struct Part {
    let count: Int
    let shape: [Int]
    let features: NumericArray
    let featurePlace: String
    let targets: NumericArray
    let targetPlace: String

    /// The targets of an example as the file has them.
    var targetCount: Int { targets.shape.count > 1 ? targets.shape[1] : 1 }
    /// The time steps of an example, where it may have any.
    var timeSteps: Int? { features.shape.count > 2 ? features.shape[1] : nil }

    init(
      _ featureKey: String, _ labelKey: String, _ arrays: [String: NumericArray], _ path: String
    ) throws(ProblemError) {
      guard let x = arrays[featureKey], var y = arrays[labelKey] else {
        preconditionFailure("\(featureKey) or \(labelKey) was not read")
      }
      (featurePlace, targetPlace) = ("\(path): \(featureKey)", "\(path): \(labelKey)")
      guard let count = x.shape.first, x.shape.allSatisfy({ $0 > 0 }) else {
        throw ProblemError(file: featurePlace, "has the shape \(x.shape): no examples")
      }
      // A row vector of labels.
      if y.shape == [1, count] { y = NumericArray(shape: [count], elements: y.elements) }
      guard y.shape.first == count, y.shape.count <= 2, y.shape.allSatisfy({ $0 > 0 }) else {
        let isReversed = y.shape.contains { $0 > 1 && $0 == x.shape.last }
        throw ProblemError(
          file: targetPlace,
          "has the shape \(y.shape); for the \(count) examples of '\(featureKey)', \(x.shape), it "
            + "must be [\(count)] or [\(count), targets]"
            + (isReversed
              ? ": examples are the first dimension, is the array of features transposed (MATLAB, "
                + "R and Julia write axes in the opposite order)?" : ""))
      }
      guard count <= Int(Int32.max) else {
        throw ProblemError(file: path, "has \(count) examples; allowed: at most \(Int32.max)")
      }
      self.count = count
      shape = x.shape.count == 1 ? [1] : Array(x.shape.dropFirst())
      features = x
      targets = y
    }

    func table(
      _ targets: ExampleTargets, perExample: Int
    ) throws(ProblemError) -> ExampleTable {
      let content: ExampleFeatures
      if case .bytes(let bytes) = features.elements {
        content = .bytes(bytes, divisor: 1)
      } else {
        content = .floats(try features.floats(of: featurePlace))
      }
      return ExampleTable(
        count: count, features: content, columns: shape.reduce(1, *), targets: targets,
        targetsPerExample: perExample)
    }
  }

  private static func archive(
    _ names: [String], _ path: String
  ) throws(ProblemError) -> [String: NumericArray] {
    let archive = try ZipArchive(path: path)
    var arrays: [String: NumericArray] = [:]
    for name in names {
      guard let bytes = try archive.content(of: "\(name).npy") else {
        let names = archive.names.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 }
        throw ProblemError(
          file: path, "has no array '\(name)'; it has: \(names.prefix(20).joined(separator: ", "))")
      }
      arrays[name] = try NumericArray(npy: bytes, of: "\(path): \(name)")
    }
    return arrays
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
        Hyperparameter(
          "one_hot", .boolean, default: .none, optional: true,
          "whether labels [examples, n] are one-hot classes (true) or classes of n time steps "
            + "(false); null looks at them"),
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
        testFeatures: features, testLabels: labels, isOneHot: options.optionalBoolean("one_hot"),
        task: TableTask(options))
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
