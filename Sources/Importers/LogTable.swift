internal import Files

/// A table of separated values with a header, as programs log or export it. Commas, semicolons and tabs
/// separate; the one that the header has most of. A last line that a program was still writing is left out.
struct LogTable {
  struct Row {
    let line: Int
    let fields: [String]
  }

  let path: String
  let header: [String]
  let rows: [Row]
  let separator: UInt8
  /// What must be said of the file.
  private(set) var notes: [String] = []

  init(_ path: String) throws(ImportError) {
    self.path = path
    var bytes = Array(try LogFiles.text(of: path).utf8)
    let lineEnds: Set<UInt8> = [0x0A, 0x0D]
    let firstLine = bytes.prefix { !lineEnds.contains($0) }
    let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    let counts = separators.map { separator in firstLine.count { $0 == separator } }
    let separator = separators[counts.indices.max { counts[$0] < counts[$1] } ?? 0]
    self.separator = separator
    let isCut = bytes.last.map { !lineEnds.contains($0) } ?? false
    var text = DelimitedText(bytes, separator: separator)
    var fields: [ArraySlice<UInt8>] = []
    var header: [String] = []
    var rows: [Row] = []
    var cut: Int?
    while true {
      do throws(DelimitedTextError) {
        guard try text.nextRow(&fields) else { break }
      } catch {
        // A quote that is never closed is where the writer was.
        guard isCut, !header.isEmpty, error.isUnclosed else {
          throw ImportError("\(path):\(error.line)", error.problem)
        }
        cut = error.line
        break
      }
      let texts = fields.map { String(decoding: $0, as: UTF8.self).trimmed }
      if header.isEmpty {
        header = texts
      } else if texts.allSatisfy(\.isEmpty), texts.count <= 1 {
        continue
      } else {
        rows.append(Row(line: text.line, fields: texts))
      }
    }
    bytes = []
    guard !header.isEmpty, header != [""] else { throw ImportError(path, "it is empty") }
    let names = header.filter { !$0.isEmpty }
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ImportError("\(path):1", "the column '\(twice)' is there twice")
    }
    if let last = rows.last, isCut, last.fields.count < header.count {
      cut = last.line
      rows.removeLast()
    }
    if let cut { notes.append("\(path):\(cut): the last line is not whole and is left out") }
    if let bad = rows.first(where: { $0.fields.count != header.count }) {
      // One separator at the end of every line makes one empty field more.
      let isPadded = rows.allSatisfy {
        $0.fields.count == header.count + 1 && $0.fields.last?.isEmpty == true
      }
      guard isPadded else {
        throw ImportError(
          "\(path):\(bad.line)",
          "\(bad.fields.count) fields, where the header has \(header.count) columns")
      }
    }
    self.header = header
    self.rows = rows
  }

  /// The place of the column called `name`, or nil.
  func column(_ name: String) -> Int? { header.firstIndex(of: name) }

  /// The place of the first column that is called by one of `names`, in any case and spelling.
  func column(of names: [String]) -> Int? {
    for name in names {
      if let index = header.firstIndex(where: { plainName($0) == name }) { return index }
    }
    return nil
  }

  /// The step in a field, also where it is written as `12.0`.
  func step(_ row: Row, _ column: Int) throws(ImportError) -> Int {
    let text = row.fields[column]
    guard let value = Double(text), let step = Int(exactly: value) else {
      throw ImportError(
        "\(path):\(row.line)", "'\(text)' in the column '\(header[column])' is no step")
    }
    return step
  }

  /// The number in a field; nil where it is empty.
  func number(_ row: Row, _ column: Int) throws(ImportError) -> Double? {
    let text = row.fields[column]
    if text.isEmpty { return nil }
    guard let value = loggedNumber(text) else {
      throw ImportError(
        "\(path):\(row.line)", "'\(text)' in the column '\(header[column])' is no number")
    }
    return value
  }
}

/// A number as programs log it, NaN and infinities in all spellings; nil for anything else.
func loggedNumber(_ text: some StringProtocol) -> Double? {
  if let value = Double(text) { return value }
  switch text.lowercased() {
  case "nan", "+nan", "-nan", "na", "n/a", "null", "none", "<na>", "#n/a", "-nan(ind)", "nan(ind)",
    "1.#qnan", "1.#ind", "-1.#ind":
    return .nan
  case "inf", "+inf", "infinity", "+infinity", "1.#inf": return .infinity
  case "-inf", "-infinity", "-1.#inf": return -.infinity
  default: return nil
  }
}
