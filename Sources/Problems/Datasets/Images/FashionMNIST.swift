import Networks
import Settings

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Fashion-MNIST (Xiao, Rasul & Vollgraf, 2017): grey images of 28×28 pixels of ten kinds of
/// clothing, 60,000 for training and 10,000 for testing, pixels divided by 255.
///
/// The validation examples are the last `validation` of the 60,000 in `splitOrder`, so that a
/// smaller validation split is part of a larger one.
struct FashionMNIST: DatasetSource {
  let path: String
  let validation: Int

  /// The folder of Debian's package.
  static let standardPath = "/usr/share/datasets/fashion-mnist"
  private static let classes = 10
  private static let trainCount = 60_000
  private static let testCount = 10_000

  var summary: String {
    "Fashion-MNIST, \(trainingCount) training, \(validation) validation, \(Self.testCount) test images"
  }
  var exampleShape: [Int] { [28, 28, 1] }
  var targets: TargetKind { .classes(Self.classes) }
  var trainingCount: Int { Self.trainCount - validation }

  func storageKey(baseDirectory: String) -> String {
    "fashion-mnist at \(resolve(path, in: baseDirectory))"
  }

  func load(baseDirectory: String) throws(ProblemError) -> StoredExamples {
    if case .missing(let remedy) = availability(baseDirectory: baseDirectory) {
      throw ProblemError(
        file: resolve(path, in: baseDirectory), "the data set fashion-mnist is missing: \(remedy)")
    }
    let folder = resolve(path, in: baseDirectory)
    return StoredExamples(tables: [
      try table(folder, "train", count: Self.trainCount),
      try table(folder, "t10k", count: Self.testCount),
    ])
  }

  func split(_ examples: StoredExamples) -> Dataset {
    let order = splitOrder(of: "fashion-mnist", count: Self.trainCount)
    return Dataset(
      targets: targets,
      training: ExampleSet(table: examples.tables[0], rows: Array(order.prefix(trainingCount))),
      validation: ExampleSet(table: examples.tables[0], rows: Array(order.suffix(validation))),
      test: ExampleSet(table: examples.tables[1], rows: (0..<Int32(Self.testCount)).map { $0 }))
  }

  func availability(baseDirectory: String) -> DatasetAvailability {
    let folder = resolve(path, in: baseDirectory)
    for part in ["train", "t10k"] {
      for kind in ["images-idx3", "labels-idx1"] {
        let name = "\(part)-\(kind)-ubyte.gz"
        if access("\(folder)/\(name)", F_OK) != 0 {
          return .missing(
            "\(name) is not in \(folder); install the package dataset-fashion-mnist "
              + "(apt-get install dataset-fashion-mnist), or set 'path' of the data set to a folder "
              + "with its four .gz files")
        }
      }
    }
    return .available(folder)
  }

  private func table(
    _ folder: String, _ part: String, count: Int
  ) throws(ProblemError) -> ExampleTable {
    let labels = try IDXFile.labels(
      at: "\(folder)/\(part)-labels-idx1-ubyte.gz", count: count, classes: Self.classes)
    let images = try IDXFile.images(
      at: "\(folder)/\(part)-images-idx3-ubyte.gz", count: count, height: 28, width: 28)
    return ExampleTable(bytes: images, labels: labels, width: 28 * 28, divisor: 255)
  }

  static let entry = CatalogEntry<any DatasetSource>(
    name: "fashion-mnist",
    summary: "70,000 grey images of clothing, 28×28, ten classes (package dataset-fashion-mnist)",
    reference: "Xiao, Rasul & Vollgraf (2017)",
    hyperparameters: [
      Hyperparameter(
        "path", .text, default: .text(standardPath), "folder of the four gzip IDX files"),
      Hyperparameter(
        "validation", .integer(1...trainCount - 1), default: .integer(5000),
        "training images set aside for validation"),
    ]
  ) { FashionMNIST(path: $0.text("path"), validation: $0.integer("validation")) }
}
