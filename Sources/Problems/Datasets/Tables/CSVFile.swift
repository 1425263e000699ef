import Networks
import Settings

/// Examples as rows of separated values: some columns are features, one is the class, or some are the
/// values to be met.
///
/// A class may be any text; classes are numbered from 0 in the order of the texts, or of the numbers
/// if all are numbers. A field that is missing or no finite number ends the reading: it is for the
/// user to say what stands in its place.
struct CSVFile: TableFile {
  let label: String?
  let columns: String?
  let hasHeader: Bool
  let separator: UInt8
  let task: TableTask

  var name: String { "csv" }
  var key: String {
    "\(label ?? "-") \(columns ?? "-") \(hasHeader) \(separator) \(task.rawValue)"
  }

  func read(_ path: String) throws(ProblemError) -> TableContents {
    let bytes = try DataFile.bytes(of: path, key: "path")
    var text = DelimitedText(bytes, separator: separator, file: path)
    var fields: [ArraySlice<UInt8>] = []
    guard try text.nextRow(&fields) else { throw ProblemError(file: path, "has no rows") }
    let width = fields.count
    let columns = CSVColumns(
      names: hasHeader ? fields.map { Self.text(of: $0) } : nil, count: width, file: path)
    let (features, targets) = try columns.chosen(
      features: self.columns, targets: label, allowsSeveral: task == .values)

    var values: [Float] = []
    var labels = ClassNumbers()
    var targetValues: [Float] = []
    var count = 0
    var hasRow = !hasHeader
    while true {
      if !hasRow { guard try text.nextRow(&fields) else { break } }
      hasRow = false
      let place = "\(path):\(text.line)"
      guard fields.count == width else {
        throw ProblemError(
          file: place,
          "has \(fields.count) fields, the first row has \(width); is 'separator' right?")
      }
      for column in features {
        values.append(try Self.number(fields[column], columns.label(column), place))
      }
      switch task {
      case .values:
        for column in targets {
          targetValues.append(try Self.number(fields[column], columns.label(column), place))
        }
      case .classes:
        let name = Self.text(of: fields[targets[0]])
        guard !name.isEmpty else {
          throw ProblemError(file: place, "\(columns.label(targets[0])) is empty: no class")
        }
        guard labels.add(name) else {
          throw ProblemError(
            file: place,
            "\(columns.label(targets[0])) has more than \(TableTask.mostClasses) different classes; "
              + "for numbers to be met use 'task: values'")
        }
      }
      count += 1
    }
    guard count > 0, count <= Int(Int32.max) else {
      throw ProblemError(file: path, "has \(count) rows of data; allowed: 1 to \(Int32.max)")
    }
    let kind: TargetKind =
      task == .values ? .values(targets.count) : .classes(labels.count)
    return TableContents(
      table: ExampleTable(
        count: count, features: .floats(values), columns: features.count,
        targets: task == .values
          ? .values(targetValues, width: targets.count) : .classes(labels.numbered())),
      test: nil, exampleShape: [features.count], targets: kind)
  }

  private static func number(
    _ field: ArraySlice<UInt8>, _ column: String, _ place: String
  ) throws(ProblemError) -> Float {
    if let value = decimalNumber(field) {
      let number = Float(value)
      if number.isFinite { return number }
    }
    let found = text(of: field)
    throw ProblemError(
      file: place,
      found.isEmpty
        ? "\(column) is empty; fill it in, or leave out the row or the column"
        : "\(column) is '\(found.prefix(40))', no number within the range of 32-bit floats; change it, "
          + "or leave out the row or the column")
  }

  private static func text(of field: ArraySlice<UInt8>) -> String {
    var text = Substring(String(decoding: field, as: UTF8.self))
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  static let entry = TableDataset.entry(
    name: "csv", summary: "separated values: a row for each example (by path)",
    reference: "RFC 4180",
    options: [
      Hyperparameter(
        "label", .text, default: .none, optional: true,
        "column of the class, by name or by index from 0 in quotes; several with commas for values; "
          + "null is the last"),
      Hyperparameter(
        "columns", .text, default: .none, optional: true,
        "columns of the features, with commas: names, indices or ranges such as 1-784; null is all "
          + "others"),
      Hyperparameter(
        "header", .boolean, default: .boolean(true), "whether the first row has the columns' names"),
      Hyperparameter(
        "separator", .text, default: .text(","), "one character, or 'tab'"),
    ]
  ) { options throws(HyperparameterError) in
    let separator = options.text("separator")
    let bytes = Array((separator == "tab" ? "\t" : separator).utf8)
    guard bytes.count == 1, bytes[0] < 0x80, !"\"\r\n".utf8.contains(bytes[0]) else {
      throw HyperparameterError("separator", "'\(separator)' is not one ASCII character, or 'tab'")
    }
    return CSVFile(
      label: options.optionalText("label"), columns: options.optionalText("columns"),
      hasHeader: options.boolean("header"), separator: bytes[0], task: TableTask(options))
  }
}

/// The classes of rows, which get their numbers when all are known.
private struct ClassNumbers {
  private var names: [String] = []
  private var known: [String: Int] = [:]
  private var rows: [Int] = []

  var count: Int { names.count }

  /// Notes the next row's class; false if there are too many.
  mutating func add(_ name: String) -> Bool {
    if let number = known[name] {
      rows.append(number)
      return true
    }
    known[name] = names.count
    rows.append(names.count)
    names.append(name)
    return names.count <= TableTask.mostClasses
  }

  /// The class of each row, numbered in the order of the names.
  func numbered() -> [Int32] {
    let numbers = names.map { decimalNumber(Array($0.utf8)[...]) }
    let isNumeric = numbers.allSatisfy { $0 != nil }
    let order = names.indices.sorted { first, second in
      if isNumeric, let a = numbers[first], let b = numbers[second], a != b { return a < b }
      return names[first] < names[second]
    }
    var place = [Int32](repeating: 0, count: names.count)
    for (number, index) in order.enumerated() { place[index] = Int32(number) }
    return rows.map { place[$0] }
  }
}
