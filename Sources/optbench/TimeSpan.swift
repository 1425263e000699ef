import ArgumentParser

/// A time as people and batch systems write it: `90`, `90s`, `45m`, `12h`, `2d`, `1:30:00`, `1-12:00:00`.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Double

  private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]

  init?(argument: String) {
    var text = argument[...]
    var unit = 1.0
    if let last = text.last, let found = Self.units[last] {
      unit = found
      text = text.dropLast()
    }
    guard let value = text.contains(":") ? Self.clockTime(text) : Self.number(text) else {
      return nil
    }
    seconds = value * unit
    guard seconds > 0, seconds < 1e9 else { return nil }
  }

  /// `MM:SS`, `HH:MM:SS` or `D-HH:MM:SS`.
  private static func clockTime(_ text: Substring) -> Double? {
    var clock = text
    var total = 0.0
    if let dash = text.firstIndex(of: "-") {
      guard let days = number(text[..<dash]) else { return nil }
      total = days * 24
      clock = text[text.index(after: dash)...]
    }
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3 || (parts.count == 2 && total == 0) else { return nil }
    for (place, part) in parts.enumerated() {
      guard let value = number(part) else { return nil }
      total = place == 0 ? total + value : total * 60 + value
    }
    return total
  }

  private static func number(_ text: Substring) -> Double? {
    guard text.allSatisfy({ $0.isNumber || $0 == "." }) else { return nil }
    return Double(text)
  }
}
