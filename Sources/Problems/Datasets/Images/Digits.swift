import Networks
import Settings

/// The UCI optical digits (Alpaydin & Kaynak, 1998), the 1,797 images of scikit-learn's
/// `load_digits`: 8×8 pixels from 0 to 16, divided by 16, ten classes. Bundled.
///
/// In the order that `RandomStream(seed: 0, name: "split/digits")` shuffles, the last 300 are the test
/// examples and the `validation` before them the validation examples; with `split: seed`, each seed
/// shuffles in place of 0.
struct Digits: DatasetSource {
  let validation: Int
  let cut: DataCut

  private static let classes = 10
  private static let count = 1797
  private static let testCount = 300

  var summary: String {
    "UCI digits, \(trainingCount) training, \(validation) validation, \(Self.testCount) test images"
      + (cut == .seed ? ", cut anew by each seed" : "")
  }
  var place: String { "bundled" }
  var exampleShape: [Int] { [8, 8, 1] }
  var targets: TargetKind { .classes(Self.classes) }
  var trainingCount: Int { Self.count - Self.testCount - validation }

  func storageKey(baseDirectory: String) -> String { "digits" }

  func load(baseDirectory: String) throws(ProblemError) -> StoredExamples {
    let labels = try IDXFile.labels(
      at: try BundledResource.path(of: "digits-labels-idx1-ubyte.gz"), count: Self.count,
      classes: Self.classes)
    let images = try IDXFile.images(
      at: try BundledResource.path(of: "digits-images-idx3-ubyte.gz"), count: Self.count, height: 8,
      width: 8)
    return StoredExamples(tables: [
      ExampleTable(bytes: images, labels: labels, width: 64, divisor: 16)
    ])
  }

  func split(_ examples: StoredExamples) -> Dataset {
    Dataset(
      cutting: examples.tables[0], name: "digits", validation: validation, test: Self.testCount,
      targets: targets, split: cut)
  }

  func availability(baseDirectory: String) -> DatasetAvailability {
    (try? BundledResource.path(of: "digits-images-idx3-ubyte.gz")) == nil
      ? .missing("the program's resource folder is not beside it; build it again")
      : .available("bundled")
  }

  static let entry = CatalogEntry<any DatasetSource>(
    name: "digits", summary: "1,797 grey images of handwritten digits, 8×8, ten classes (bundled)",
    reference: "Alpaydin & Kaynak (1998)",
    hyperparameters: [
      Hyperparameter(
        "validation", .integer(1...count - testCount - 1), default: .integer(300),
        "images set aside for validation"),
      DataCut.hyperparameter,
    ]
  ) { Digits(validation: $0.integer("validation"), cut: DataCut($0)) }
}
