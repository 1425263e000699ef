/// Running text in pieces, which each renderer writes in its own way:
///
///     let text: Prose = "\(strong: "Never failed:") \(code: method.label) in \(count) runs."
///
/// Pieces stand for exactly their characters. A renderer escapes what its format would take for
/// markup, so that a label cannot do what a heading does.
public struct Prose: Sendable, Equatable, ExpressibleByStringInterpolation {
  public enum Piece: Sendable, Equatable {
    case text(String)
    /// A name, set apart from the words around it.
    case code(String)
    case strong(String)
    case emphasis(String)
    case link(String, to: String)
  }

  public private(set) var pieces: [Piece]

  public init(_ pieces: [Piece]) { self.pieces = pieces }

  public init(_ text: String) { pieces = text.isEmpty ? [] : [.text(text)] }

  public init(stringLiteral value: String) { self.init(value) }

  public init(stringInterpolation: Interpolation) { pieces = stringInterpolation.pieces }

  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var pieces: [Piece] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { pieces.append(.text(literal)) }
    }

    public mutating func appendInterpolation(_ text: String) { appendLiteral(text) }
    public mutating func appendInterpolation(_ number: Int) { appendLiteral("\(number)") }
    public mutating func appendInterpolation(_ prose: Prose) { pieces += prose.pieces }
    public mutating func appendInterpolation(code: String) { pieces.append(.code(code)) }
    public mutating func appendInterpolation(strong: String) { pieces.append(.strong(strong)) }
    public mutating func appendInterpolation(emphasis: String) {
      pieces.append(.emphasis(emphasis))
    }
    public mutating func appendInterpolation(link: String, to target: String) {
      pieces.append(.link(link, to: target))
    }
  }

  public var isEmpty: Bool { pieces.isEmpty }

  /// The characters alone.
  public var plain: String {
    pieces.map { piece in
      switch piece {
      case .text(let text), .code(let text), .strong(let text), .emphasis(let text),
        .link(let text, _):
        text
      }
    }.joined()
  }

  public static func + (a: Prose, b: Prose) -> Prose { Prose(a.pieces + b.pieces) }
  public static func += (a: inout Prose, b: Prose) { a.pieces += b.pieces }
}

extension DefaultStringInterpolation {
  @available(*, unavailable, message: "a text has no pieces; make it a Prose, or ask for .plain")
  mutating func appendInterpolation(_ prose: Prose) {}
}

extension [Prose] {
  func joined(separator: Prose = "") -> Prose {
    Prose(
      enumerated().flatMap { $0.offset == 0 ? $0.element.pieces : (separator + $0.element).pieces })
  }

  /// `a, b and c`; with more than `limit`, `a, b and 7 more`.
  func listed(limit: Int = 8) -> Prose {
    let shown = Array(prefix(limit))
    if count > limit { return shown.joined(separator: ", ") + " and \(count - limit) more" }
    guard let last = shown.last, shown.count > 1 else { return shown.joined() }
    return shown.dropLast().map { $0 }.joined(separator: ", ") + " and " + last
  }
}

extension [String] {
  /// The names set apart as code, at most `limit` of them.
  func listed(limit: Int = 8) -> Prose { map { Prose("\(code: $0)") }.listed(limit: limit) }
}
