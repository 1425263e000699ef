/// What is wrong with a setting: where it stands, what it is, what is allowed.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
  /// The file's name as the user gave it.
  public let file: String
  /// The line, from 1; nil where there is none (a missing file).
  public let line: Int?
  /// The YAML path, such as `optimizers[2].betas`; empty for the whole file.
  public let path: String
  /// What is wrong and what is allowed, in one sentence.
  public let problem: String

  public init(file: String, line: Int?, path: String, problem: String) {
    self.file = file
    self.line = line
    self.path = path
    self.problem = problem
  }

  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return path.isEmpty ? "\(place): \(problem)" : "\(place): \(path): \(problem)"
  }
}

/// A value that a catalog entry refuses although each value alone is in range, such as Nesterov
/// momentum without momentum.
public struct HyperparameterError: Error, Equatable, CustomStringConvertible {
  /// The hyperparameter at fault.
  public let name: String
  /// What is wrong and what to do.
  public let problem: String

  public init(_ name: String, _ problem: String) {
    self.name = name
    self.problem = problem
  }

  public var description: String { "\(name): \(problem)" }
}
