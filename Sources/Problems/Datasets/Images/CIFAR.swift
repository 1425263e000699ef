import Networks
import Settings

/// CIFAR-10 or CIFAR-100 (Krizhevsky, 2009) in the binary version: colour images of 32×32 pixels,
/// 50,000 for training and 10,000 for testing. The files' MD5 are compared with those of the
/// published archive's.
struct CIFAR: PublishedImages {
  let name: String
  let title: String
  let trainingCounts: [Int]
  let testCounts: [Int]
  /// The bytes before the pixels of an image, and which of them is the label.
  let labelBytes: Int
  let labelPosition: Int
  let trainingFiles: [PublishedFile]
  let testFile: PublishedFile
  /// The archive as published, and the folder in it.
  let archive: String
  let folder: String

  struct PublishedFile: Sendable {
    let name: String
    let md5: String
  }

  var exampleShape: [Int] { [32, 32, 3] }

  func read(
    from folder: String
  ) throws(ProblemError) -> (training: ExampleTable, test: ExampleTable) {
    let place = self.place(in: folder)
    return (
      try table(place, trainingFiles, counts: trainingCounts),
      try table(place, [testFile], counts: testCounts)
    )
  }

  func availability(in folder: String) -> DatasetAvailability {
    guard !folder.isEmpty else { return .missing(remedy) }
    let place = self.place(in: folder)
    for file in trainingFiles + [testFile] where !DataFile.exists("\(place)/\(file.name)") {
      return .missing("\(file.name) is not in \(folder); \(remedy)")
    }
    return .available(place)
  }

  private var remedy: String {
    "fetch \(archive) from https://www.cs.toronto.edu/~kriz/cifar.html, unpack it (tar xzf "
      + "\(archive)) and set 'path' of the data set to the folder \(folder)"
  }

  /// The folder of the files: the one given, or the archive's folder in it.
  private func place(in given: String) -> String {
    DataFile.exists("\(given)/\(folder)/\(testFile.name)") ? "\(given)/\(folder)" : given
  }

  private func table(
    _ folder: String, _ files: [PublishedFile], counts: [Int]
  ) throws(ProblemError) -> ExampleTable {
    let count = counts.reduce(0, +) / files.count
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    for file in files {
      let path = "\(folder)/\(file.name)"
      let records = try CIFARRecords(
        path: path, labelBytes: labelBytes, labelPosition: labelPosition, count: count,
        classes: counts.count, md5: file.md5)
      pixels += records.pixels
      labels += records.labels
    }
    return ExampleTable(bytes: pixels, labels: labels, width: 32 * 32 * 3, divisor: 255)
  }
}

extension CIFAR {
  private static func entry(
    _ images: CIFAR, summary: String
  ) -> CatalogEntry<any DatasetSource> {
    CatalogEntry(
      name: images.name, summary: summary, reference: "Krizhevsky (2009)",
      hyperparameters: ImageDataset.hyperparameters(
        of: images, path: "", validation: 5000, files: "the binary version's .bin files")
    ) { options throws(HyperparameterError) in try ImageDataset(images, options) }
  }

  static let tenEntry = entry(
    CIFAR(
      name: "cifar-10", title: "CIFAR-10", trainingCounts: [Int](repeating: 5000, count: 10),
      testCounts: [Int](repeating: 1000, count: 10), labelBytes: 1, labelPosition: 0,
      trainingFiles: [
        PublishedFile(name: "data_batch_1.bin", md5: "5dd7e06a14cb22eb9f671a540d1b7c25"),
        PublishedFile(name: "data_batch_2.bin", md5: "5ea93a67294ea407fff1d09f752e9692"),
        PublishedFile(name: "data_batch_3.bin", md5: "942cd6a4bcdd0dd3c604fbe906cb4421"),
        PublishedFile(name: "data_batch_4.bin", md5: "ae636b3ba5c66a11e91e8cb52e771fcb"),
        PublishedFile(name: "data_batch_5.bin", md5: "53f37980c15c3d472c316c40844f3f0d"),
      ],
      testFile: PublishedFile(name: "test_batch.bin", md5: "803d5f7f4d78ea53de84dbe85f74fb6d"),
      archive: "cifar-10-binary.tar.gz", folder: "cifar-10-batches-bin"),
    summary: "60,000 colour photographs, 32×32×3, ten classes (by path)")

  static let hundredEntry = entry(
    CIFAR(
      name: "cifar-100", title: "CIFAR-100", trainingCounts: [Int](repeating: 500, count: 100),
      testCounts: [Int](repeating: 100, count: 100), labelBytes: 2, labelPosition: 1,
      trainingFiles: [PublishedFile(name: "train.bin", md5: "6172c7755cfe09b2fe270c85cebc1b15")],
      testFile: PublishedFile(name: "test.bin", md5: "4499cfba6c016c1be1438163640a0898"),
      archive: "cifar-100-binary.tar.gz", folder: "cifar-100-binary"),
    summary: "60,000 colour photographs, 32×32×3, a hundred classes (by path)")
}
