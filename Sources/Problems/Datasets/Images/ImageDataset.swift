import Networks
import Settings

/// A published set of images, as an experiment uses it: with a validation part cut from the training
/// images, perhaps some of its classes only, normalized and augmented.
///
/// The validation images are the last `validation` of the training images (of the chosen classes) in
/// the order that `RandomStream(seed: 0, name: "split/<data set>")` shuffles, so that a smaller
/// validation split is part of a larger one. Chosen classes are numbered from 0 in the order in which
/// they are given. Pixels are bytes divided by 255; `standardize` takes a mean and a deviation for each
/// channel from the training part.
struct ImageDataset: DatasetSource {
  let images: any PublishedImages
  let path: String
  let validation: Int
  /// The classes that are used; nil for all.
  let chosen: [Int]?
  let normalization: Normalization
  let augmentation: Augmentation?

  var summary: String {
    let classes = chosen.map { " (classes \($0.map(String.init).joined(separator: ", ")))" } ?? ""
    return "\(images.title)\(classes), \(trainingCount) training, \(validation) validation, "
      + "\(count(images.testCounts)) test images" + treatment
  }
  var place: String { path }
  var exampleShape: [Int] { images.exampleShape }
  var targets: TargetKind { .classes(chosen?.count ?? images.trainingCounts.count) }
  var trainingCount: Int { count(images.trainingCounts) - validation }

  private var treatment: String {
    var parts: [String] = []
    switch normalization {
    case .standardize, .given: parts.append("standardized")
    case .none, .unit: break
    }
    if let augmentation, augmentation.padding > 0 { parts.append("cropped") }
    if let augmentation, augmentation.reflects { parts.append("reflected") }
    return parts.isEmpty ? "" : ", \(parts.joined(separator: ", "))"
  }

  private func count(_ counts: [Int]) -> Int {
    (chosen ?? Array(counts.indices)).reduce(0) { $0 + counts[$1] }
  }

  func storageKey(baseDirectory: String) -> String {
    "\(images.name) at \(resolve(path, in: baseDirectory))"
  }

  func load(baseDirectory: String) throws(ProblemError) -> StoredExamples {
    let folder = resolve(path, in: baseDirectory)
    if case .missing(let remedy) = availability(baseDirectory: baseDirectory) {
      throw ProblemError(
        file: path.isEmpty ? nil : folder, "the data set \(images.name) is missing: \(remedy)")
    }
    let (training, test) = try images.read(from: folder)
    return StoredExamples(tables: [training, test])
  }

  func split(_ examples: StoredExamples) -> Dataset {
    let tables = chosen.map { chosen in examples.tables.map { $0.renumbered(chosen) } }
    let training = (tables ?? examples.tables)[0]
    let test = (tables ?? examples.tables)[1]
    let order = splitOrder(of: images.name, count: training.count)
      .filter { training.label(of: Int($0)) >= 0 }
    let tests = (0..<Int32(test.count)).filter { test.label(of: Int($0)) >= 0 }
    return Dataset(
      targets: targets,
      training: ExampleSet(table: training, rows: Array(order.dropLast(validation))),
      validation: ExampleSet(table: training, rows: Array(order.suffix(validation))),
      test: ExampleSet(table: test, rows: tests), normalization: normalization,
      groups: exampleShape[2], augmentation: augmentation)
  }

  func availability(baseDirectory: String) -> DatasetAvailability {
    path.isEmpty
      ? images.availability(in: "") : images.availability(in: resolve(path, in: baseDirectory))
  }

  /// The options that every set of images has, after its own.
  ///
  /// - Parameter path: The default folder; empty where there is none.
  static func hyperparameters(
    of images: some PublishedImages, path: String, validation: Int, files: String
  ) -> [Hyperparameter] {
    let count = images.trainingCounts.reduce(0, +)
    return [
      Hyperparameter("path", .text, default: .text(path), "folder of \(files)"),
      Hyperparameter(
        "validation", .integer(1...count - 1), default: .integer(validation),
        "training images set aside for validation"),
      Hyperparameter(
        "classes",
        .numbers(NumberRange(lower: 0, upper: Double(images.trainingCounts.count - 1)), count: nil),
        default: .none, optional: true,
        "the classes to use, numbered from 0 in this order; null is all"),
    ]
      + Normalization.hyperparameters(["unit", "standardize"], default: "unit")
      + [
        Hyperparameter(
          "crop", .integer(0...images.exampleShape[0]), default: .integer(0),
          "black pixels around a training image before it is cut to its size at a random place"),
        Hyperparameter(
          "flip", .boolean, default: .boolean(false),
          "whether training images are reflected left to right with probability 1/2"),
      ]
  }

  /// The data set that `options` ask for.
  init(_ images: any PublishedImages, _ options: Hyperparameters) throws(HyperparameterError) {
    self.images = images
    path = options.text("path")
    validation = options.integer("validation")
    chosen = try Self.classes(options)
    let shape = images.exampleShape
    // A byte is divided by 255 in any case.
    let asked = try Normalization(options, groups: shape[2])
    normalization = asked == .unit ? .none : asked
    let (padding, reflects) = (options.integer("crop"), options.boolean("flip"))
    augmentation =
      padding > 0 || reflects
      ? Augmentation(
        padding: padding, reflects: reflects, height: shape[0], width: shape[1], channels: shape[2])
      : nil
    guard trainingCount > 0 else {
      throw HyperparameterError(
        "validation",
        "\(validation) images leave none for training; the chosen classes have "
          + "\(count(images.trainingCounts))")
    }
  }

  private static func classes(_ options: Hyperparameters) throws(HyperparameterError) -> [Int]? {
    guard case .numbers(let numbers) = options["classes"] else { return nil }
    if let number = numbers.first(where: { $0 != $0.rounded() }) {
      throw HyperparameterError("classes", "\(numberLabel(number)) is no class; use integers")
    }
    guard numbers.count > 1, Set(numbers).count == numbers.count else {
      throw HyperparameterError(
        "classes", "\(SettingValue.numbers(numbers).label) given; allowed: two or more, none twice")
    }
    return numbers.map { Int($0) }
  }
}
