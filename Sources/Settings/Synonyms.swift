/// What other libraries call the things that a file can name: data that stand beside a catalog.
public struct Synonyms: Sendable {
  /// What is meant by a name that is not allowed at its place.
  enum Meaning: Equatable {
    /// The name of the same thing here.
    case name(String)
    /// Where and how it is said here, in one clause.
    case advice(String)
  }

  private let names: [String: [String]]
  private let advice: [String: String]

  /// - Parameters:
  ///   - names: Foreign names, each with the names here that it may stand for, the likeliest first.
  ///   - advice: Foreign names for what is said at another place, each with a clause that says where.
  ///
  /// Capitals, `-`, `_` and the module before a dot do not count.
  public init(_ names: [String: [String]] = [:], advice: [String: String] = [:]) {
    // In order, since names that look the same share an entry.
    let byName = names.sorted { $0.key < $1.key }
    let byAdvice = advice.sorted { $0.key < $1.key }
    self.names = Dictionary(byName.map { (Self.plain($0.key), $0.value) }) { $0 + $1 }
    self.advice = Dictionary(byAdvice.map { (Self.plain($0.key), $0.value) }) { first, _ in first }
  }

  /// Both tables in one; where both know a name, this one's meaning comes first.
  public func merging(_ other: Synonyms) -> Synonyms {
    Synonyms(
      names.merging(other.names) { $0 + $1 },
      advice: advice.merging(other.advice) { mine, _ in mine })
  }

  /// The names here that foreign names stand for.
  public var targets: Set<String> { Set(names.values.joined()) }

  /// What `name` stands for at a place that allows `candidates`; nil where that is not known.
  func meaning(of name: String, among candidates: [String]) -> Meaning? {
    let plain = Self.plain(name)
    guard !plain.isEmpty else { return nil }
    if let spelled = candidates.first(where: { Self.plain($0) == plain }) { return .name(spelled) }
    if let known = names[plain]?.first(where: candidates.contains) { return .name(known) }
    return advice[plain].map { .advice($0) }
  }

  /// The last part of a dotted name, in small letters and digits.
  private static func plain(_ name: String) -> String {
    let last = name.split(separator: ".").last ?? ""
    return String(last.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}

extension Synonyms {
  /// What is measured at evaluations, in the words of Keras and PyTorch's trainers.
  public static let metrics = Synonyms([
    "val_loss": ["validation_loss"], "valid_loss": ["validation_loss"],
    "eval_loss": ["validation_loss", "test_loss"], "dev_loss": ["validation_loss"],
    "loss": ["train_loss"], "training_loss": ["train_loss"],
    "val_accuracy": ["validation_accuracy"], "valid_accuracy": ["validation_accuracy"],
    "val_acc": ["validation_accuracy"], "valid_acc": ["validation_accuracy"],
    "eval_accuracy": ["validation_accuracy", "test_accuracy"],
    "accuracy": ["validation_accuracy", "train_accuracy"],
    "acc": ["validation_accuracy", "train_accuracy"], "top1": ["validation_accuracy"],
    "categorical_accuracy": ["validation_accuracy"],
    "train_acc": ["train_accuracy"], "training_accuracy": ["train_accuracy"],
    "test_acc": ["test_accuracy"],
  ])
}

/// `name` is not one of `candidates`: the sentence that says so, with what it most likely means.
public func unknownName(
  _ name: String, kind: String, candidates: [String], synonyms: Synonyms = Synonyms()
) -> String {
  let guess =
    switch synonyms.meaning(of: name, among: candidates) {
    case .name(let name): "; did you mean '\(name)'?"
    case .advice(let advice): "; \(advice);"
    case nil: nearestName(to: name, among: candidates).map { "; did you mean '\($0)'?" } ?? ";"
    }
  return "unknown \(kind) '\(name)'\(guess) allowed: \(candidates.joined(separator: ", "))"
}

/// The name among `candidates` that `name` stands for or is nearest to.
func likelyName(of name: String, among candidates: [String], _ synonyms: Synonyms) -> String? {
  switch synonyms.meaning(of: name, among: candidates) {
  case .name(let name): name
  case .advice: nil
  case nil: nearestName(to: name, among: candidates)
  }
}
