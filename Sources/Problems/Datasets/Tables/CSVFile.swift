import Files
import Networks
import Settings

/// Examples as rows of separated values: some columns are features, one is the class, or some are the
/// values to be met.
///
/// The text is UTF-8, without or with a byte-order mark; lines end with LF, CRLF or CR, and may all
/// end with a separator. A class may be any text; classes are numbered from 0 in the order of the
/// texts, or of the numbers if all are numbers (1, 1.0 and 1e0 are one, as are 0 and −0; beside a text
/// they are refused). Several
/// columns of `label` are one-hot classes: a one and zeros in each row.
///
/// A field that is missing or no finite number ends the reading: it is for the user to say what stands
/// in its place. So do a first row that looks like data though it is read as the header, letters that
/// are composed in two ways, and columns of one name or none among features that were not chosen. Where
/// every training example has the same class, a warning says so before anything trains.
struct CSVFile: TableFile {
  let label: String?
  let columns: String?
  let header: Bool?
  let separator: UInt8
  let task: TableTask

  var name: String { "csv" }
  var key: String {
    "\(label ?? "-") \(columns ?? "-") \(header.map(String.init) ?? "-") \(separator) "
      + task.rawValue
  }

  func read(_ path: String) throws(ProblemError) -> TableContents {
    let bytes = try TextFile.bytes(of: path, key: "path")
    var text = DelimitedText(bytes, separator: separator)
    var fields: [ArraySlice<UInt8>] = []
    guard try Self.next(&text, &fields, path) else {
      throw ProblemError(file: path, "has no rows")
    }
    var names: [String]?
    if header != false {
      names = fields.map { Self.text(of: $0) }
      guard try Self.next(&text, &fields, path) else { throw Self.noRows(path) }
    }
    let endsWithSeparator = Self.endsWithSeparator(fields, names: names)
    // The header alone may end with one, too.
    if let header = names, header.count == fields.count + 1, header.last == "" {
      names?.removeLast()
    }
    if let header = names, header.count != fields.count, let first = header.first,
      first.hasPrefix("#") || first.lowercased().hasPrefix("sep=")
    {
      throw ProblemError(
        file: path,
        "its first line, '\(first.prefix(40))', is read as the header, since there are no comments or "
          + "settings in such files: remove it")
    }
    let width = endsWithSeparator ? fields.count - 1 : names?.count ?? fields.count
    let columns = CSVColumns(names: names.map { Array($0.prefix(width)) }, count: width, file: path)
    let (features, targets) = try columns.chosen(features: self.columns, targets: label)
    if header == nil, columns.looksLikeData(features) {
      throw ProblemError(
        file: path,
        "its first row, \(columns.list(features)), is read as the header but looks like data; set "
          + "'header: false' of the data set, or 'header: true' if these are the columns' names")
    }

    var rows = Rows(task: task, columns: columns, features: features, targets: targets)
    repeat {
      // A line of spaces is as empty as one without.
      if fields.count == 1, width > 1, Self.text(of: fields[0]).isEmpty { continue }
      let place = "\(path):\(text.line)"
      if endsWithSeparator, fields.count == width + 1 {
        let behind = Self.text(of: fields[width])
        guard behind.isEmpty else {
          throw ProblemError(
            file: place,
            "has '\(behind.prefix(40))' behind the last separator, with which the first row of data "
              + "ends")
        }
        fields.removeLast()
      }
      guard fields.count == width else {
        throw ProblemError(
          file: place,
          "has \(fields.count) fields, the first row has \(width); is 'separator' right?")
      }
      try rows.add(fields, place: place, isFirst: text.line == 1)
    } while try Self.next(&text, &fields, path)
    guard rows.count <= Int(Int32.max) else { throw Self.noRows(path, rows.count) }
    return try rows.contents(isLastColumn: label == nil, file: path)
  }

  private static func next(
    _ text: inout DelimitedText, _ fields: inout [ArraySlice<UInt8>], _ path: String
  ) throws(ProblemError) -> Bool {
    do throws(DelimitedTextError) { return try text.nextRow(&fields) } catch {
      throw ProblemError(file: "\(path):\(error.line)", error.problem)
    }
  }

  private static func noRows(_ path: String, _ count: Int = 0) -> ProblemError {
    ProblemError(file: path, "has \(count) rows of data; allowed: 1 to \(Int32.max)")
  }

  /// Whether lines end with a separator, behind which nothing stands: the first row of data does, and
  /// the header has no name there.
  private static func endsWithSeparator(_ fields: [ArraySlice<UInt8>], names: [String]?) -> Bool {
    guard fields.count > 1, let last = fields.last, text(of: last).isEmpty else { return false }
    guard let names else { return true }
    return names.count == fields.count - 1 || names.count == fields.count && names.last == ""
  }

  fileprivate static func text(of field: ArraySlice<UInt8>) -> String {
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
        "column of the class, by name or by index from 0 in quotes; several with commas for values "
          + "or one-hot classes; null is the last"),
      Hyperparameter(
        "columns", .text, default: .none, optional: true,
        "columns of the features, with commas: names, indices or ranges such as 1-784; null is all "
          + "others"),
      Hyperparameter(
        "header", .boolean, default: .none, optional: true,
        "whether the first row has the columns' names; null is true, but a row of numbers is refused"
      ),
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
      header: options.optionalBoolean("header"), separator: bytes[0], task: TableTask(options))
  }
}

/// The rows of a file as they are read.
private struct Rows {
  let task: TableTask
  let columns: CSVColumns
  let features: [Int]
  let targets: [Int]
  private(set) var count = 0
  private var values: [Float] = []
  private var classes = ClassNumbers()
  private var oneHot: [Int32] = []
  private var targetValues: [Float] = []

  init(task: TableTask, columns: CSVColumns, features: [Int], targets: [Int]) {
    self.task = task
    self.columns = columns
    self.features = features
    self.targets = targets
  }

  mutating func add(
    _ fields: [ArraySlice<UInt8>], place: String, isFirst: Bool
  ) throws(ProblemError) {
    for column in features {
      values.append(try number(fields[column], column, place, isFirst: isFirst))
    }
    switch task {
    case .values:
      for column in targets {
        targetValues.append(try number(fields[column], column, place, isFirst: isFirst))
      }
    case .classes where targets.count > 1:
      oneHot.append(try position(ofOneIn: fields, place))
    case .classes:
      let name = CSVFile.text(of: fields[targets[0]])
      if let problem = ClassNumbers.refusal(of: name) ?? classes.add(name) {
        throw ProblemError(file: place, "\(columns.label(targets[0])) \(problem)")
      }
    }
    count += 1
  }

  /// - Parameter isLastColumn: Whether the class is the last column because the user named none.
  func contents(isLastColumn: Bool, file: String) throws(ProblemError) -> TableContents {
    let content: ExampleTargets
    let kind: TargetKind
    let place = targets.count == 1 ? columns.label(targets[0]) : columns.list(targets)
    switch task {
    case .values:
      try requireChange(in: targetValues, width: targets.count, place: "\(file): \(place)")
      content = .values(targetValues, width: targets.count)
      kind = .values(targets.count)
    case .classes where targets.count > 1:
      content = .classes(oneHot)
      kind = .classes(targets.count)
    case .classes:
      if let ambiguity = classes.ambiguity() {
        throw ProblemError(file: file, "\(place) \(ambiguity)")
      }
      let (labels, names) = classes.numbered()
      try requireClasses(names, place: place, file: file)
      if isLastColumn { try refuseOneHot(labels, classes: names, file: file) }
      content = .classes(labels)
      kind = .classes(names.count)
    }
    return TableContents(
      table: ExampleTable(
        count: count, features: .floats(values), columns: features.count, targets: content),
      test: nil, exampleShape: [features.count], targets: kind)
  }

  /// Throws where the classes are rather numbers to be met, or names of the rows.
  private func requireClasses(
    _ names: [String], place: String, file: String
  ) throws(ProblemError) {
    let fraction = names.first { name in
      decimalNumber(Array(name.utf8)[...]).map { $0 != $0.rounded() } ?? false
    }
    if let fraction, names.count > 20,
      names.allSatisfy({ decimalNumber(Array($0.utf8)[...]) != nil })
    {
      throw ProblemError(
        file: file,
        "\(place) has \(names.count) different numbers such as \(fraction): for numbers to be met set "
          + "'task: values' of the data set, for classes write integers or names")
    }
    guard count < 10 || names.count * 2 <= count else {
      throw ProblemError(
        file: file,
        "\(place) has \(names.count) different classes in \(count) rows: is it the column of the class? "
          + "Set 'label' of the data set, or 'task: values' for numbers to be met")
    }
  }

  /// Throws where the last columns together are one-hot classes, of which the last alone was taken.
  private func refuseOneHot(
    _ labels: [Int32], classes: [String], file: String
  ) throws(ProblemError) {
    let isOne = classes.map { decimalNumber(Array($0.utf8)[...]) }
    guard isOne == [0, 1], features == Array(0..<features.count) else { return }
    var sums = labels.map { Float($0) }
    for column in features.reversed() {
      for row in 0..<count {
        let value = values[row * features.count + column]
        guard value == 0 || value == 1 else { return }
        sums[row] += value
      }
      if sums.contains(where: { $0 > 1 }) { return }
      guard sums.allSatisfy({ $0 == 1 }) else { continue }
      let group = columns.list(column...targets[0])
      throw ProblemError(
        file: file,
        "the last columns, \(group), hold a one and zeros in each row, as one-hot classes do; set "
          + "'label: \"\(group)\"' of the data set to read them as such, or 'label' to the last alone"
      )
    }
  }

  private func position(
    ofOneIn fields: [ArraySlice<UInt8>], _ place: String
  ) throws(ProblemError) -> Int32 {
    let numbers = targets.map { decimalNumber(fields[$0]) }
    guard numbers.allSatisfy({ $0 == 0 || $0 == 1 }), numbers.count(where: { $0 == 1 }) == 1,
      let position = numbers.firstIndex(of: 1)
    else {
      let found = targets.prefix(20).map { CSVFile.text(of: fields[$0]) }.joined(separator: ", ")
      throw ProblemError(
        file: place,
        "'label' names \(targets.count) columns, and they hold \(found); a class is in one column, or "
          + "one-hot in several: a one and zeros")
    }
    return Int32(position)
  }

  private func number(
    _ field: ArraySlice<UInt8>, _ index: Int, _ place: String, isFirst: Bool
  ) throws(ProblemError) -> Float {
    if let value = decimalNumber(field) {
      let number = Float(value)
      if number.isFinite { return number }
    }
    let column = columns.label(index)
    let found = CSVFile.text(of: field)
    // Within other spaces than numbers know.
    if let value = decimalNumber(Array(found.utf8)[...]) {
      let number = Float(value)
      if number.isFinite { return number }
    }
    guard !found.isEmpty else {
      throw ProblemError(
        file: place, "\(column) is empty; fill it in, or leave out the row or the column")
    }
    let visible = found.prefix(40).unicodeScalars.map { scalar in
      scalar.value < 0x7F || !scalar.properties.isWhitespace && scalar.properties.isGraphemeBase
        ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }.joined()
    throw ProblemError(
      file: place,
      "\(column) is '\(visible)', no number within the range of 32-bit floats; "
        + remedy(for: found, isFirst: isFirst))
  }

  private func remedy(for found: String, isFirst: Bool) -> String {
    if found.hasPrefix("#") { return "a line that begins with '#' is no comment here: remove it" }
    if isFirst, columns.names == nil { return "is this the header? Then set 'header: true'" }
    let digits = found.filter { $0.isNumber || ",.'".contains($0) || $0.isWhitespace }
    if digits.contains(","), digits.count + (found.hasPrefix("-") ? 1 : 0) == found.count {
      return "write numbers with a decimal point and without separators of thousands"
    }
    if !ClassNumbers.isInfinite(found), ClassNumbers.refusal(of: found) != nil {
      return "it is a missing value: fill it in, or leave out the row or the column"
    }
    return "change it, or leave out the row or the column"
  }
}
