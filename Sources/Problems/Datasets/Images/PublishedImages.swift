/// A published set of images that its authors divided in training and test images.
protocol PublishedImages: Sendable {
  /// The data set's name in an experiment file.
  var name: String { get }
  /// Its name for people.
  var title: String { get }
  /// `[height, width, channels]`.
  var exampleShape: [Int] { get }
  /// The training images of each class.
  var trainingCounts: [Int] { get }
  /// The test images of each class.
  var testCounts: [Int] { get }

  /// The training and the test images of the files in `folder`, checked against what was published.
  func read(from folder: String) throws(ProblemError) -> (
    training: ExampleTable, test: ExampleTable
  )

  /// Whether the files are in `folder`; not whether they are sound.
  func availability(in folder: String) -> DatasetAvailability
}

/// Labels that are counted before they are believed: files of another data set in the same format
/// have other numbers of each class.
func requireCounts(
  _ counts: [Int], in labels: some Sequence<UInt8>, of title: String, file: String
) throws(ProblemError) {
  var found = [Int](repeating: 0, count: counts.count)
  for label in labels { found[Int(label)] += 1 }
  for (label, count) in counts.enumerated() where found[label] != count {
    throw ProblemError(
      file: file,
      "has \(found[label]) labels \(label), \(title) has \(count); this is another data set or a "
        + "damaged file")
  }
}
