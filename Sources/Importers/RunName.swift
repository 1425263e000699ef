internal import Optimizers
internal import Settings

/// What the name of a run or of its folder says where nothing else does, such as
/// `digits-adam-lr0.01-seed3`: names of the pattern `PROBLEM-OPTIMIZER-…-lrRATE-seedNUMBER` in any order,
/// parts missing.
struct RunName {
  /// What stands before the optimizer.
  private(set) var problem = ""
  private(set) var optimizer = ""
  /// What else there is, such as `unfiltered`.
  private(set) var variant = ""
  private(set) var learningRate: Double?
  private(set) var seed: Int?

  init(_ name: String) {
    var rest = name
    let rate =
      /(?i)(?:^|[-_ ,\/.(])(?:learning[-_ ]?rate|lr|eta)[-_=: ]?([0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?)(?![0-9a-z])/
    if let match = rest.firstMatch(of: rate), let value = Double(String(match.1)) {
      learningRate = value
      rest.replaceSubrange(match.range, with: "-")
    }
    let number = /(?i)(?:^|[-_ ,\/.(])(?:random[-_]?seed|seed|rng)[-_=: ]?([0-9]+)(?![0-9a-z])/
    if let match = rest.firstMatch(of: number), let value = Int(String(match.1)) {
      seed = value
      rest.replaceSubrange(match.range, with: "-")
    }
    let words = rest.split { "-, /()".contains($0) }.map(String.init)
    for words in [words, rest.split { "-_, /()".contains($0) }.map(String.init)] {
      guard let place = Self.place(ofOptimizerIn: words) else { continue }
      problem = words[..<place.lowerBound].joined(separator: "-")
      optimizer = words[place].joined(separator: "-")
      variant = words[place.upperBound...].joined(separator: "-")
      return
    }
    optimizer = words.map { $0.trimming("_") }.joined(separator: "-")
  }

  /// The first words that together are an optimizer's name, as many as possible.
  private static func place(ofOptimizerIn words: [String]) -> Range<Int>? {
    for start in words.indices {
      for end in (start + 1...min(start + 4, words.count)).reversed()
      where optimizers.contains(plain(words[start..<end].joined())) {
        return start..<end
      }
    }
    return nil
  }

  private static func plain(_ word: String) -> String {
    word.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// What the catalog has, and what other libraries call the same.
  private static let optimizers = Set(
    optimizerCatalog.entries.map { plain($0.name) }
      + ["nesterov", "adamax", "sgdm", "nadamw", "heavyball", "adam8bit", "galore"])
}

extension String {
  fileprivate func trimming(_ character: Character) -> String {
    var text = self[...]
    while text.first == character { text.removeFirst() }
    while text.last == character { text.removeLast() }
    return String(text)
  }
}
