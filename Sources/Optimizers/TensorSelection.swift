public import Settings
public import Tensors

/// Which tensors of a model something works on: those that one of its words selects.
///
/// | word | the tensors |
/// | --- | --- |
/// | `all` | every one |
/// | `matrices` | weights with two axes or more, which are matrices to Muon |
/// | `others` | all that are no matrices |
/// | `vectors` | the same as `others` |
/// | `weight`, `bias`, `norm`, `embedding` | those with that role |
/// | anything else | those of that name, in which `*` stands for any characters |
public struct TensorSelection: Sendable, Hashable {
  private enum Condition: Sendable, Hashable {
    case all, matrices, others
    case role(ParameterRole)
    case name(String)

    init(_ word: String) {
      self =
        switch word {
        case "all": .all
        case "matrices": .matrices
        case "others", "vectors": .others
        default: ParameterRole(rawValue: word).map { .role($0) } ?? .name(word)
        }
    }

    func holds(for tensor: ParameterTensor) -> Bool {
      let isMatrix = tensor.role == .weight && tensor.shape.count > 1
      return switch self {
      case .all: true
      case .matrices: isMatrix
      case .others: !isMatrix
      case .role(let role): tensor.role == role
      case .name(let pattern): TensorSelection.matches(tensor.name, pattern)
      }
    }
  }

  /// What the file says.
  public let words: [String]
  private let conditions: [Condition]

  private init(_ words: [String]) {
    self.words = words
    conditions = words.map(Condition.init)
  }

  /// Every tensor.
  public static let all = TensorSelection(["all"])
  /// Weights with two axes or more.
  static let matrices = TensorSelection(["matrices"])
  /// Weights and embeddings, without biases and the parameters of norms.
  static let weights = TensorSelection(["weight", "embedding"])

  /// The words that may stand in a file, for error messages.
  public static let allowed =
    "all, matrices, others, vectors, \(ParameterRole.allCases.map(\.rawValue).joined(separator: ", ")), "
    + "or a tensor's name with * for any characters"

  /// The selection at a place of a file: a word, or a list of words.
  public static func read(_ setting: Setting) throws(SettingsError) -> TensorSelection {
    let elements = setting.isSequence ? try setting.elements() : [setting]
    guard !elements.isEmpty else { throw setting.error("the list is empty; allowed: \(allowed)") }
    var words: [String] = []
    for element in elements {
      let word = try element.text()
      guard !word.isEmpty, !word.contains(where: { $0.isWhitespace || ",+".contains($0) }) else {
        throw element.error("'\(word)' selects no tensor; allowed: \(allowed)")
      }
      guard !words.contains(word) else {
        throw element.error("'\(word)' stands twice in the list; keep one")
      }
      words.append(word)
    }
    // What selects everything is one selection, however it is written.
    return words.contains("all") ? .all : TensorSelection(words)
  }

  /// Whether `tensor` is selected.
  public func contains(_ tensor: ParameterTensor) -> Bool {
    for condition in conditions where condition.holds(for: tensor) { return true }
    return false
  }

  /// The words that select no tensor of `layout`.
  public func emptyWords(in layout: ParameterLayout) -> [String] {
    zip(words, conditions).filter { _, condition in
      !layout.tensors.contains(where: condition.holds)
    }.map(\.0)
  }

  /// What tables call it: `bias,*.gain`.
  public var label: String { words.joined(separator: ",") }

  /// As JSON: one word, or a list of words.
  var json: String {
    words.count == 1
      ? jsonText(words[0]) : "[\(words.map { jsonText($0) }.joined(separator: ","))]"
  }

  /// Whether `name` is `pattern`, in which `*` stands for any characters. Goes back to the last star
  /// only, so that no pattern takes long.
  private static func matches(_ name: String, _ pattern: String) -> Bool {
    let (name, pattern) = (Array(name), Array(pattern))
    var (at, place) = (0, 0)
    var star: (at: Int, place: Int)?
    while at < name.count {
      if place < pattern.count, pattern[place] == "*" {
        star = (at, place)
        place += 1
      } else if place < pattern.count, pattern[place] == name[at] {
        at += 1
        place += 1
      } else if let last = star {
        star = (last.at + 1, last.place)
        at = last.at + 1
        place = last.place + 1
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == "*" }
  }
}
