/// What is wrong with a setting, or with several settings of a file: where each stands, what it is,
/// what is allowed.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
  /// The file's name as the user gave it.
  public let file: String
  /// The line, from 1; nil where there is none (a missing file).
  public let line: Int?
  /// The column in that line, from 1.
  public let column: Int?
  /// The YAML path, such as `optimizers[2].betas`; empty for the whole file.
  public let path: String
  /// What is wrong and what is allowed, in one sentence.
  public let problem: String
  /// What else is wrong in the file, further down.
  public private(set) var others: [SettingsError] = []

  public init(file: String, line: Int?, column: Int? = nil, path: String, problem: String) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.problem = problem
  }

  /// One error for all of `errors`, each told once, in the order of the file; nil without any.
  init?(_ errors: [SettingsError]) {
    var known: [SettingsError] = []
    for error in errors.flatMap({ [$0.alone] + $0.others }) where !known.contains(error) {
      known.append(error)
    }
    // What lies outside the file comes after what lies in it.
    let file = known.first { $0.line != nil }?.file
    known.sort {
      ($0.file == file ? 0 : 1, $0.line ?? .max, $0.column ?? .max)
        < ($1.file == file ? 0 : 1, $1.line ?? .max, $1.column ?? .max)
    }
    guard let first = known.first else { return nil }
    self = first
    others = Array(known.dropFirst())
  }

  /// The first mistake by itself.
  private var alone: SettingsError {
    SettingsError(file: file, line: line, column: column, path: path, problem: problem)
  }

  /// The most mistakes that are told at once.
  private static let mostLines = 50

  /// A sentence for each mistake.
  public var lines: [String] {
    let shown = ([self] + others).prefix(Self.mostLines).map(\.sentence)
    let rest = 1 + others.count - shown.count
    return shown + (rest > 0 ? ["\(file): \(rest) more mistakes"] : [])
  }

  public var description: String { lines.joined(separator: "\n") }

  private var sentence: String {
    let place = [line, column].compactMap { $0 }.reduce(file) { "\($0):\($1)" }
    return path.isEmpty ? "\(place): \(problem)" : "\(place): \(path): \(problem)"
  }
}

/// What is wrong at several places of a file, gathered so that all of it is told at once.
public struct Mistakes {
  private var errors: [SettingsError] = []

  public init() {}

  public var isEmpty: Bool { errors.isEmpty }

  /// The value that is read; nil where reading it fails, which is noted.
  public mutating func attempt<Value>(
    _ read: @autoclosure () throws(SettingsError) -> Value
  ) -> Value? {
    do {
      return try read()
    } catch {
      errors.append(error)
      return nil
    }
  }

  public mutating func note(_ error: SettingsError) { errors.append(error) }

  /// Throws everything that was noted, as one error.
  public func check() throws(SettingsError) {
    if let error = SettingsError(errors) { throw error }
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
