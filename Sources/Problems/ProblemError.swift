/// Why a test problem cannot be made: which file or setting, what is wrong, what to do.
public struct ProblemError: Error, Equatable, CustomStringConvertible {
  /// The file at fault, if it is one.
  public let file: String?
  /// What is wrong and what to do, in a sentence.
  public let problem: String

  init(file: String? = nil, _ problem: String) {
    self.file = file
    self.problem = problem
  }

  public var description: String { file.map { "\($0): \(problem)" } ?? problem }
}
