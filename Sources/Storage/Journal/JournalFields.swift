/// Named values, as the first and the last block of a run hold them.
struct JournalFields {
  enum Value {
    case text(String)
    case integer(Int64)
    case number(Double)
  }

  /// In the order in which they were written.
  private(set) var all: [(name: String, value: Value)] = []
  private var places: [String: Int] = [:]

  init() {}

  mutating func set(_ name: String, _ text: String) { all.append((name, .text(text))) }
  mutating func set(_ name: String, _ integer: Int64) { all.append((name, .integer(integer))) }
  mutating func set(_ name: String, _ number: Double) { all.append((name, .number(number))) }

  func write(to encoder: inout JournalEncoder) {
    encoder.add(UInt32(all.count))
    for (name, value) in all {
      encoder.add(name)
      switch value {
      case .text(let text):
        encoder.add(UInt8(ascii: "s"))
        encoder.add(text)
      case .integer(let integer):
        encoder.add(UInt8(ascii: "q"))
        encoder.add(integer)
      case .number(let number):
        encoder.add(UInt8(ascii: "d"))
        encoder.add(number.bitPattern)
      }
    }
  }

  init(from decoder: inout JournalDecoder) throws(JournalDefect) {
    for place in 0..<(try decoder.count(ofSize: 9)) {
      let name = try decoder.text()
      let value: Value =
        switch try decoder.letter() {
        case "s": .text(try decoder.text())
        case "q": .integer(try decoder.integer())
        case "d": .number(Double(bitPattern: try decoder.integer()))
        case let letter: throw JournalDefect("'\(name)' has a value of the unknown type \(letter)")
        }
      guard places.updateValue(place, forKey: name) == nil else {
        throw JournalDefect("'\(name)' is there twice")
      }
      all.append((name, value))
    }
  }

  func has(_ name: String) -> Bool { places[name] != nil }

  /// The text called `name`, or `absent` where there is none.
  func text(_ name: String, absent: String? = nil) throws(JournalDefect) -> String {
    guard let value = self[name] else { return try required(name, absent) }
    guard case .text(let text) = value else { throw JournalDefect("'\(name)' is no text") }
    return text
  }

  func integer(_ name: String, absent: Int64? = nil) throws(JournalDefect) -> Int64 {
    guard let value = self[name] else { return try required(name, absent) }
    guard case .integer(let integer) = value else {
      throw JournalDefect("'\(name)' is no integer")
    }
    return integer
  }

  func number(_ name: String, absent: Double? = nil) throws(JournalDefect) -> Double {
    guard let value = self[name] else { return try required(name, absent) }
    guard case .number(let number) = value else { throw JournalDefect("'\(name)' is no number") }
    return number
  }

  private subscript(name: String) -> Value? { places[name].map { all[$0].value } }

  private func required<Value>(_ name: String, _ absent: Value?) throws(JournalDefect) -> Value {
    guard let absent else { throw JournalDefect("'\(name)' is missing") }
    return absent
  }
}
