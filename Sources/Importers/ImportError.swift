/// A log or table that cannot be read as what it was given for: where, what is wrong and what to do.
public struct ImportError: Error, Equatable, CustomStringConvertible {
  /// The file or folder, with the line where there is one.
  public let place: String
  public let problem: String

  public init(_ place: String, _ problem: String) {
    self.place = place
    self.problem = problem
  }

  public var description: String { "\(place): \(problem)" }
}
