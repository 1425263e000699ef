import Settings

/// How a data set without test examples of its own is cut into parts.
enum DataCut: String, CaseIterable {
  /// Once, the same for every run.
  case fixed
  /// Anew by the seed of each run, so that the spread over seeds covers which examples happen to be
  /// tested: all methods of a seed have the same parts.
  case seed

  static let hyperparameter = Hyperparameter(
    "split", .choice(allCases.map(\.rawValue)), default: .text("fixed"),
    "whether the parts are the same for every run, or cut anew by each seed")

  init(_ options: Hyperparameters) {
    self = DataCut(rawValue: options.text("split")) ?? .fixed
  }
}
