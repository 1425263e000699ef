import Settings

/// How a model sees a sequence of symbols.
enum SymbolEncoding: String, CaseIterable {
  /// A vector of zeros with a one at each time step: `[time, symbols]`.
  case oneHot = "one-hot"
  /// The symbols' numbers from 0, for an embedding: `[time]`.
  case codes

  func exampleShape(length: Int, symbols: Int) -> [Int] {
    self == .oneHot ? [length, symbols] : [length]
  }

  func features(_ codes: [Int32], symbols: Int) -> ExampleFeatures {
    self == .oneHot ? .oneHot(codes, kinds: symbols) : .floats(codes.map { Float($0) })
  }

  static func hyperparameter(default encoding: SymbolEncoding) -> Hyperparameter {
    Hyperparameter(
      "encoding", .choice(allCases.map(\.rawValue)), default: .text(encoding.rawValue),
      "one-hot vectors, or codes for a model that begins with an embedding")
  }

  init(_ options: Hyperparameters) {
    self = SymbolEncoding(rawValue: options.text("encoding")) ?? .oneHot
  }
}
