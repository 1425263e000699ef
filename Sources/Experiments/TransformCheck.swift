internal import Optimizers
internal import Problems
internal import Tensors

/// Looks whether the transforms of clipping strategies find what they work on: a misspelt tensor, or
/// the momentum of a rule that offers none, would silently change nothing.
struct TransformCheck {
  private let clippings: [ClippingStrategy]

  init(_ clippings: [ClippingStrategy]) { self.clippings = clippings }

  /// What is wrong with the strategies around one of the optimizers or on one of the problems.
  func problem(with optimizers: [OptimizerChoice], on problems: [any TestProblem]) -> String? {
    for clipping in clippings {
      if clipping.acts(on: .momentum) {
        for optimizer in optimizers {
          if let wrong = Self.problem(with: clipping, of: optimizer) { return wrong }
        }
      }
      for transform in clipping.transforms {
        if let wrong = Self.problem(with: transform.selection, in: clipping, on: problems) {
          return wrong
        }
      }
    }
    return nil
  }

  /// What is wrong with a strategy that works on the momentum of an optimizer, or where there is none.
  static func problem(with clipping: ClippingStrategy, of optimizer: OptimizerChoice?) -> String? {
    let offers = optimizer.map { $0.variants.allSatisfy(\.optimizer.offersMomentum) } ?? false
    guard clipping.acts(on: .momentum), !offers else { return nil }
    let who =
      optimizer.map { "which optimizer '\($0.label)' does not offer" }
      ?? "and there is no optimizer to offer it"
    return "clipping '\(clipping.label)' works at the momentum, \(who); allowed: "
      + optimizerCatalog.momentumOffers.joined(separator: ", ")
  }

  /// A selection that is empty on one of the problems, or has a word that is so on all.
  private static func problem(
    with selection: TensorSelection, in clipping: ClippingStrategy, on problems: [any TestProblem]
  ) -> String? {
    let empty = problems.map { selection.emptyWords(in: $0.layout) }
    let everywhere = selection.words.first { word in empty.allSatisfy { $0.contains(word) } }
    for (problem, empty) in zip(problems, empty) where !empty.isEmpty {
      let isEmpty = empty.count == selection.words.count
      guard let word = everywhere ?? (isEmpty ? selection.label : nil) else { continue }
      let tensors = problem.layout.tensors
      let names = tensors.prefix(8).map(\.name).joined(separator: ", ")
      return
        "clipping '\(clipping.label)': '\(word)' selects no tensor of problem '\(problem.name)', "
        + "which has \(names)\(tensors.count > 8 ? ", …" : ""); allowed: \(TensorSelection.allowed)"
    }
    return nil
  }
}
