import Networks
import Settings

/// 70,000 grey images of 28×28 pixels of ten classes in the four files of MNIST: MNIST itself, and
/// Fashion-MNIST.
struct IDXImages: PublishedImages {
  let name: String
  let title: String
  let trainingCounts: [Int]
  let testCounts: [Int]
  /// What to do where the files are missing.
  let remedy: String

  var exampleShape: [Int] { [28, 28, 1] }

  /// The files as published; uncompressed ones, without `.gz`, and names with a dot in place of the
  /// last but one hyphen, `train-images.idx3-ubyte`, are taken as well.
  private static func names(_ part: String) -> (images: String, labels: String) {
    ("\(part)-images-idx3-ubyte.gz", "\(part)-labels-idx1-ubyte.gz")
  }

  func read(
    from folder: String
  ) throws(ProblemError) -> (training: ExampleTable, test: ExampleTable) {
    (
      try table(folder, "train", counts: trainingCounts),
      try table(folder, "t10k", counts: testCounts)
    )
  }

  func availability(in folder: String) -> DatasetAvailability {
    guard !folder.isEmpty else { return .missing(remedy) }
    for part in ["train", "t10k"] {
      let names = Self.names(part)
      for name in [names.images, names.labels] where existing(name, in: folder) == nil {
        return .missing("\(name) is not in \(folder); \(remedy)")
      }
    }
    return .available(folder)
  }

  /// The path of a file under one of its names; nil if it is not there.
  private func existing(_ name: String, in folder: String) -> String? {
    let dotted = name.replacing("-idx", with: ".idx")
    let paths = [name, String(name.dropLast(3)), dotted, String(dotted.dropLast(3))].map {
      "\(folder)/\($0)"
    }
    // Some archives have a folder of one name around the file of the other.
    return paths.first { DataFile.isFile($0) } ?? paths.first { DataFile.exists($0) }
  }

  private func table(
    _ folder: String, _ part: String, counts: [Int]
  ) throws(ProblemError) -> ExampleTable {
    let names = Self.names(part)
    let labelFile = existing(names.labels, in: folder) ?? "\(folder)/\(names.labels)"
    let imageFile = existing(names.images, in: folder) ?? "\(folder)/\(names.images)"
    let count = counts.reduce(0, +)
    let labels = try IDXFile.labels(at: labelFile, count: count, classes: counts.count)
    try requireCounts(counts, in: labels, of: title, file: labelFile)
    let images = try IDXFile.images(at: imageFile, count: count, height: 28, width: 28)
    return ExampleTable(bytes: images, labels: labels, width: 28 * 28, divisor: 255)
  }
}

/// Fashion-MNIST (Xiao, Rasul & Vollgraf, 2017): images of ten kinds of clothing.
enum FashionMNIST {
  /// The folder of Debian's package.
  private static let standardPath = "/usr/share/datasets/fashion-mnist"

  private static let images = IDXImages(
    name: "fashion-mnist", title: "Fashion-MNIST",
    trainingCounts: [Int](repeating: 6000, count: 10),
    testCounts: [Int](repeating: 1000, count: 10),
    remedy: "install the package dataset-fashion-mnist "
      + "(apt-get install dataset-fashion-mnist), or set 'path' of the data set to a folder "
      + "with its four .gz files")

  static let entry = CatalogEntry<any DatasetSource>(
    name: images.name,
    summary: "70,000 grey images of clothing, 28×28, ten classes (package dataset-fashion-mnist)",
    reference: "Xiao, Rasul & Vollgraf (2017)",
    hyperparameters: ImageDataset.hyperparameters(
      of: images, path: standardPath, validation: 5000, files: "the four gzip IDX files")
  ) { options throws(HyperparameterError) in try ImageDataset(images, options) }
}

/// MNIST (LeCun, Cortes & Burges, 1998): images of handwritten digits.
enum MNIST {
  private static let images = IDXImages(
    name: "mnist", title: "MNIST",
    trainingCounts: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    testCounts: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    remedy: "set 'path' of the data set to a folder with its four IDX files "
      + "(train-images-idx3-ubyte.gz …), compressed or not")

  static let entry = CatalogEntry<any DatasetSource>(
    name: images.name,
    summary: "70,000 grey images of handwritten digits, 28×28, ten classes (by path)",
    reference: "LeCun, Bottou, Bengio & Haffner (1998)",
    hyperparameters: ImageDataset.hyperparameters(
      of: images, path: "", validation: 5000, files: "the four IDX files")
  ) { options throws(HyperparameterError) in try ImageDataset(images, options) }
}
