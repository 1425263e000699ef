/// The classes of rows, which get their numbers when all are known.
///
/// Texts that spell one number, such as 1, 1.0 and 1e0, or 0 and −0, are one class where all classes
/// are numbers, and True, TRUE and true where all are booleans, as pandas reads a column.
struct ClassNumbers {
  private(set) var names: [String] = []
  private var known: [String: Int] = [:]
  private var rows: [Int] = []

  /// Why a text is no class, as the end of a sentence; nil if it is one.
  static func refusal(of name: String) -> String? {
    if name.isEmpty { return "is empty: no class" }
    if isInfinite(name) {
      return "is '\(name)', no finite number: no class; leave out the row, or write the class in "
        + "another way"
    }
    guard missing.contains(name) || Double(name)?.isNaN == true else { return nil }
    return
      "is '\(name)', which stands for a missing value: no class; leave out the row, or write the "
      + "class in another way"
  }

  /// Whether a text is infinity, or a number beyond all that numbers can be.
  static func isInfinite(_ text: String) -> Bool { Double(text)?.isInfinite == true }

  /// The texts that pandas takes for missing values, and that of UCI's files.
  private static let missing: Set<String> = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "?",
  ]

  /// Notes the next row's class.
  ///
  /// - Returns: Why it cannot be noted, as the end of a sentence; nil if all is well.
  mutating func add(_ name: String) -> String? {
    if let number = known[name] {
      guard names[number].utf8.elementsEqual(name.utf8) else {
        return "is '\(name)', which another row spells with its letters composed in the other way "
          + "(Unicode NFC and NFD): write all in one, for example with unicodedata.normalize('NFC', "
          + "text)"
      }
      rows.append(number)
      return nil
    }
    known[name] = names.count
    rows.append(names.count)
    names.append(name)
    guard names.count > TableTask.mostClasses else { return nil }
    return "has more than \(TableTask.mostClasses) different classes; for numbers to be met use "
      + "'task: values'"
  }

  /// The class of each row, numbered in the order of the numbers, or else of the texts.
  func numbered() -> (labels: [Int32], classes: [String]) {
    if let integers = values({ Int64($0) }) { return numbered(by: integers) }
    if let numbers = values({ decimalNumber(Array($0.utf8)[...]) }) { return numbered(by: numbers) }
    if let numbers = values({ Self.truth(Array($0.utf8)[...]) }) { return numbered(by: numbers) }
    return numbered(by: names)
  }

  /// Why the classes may not be those that are meant, as the end of a sentence: two spell one number, or
  /// one truth, and would be one class, were there no others among them.
  func ambiguity() -> String? {
    for kind in [decimalNumber, Self.truth] {
      var first: [Double: String] = [:]
      guard let other = names.first(where: { kind(Array($0.utf8)[...]) == nil }) else { continue }
      for name in names {
        guard let value = kind(Array(name.utf8)[...]) else { continue }
        if let earlier = first.updateValue(name, forKey: value) {
          return
            "has '\(earlier)' and '\(name)', which would be one class if all classes were of their "
            + "kind, but '\(other)' is not; write each class in one way"
        }
      }
    }
    return nil
  }

  private static func truth(_ text: ArraySlice<UInt8>) -> Double? {
    switch String(decoding: text, as: UTF8.self) {
    case "False", "FALSE", "false": 0
    case "True", "TRUE", "true": 1
    default: nil
    }
  }

  private func values<Value>(_ value: (String) -> Value?) -> [Value]? {
    let values = names.compactMap(value)
    return values.count == names.count ? values : nil
  }

  /// Numbers the rows by the value of each name; equal values are one class.
  private func numbered<Value: Hashable & Comparable>(
    by values: [Value]
  ) -> (labels: [Int32], classes: [String]) {
    let order = Set(values).sorted()
    var place: [Value: Int32] = [:]
    for (number, value) in order.enumerated() { place[value] = Int32(number) }
    let classes = order.map { value in values.firstIndex(of: value).map { names[$0] } ?? "" }
    return (rows.map { place[values[$0]] ?? 0 }, classes)
  }
}
