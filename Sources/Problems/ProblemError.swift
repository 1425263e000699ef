/// Why a test problem cannot be made: which file or setting, what is wrong, what to do.
public struct ProblemError: Error, Equatable, CustomStringConvertible {
  /// The file at fault, if it is one.
  public let file: String?
  /// What is wrong and what to do, in a sentence.
  public let problem: String
  /// Where the experiment file asks for it, such as `my.yml:4: problems[0].dataset`, if it is known.
  public private(set) var place: String?

  init(file: String? = nil, _ problem: String) {
    self.file = file
    self.problem = problem
  }

  /// The same error, asked for at `place`.
  func asked(at place: String) -> ProblemError {
    var error = self
    error.place = error.place ?? place
    return error
  }

  public var description: String {
    [place, file, problem].compactMap(\.self).joined(separator: ": ")
  }
}
