import Networks
import Settings

/// A file of examples in a general format, which alone knows how many there are.
protocol TableFile: Sendable {
  /// The data set's name in an experiment file.
  var name: String { get }
  /// What of the options decides what is read.
  var key: String { get }

  /// The examples of the file at `path`.
  func read(_ path: String) throws(ProblemError) -> TableContents
}

/// The examples of a file.
struct TableContents: Sendable {
  let table: ExampleTable
  /// The test examples, where the file has them apart.
  let test: ExampleTable?
  let exampleShape: [Int]
  let targets: TargetKind
}

/// Whether a file's targets are classes or values.
enum TableTask: String, CaseIterable {
  case classes, values

  static let hyperparameter = Hyperparameter(
    "task", .choice(allCases.map(\.rawValue)), default: .text("classes"),
    "whether the targets are classes or values to be met")

  /// The most classes: more, and the targets are probably values.
  static let mostClasses = 10_000

  init(_ options: Hyperparameters) {
    self = TableTask(rawValue: options.text("task")) ?? .classes
  }
}

/// A data set from a file in a general format: CSV, NumPy's `.npz`, HDF5.
///
/// Where the file has no test examples of its own, its examples are shuffled by
/// `RandomStream(seed: 0, name: "split/<format>")`; the last are for testing, those before them for
/// validation, a tenth each unless numbers are given; with `split: seed`, each seed shuffles in place
/// of 0. The sizes come from the file, which is read when the experiment is
/// prepared and again when it runs.
///
/// Normalization goes by feature where an example is a vector, and otherwise by the last dimension:
/// the channels of `[height, width, channels]`, the features of `[time, features]`.
struct TableDataset: DatasetSource {
  let file: any TableFile
  let path: String
  let validation: Int?
  let test: Int?
  /// The shape of an example, where it is not the file's.
  let shape: [Int]?
  let normalization: Normalization
  let cut: DataCut
  /// What the file tells; nil before it was read.
  var sizes: Sizes?

  struct Sizes: Equatable {
    let training: Int
    let validation: Int
    let test: Int
    let exampleShape: [Int]
    let targets: TargetKind
    let targetsPerExample: Int
  }

  var summary: String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let sizes else { return name }
    return
      "\(name), \(sizes.training) training, \(sizes.validation) validation, \(sizes.test) test "
      + "examples"
  }
  var place: String { path }
  var exampleShape: [Int] { sizes?.exampleShape ?? [1] }
  var targets: TargetKind { sizes?.targets ?? .classes(1) }
  var targetsPerExample: Int { sizes?.targetsPerExample ?? 1 }
  var trainingCount: Int { sizes?.training ?? 0 }

  func examined(baseDirectory: String) throws(ProblemError) -> any DatasetSource {
    var result = self
    result.sizes = try sizes(of: try read(baseDirectory), baseDirectory)
    return result
  }

  func storageKey(baseDirectory: String) -> String {
    "\(file.name) at \(resolve(path, in: baseDirectory)): \(file.key)"
  }

  func load(baseDirectory: String) throws(ProblemError) -> StoredExamples {
    let contents = try read(baseDirectory)
    let found = try sizes(of: contents, baseDirectory)
    guard sizes == nil || sizes == found else {
      throw ProblemError(
        file: resolve(path, in: baseDirectory), "has changed while the experiment was prepared")
    }
    return StoredExamples(tables: [contents.table] + (contents.test.map { [$0] } ?? []))
  }

  func split(_ examples: StoredExamples) -> Dataset {
    let table = examples.tables[0]
    let groups = exampleShape.last ?? 1
    guard examples.tables.count > 1 else {
      return Dataset(
        cutting: table, name: file.name, validation: sizes?.validation ?? 0, test: sizes?.test ?? 0,
        targets: targets, normalization: normalization, groups: groups, split: cut)
    }
    let order = splitOrder(of: file.name, count: table.count)
    let validation = sizes?.validation ?? 0
    return Dataset(
      targets: targets,
      training: ExampleSet(table: table, rows: Array(order.dropLast(validation))),
      validation: ExampleSet(table: table, rows: Array(order.suffix(validation))),
      test: ExampleSet(
        table: examples.tables[1], rows: (0..<Int32(examples.tables[1].count)).map { $0 }),
      normalization: normalization, groups: groups, split: cut, name: file.name)
  }

  func availability(baseDirectory: String) -> DatasetAvailability {
    guard !path.isEmpty else { return .missing("set 'path' of the data set to a file") }
    let place = resolve(path, in: baseDirectory)
    return DataFile.exists(place)
      ? .available(place) : .missing("there is no \(place); set 'path' of the data set to a file")
  }

  private func read(_ baseDirectory: String) throws(ProblemError) -> TableContents {
    guard !path.isEmpty else {
      throw ProblemError("the data set \(file.name) has no file; set its 'path'")
    }
    return try file.read(resolve(path, in: baseDirectory))
  }

  /// The sizes of the parts, checked against the options.
  private func sizes(
    of contents: TableContents, _ baseDirectory: String
  ) throws(ProblemError) -> Sizes {
    let place = resolve(path, in: baseDirectory)
    let count = contents.table.count
    let exampleShape = shape ?? contents.exampleShape
    guard elementCount(of: exampleShape) == contents.table.width else {
      throw ProblemError(
        file: place,
        "'shape' is \(exampleShape), but an example has \(contents.table.width) features")
    }
    let tests = contents.test?.count ?? test ?? count / 10
    let validations = validation ?? count / 10
    let rest = count - validations - (contents.test == nil ? tests : 0)
    guard rest > 0, validations > 0, tests > 0 else {
      throw ProblemError(
        file: place,
        "its \(count) examples cannot be cut in \(validations) for validation, \(tests) for testing "
          + "and the rest for training; set 'validation' and 'test'")
    }
    if case .given(let mean, _) = normalization, let groups = exampleShape.last,
      ![1, groups].contains(mean.count)
    {
      throw ProblemError(
        file: place, "'mean' has \(mean.count) numbers; allowed: one, or one for each of \(groups)")
    }
    return Sizes(
      training: rest, validation: validations, test: tests, exampleShape: exampleShape,
      targets: contents.targets, targetsPerExample: contents.table.targetsPerExample)
  }

  /// An entry of the catalog for a format.
  static func entry(
    name: String, summary: String, reference: String, options: [Hyperparameter],
    make: @escaping @Sendable (Hyperparameters) throws(HyperparameterError) -> any TableFile
  ) -> CatalogEntry<any DatasetSource> {
    let counts = 1...Int(Int32.max)
    let extents = NumberRange(lower: 1, upper: 1e9)
    return CatalogEntry(
      name: name, summary: summary, reference: reference,
      hyperparameters: [Hyperparameter("path", .text, default: .text(""), "the file")] + options + [
        TableTask.hyperparameter,
        Hyperparameter(
          "shape", .numbers(extents, count: nil), default: .none, optional: true,
          "shape of an example, such as [28, 28, 1]; null is the file's"),
        Hyperparameter(
          "validation", .integer(counts), default: .none, optional: true,
          "examples set aside for validation; null is a tenth"),
        Hyperparameter(
          "test", .integer(counts), default: .none, optional: true,
          "examples set aside for testing; null is a tenth"),
        DataCut.hyperparameter,
      ] + Normalization.hyperparameters(["none", "unit", "standardize"], default: "none")
    ) { options throws(HyperparameterError) in
      var shape: [Int]?
      if case .numbers(let numbers) = options["shape"] {
        guard !numbers.isEmpty, numbers.allSatisfy({ $0 == $0.rounded() }) else {
          throw HyperparameterError("shape", "a shape is a list of one or more integers")
        }
        shape = numbers.map { Int($0) }
      }
      return TableDataset(
        file: try make(options), path: options.text("path"),
        validation: options["validation"].asNumber.map { Int($0) },
        test: options["test"].asNumber.map { Int($0) }, shape: shape,
        normalization: try Normalization(options, groups: nil), cut: DataCut(options), sizes: nil)
    }
  }
}
