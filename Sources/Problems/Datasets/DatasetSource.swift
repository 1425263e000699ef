public import Networks

/// Where a data set comes from and how it is split; known without reading its examples.
public protocol DatasetSource: Sendable {
  /// The data set's name for people, with its sizes.
  var summary: String { get }
  /// The file or folder as the experiment file names it, `bundled`, or empty where there is none.
  var place: String { get }
  /// The shape of one example: `[features]`, `[height, width]`, `[height, width, channels]`,
  /// `[time, features]`, or `[time]` for codes.
  var exampleShape: [Int] { get }
  /// What a model predicts.
  var targets: TargetKind { get }
  /// The predictions for one example: 1, or one for each time step.
  var targetsPerExample: Int { get }
  /// The number of training examples after the split.
  var trainingCount: Int { get }

  /// The same source with the sizes that only its file can tell. Relative paths are meant from
  /// `baseDirectory`.
  func examined(baseDirectory: String) throws(ProblemError) -> any DatasetSource

  /// Names what `load` reads: sources with the same key share their tables.
  func storageKey(baseDirectory: String) -> String

  /// Reads the files. Relative paths are meant from `baseDirectory`.
  func load(baseDirectory: String) throws(ProblemError) -> StoredExamples

  /// Cuts what `load` gave into training, validation and test examples.
  func split(_ examples: StoredExamples) -> Dataset

  /// Whether the files are there; not whether they are sound.
  func availability(baseDirectory: String) -> DatasetAvailability
}

extension DatasetSource {
  public var place: String { "" }
  public var targetsPerExample: Int { 1 }
  public func examined(baseDirectory: String) throws(ProblemError) -> any DatasetSource { self }
}

/// The examples of a data set's files, before any split.
public struct StoredExamples: Sendable {
  let tables: [ExampleTable]
}

/// Whether a data set can be loaded on this machine.
public enum DatasetAvailability: Sendable, Equatable {
  /// It is there; where, in words.
  case available(String)
  /// It is missing; what to do about it.
  case missing(String)

  public var isAvailable: Bool { if case .available = self { true } else { false } }

  /// The whole answer in a phrase.
  public var description: String {
    switch self {
    case .available(let place): "available: \(place)"
    case .missing(let remedy): "missing: \(remedy)"
    }
  }
}

/// `path` seen from `baseDirectory`.
func resolve(_ path: String, in baseDirectory: String) -> String {
  path.hasPrefix("/") || baseDirectory.isEmpty ? path : "\(baseDirectory)/\(path)"
}
