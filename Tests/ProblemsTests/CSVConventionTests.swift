import Foundation
import Networks
import Problems
import TestSupport
import Testing

/// Texts of separated values as other programs write them: read as they are meant, or refused in a
/// line that names what is wrong.
@Suite("Conventions of separated values")
struct CSVConventionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ bytes: some Sequence<UInt8>) throws -> String {
    let path = folder.path + "/table.csv"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// The class of each row of a table whose first feature is the row's number.
  private func classes(_ text: String, rows: Int, _ options: String = "") throws -> [Int32] {
    let path = try write(text.utf8)
    let yaml = "{name: csv, path: '\(path)', validation: 1, test: 1\(options)}"
    let data = try dataset(yaml)
    var found = [Int32](repeating: -1, count: rows)
    for (split, count) in [(DataSplit.train, rows - 2), (.validation, 1), (.test, 1)] {
      for index in 0..<count {
        let example = data.example(index, of: split)
        found[Int(example.features[0])] = example.labels[0]
      }
    }
    return found
  }

  private struct Column: Decodable {
    let texts: [String]
    let codes: [Int32]
    let classes: Int
  }

  @Test("labels are the classes that pandas makes of them")
  func labels() throws {
    let columns: [String: Column] = try oracle("Files/columns")
    #expect(columns.count == 8)
    // '1', '1.0' and 'x' are three texts to pandas and refused here.
    for (name, column) in columns where name != "texts" {
      let lines = column.texts.enumerated().map { "\($0),\($1)\n" }
      let found = try classes("row,kind\n" + lines.joined(), rows: column.texts.count)
      #expect(found == column.codes, "\(name)")
      #expect(
        try datasetSource("{name: csv, path: '\(folder.path)/table.csv', validation: 1, test: 1}")
          .targets == .classes(column.classes), "\(name)")
    }
  }

  @Test(
    "line ends, marks, trailing separators and spaces make no difference",
    arguments: [
      "\u{FEFF}row,v,kind\n0,1,a\n1,2,b\n2,3,a\n", "row,v,kind\r0,1,a\r1,2,b\r2,3,a",
      "row,v,kind\r\n0,1,a\r\n1,2,b\r\n2,3,a\r\n\r\n", "row,v,kind,\n0,1,a,\n1,2,b,\n2,3,a,\n",
      "row,v,kind\n0,1,a,\n1,2,b,\n2,3,a,", "row,v,kind\r0,1,\"a\"\r\r1,2,b \r2,3,\u{A0}a\r",
      "row , v,kind\n 0,1, a\n1,\"2\",\"b\"\n2,3.0,a",
      "row,v,kind,\r\n0,1,a,\r\n1,2,b\r\n2,3,a, \r\n", "row,v,kind,\n0,1,a\n1,2,b\n2,3,a\n",
      "row,v,kind\n0,1,a\n   \n1,\u{B}2,b\n\t\n2,\u{A0}3,a\n",
    ])
  func spellings(text: String) throws {
    #expect(try classes(text, rows: 3) == [0, 1, 0])
    let data = try dataset("{name: csv, path: '\(folder.path)/table.csv', validation: 1, test: 1}")
    #expect(data.trainingCount == 1 && data.example(0, of: .train).features.count == 2)
  }

  @Test("headers of numbers are names where they count the columns, or where it is said")
  func numericHeaders() throws {
    #expect(try classes("0,1,2,kind\n0,5,5,a\n1,5,5,b\n2,5,5,a\n", rows: 3) == [0, 1, 0])
    let years = "1990,1995,kind\n0,5,a\n1,5,b\n2,5,a\n"
    #expect(try classes(years, rows: 3, ", header: true") == [0, 1, 0])
    #expect(try classes("0,5,a\n1,5,b\n2,5,a\n", rows: 3, ", header: false") == [0, 1, 0])
  }

  @Test("several columns of one-hot labels are one class, in the order in which they are named")
  func oneHot() throws {
    let text = "row,a,b,c\n0,1,0,0\n1,0,0,1\n2,0,1.0,0\n3,0,0,1\n"
    #expect(try classes(text, rows: 4, ", label: 'a,b,c'") == [0, 2, 1, 2])
    #expect(try classes(text, rows: 4, ", label: 'c,b,a'") == [2, 0, 1, 0])
    #expect(try classes(text, rows: 4, ", label: c") == [0, 1, 0, 1])
  }

  @Test("a column is found by its name however its letters are composed")
  func composedNames() throws {
    let text = "row,cafe\u{301},z\n0,a,1\n1,b,2\n2,a,3\n"
    #expect(try classes(text, rows: 3, ", label: 'caf\u{E9}'") == [0, 1, 0])
  }

  @Test("columns of one name, or none, may be chosen by their indices")
  func chosen() throws {
    let text = ",a,a,kind\n9,0,1,x\n9,1,2,y\n9,2,3,x\n"
    #expect(try classes(text, rows: 3, ", columns: '1,2'") == [0, 1, 0])
  }

  struct Refusal: CustomTestStringConvertible {
    let text: [UInt8]
    let options: String
    let words: [String]
    var testDescription: String { words[0] }

    init(_ text: String, _ options: String = "", _ words: String...) {
      self.init(bytes: Array(text.utf8), options, words)
    }

    init(bytes: [UInt8], _ options: String = "", _ words: [String]) {
      text = bytes
      self.options = options
      self.words = words
    }
  }

  private static let utf16 = "a,b,kind\n1,2,x\n3,4,y\n".utf16.flatMap {
    [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
  }
  private static let words20 = (0..<24).map { "\($0),\($0)\n" }.joined()
  private static let values = (0..<60).map { "\($0),\(Double($0 % 25) + 0.5)\n" }.joined()

  @Test(
    "what would be misread is refused in one line that names it",
    arguments: [
      Refusal("a,b\n1,5\n2,5\n", ", task: values", "column 'b': is 5.0 in every example"),
      Refusal("label,p\nx,1\ny,0\n", "", "column, 'p', would be it", "called 'label'"),
      Refusal("5.1,3.5,x\n4.9,3.0,y\n", "", "first row, 5.1, 3.5, is read as", "'header: false'"),
      Refusal("0,1,x\n4.9,3.0,y\n", "", "looks like data"),
      Refusal("a,b\n1,x\n", ", header: false", "column 0 is 'a'", "'header: true'"),
      Refusal(",a,b\n0,1,x\n1,2,y\n", "", "column 0 (from 0) has no name", "'columns'"),
      Refusal("a,b,a,c\n0,1,2,x\n", "", "two columns, 0 and 2 (from 0), are called 'a'"),
      Refusal("\u{E9},e\u{301},c\n0,1,x\n", "", "two columns, 0 and 1"),
      Refusal("a,c\n0,\u{E9}\n1,e\u{301}\n", "", "table.csv:3", "NFC and NFD"),
      Refusal(
        "a,c\n0,1\n1,nan\n", "", "table.csv:3: column 'c' is 'nan', which stands for a missing"),
      Refusal("a,c\n0,1\n1,-inf\n", "", "column 'c' is '-inf', no finite number"),
      Refusal("a,c\n0,1\n1,1e999\n", "", "column 'c' is '1e999', no finite number"),
      Refusal("a,c\ninf,1\n1,2\n", "", "column 'a' is 'inf'", "floats; change it"),
      Refusal("a,c\n0,1\n1,1.0\n2,x\n", "", "'c' has '1' and '1.0'", "'x' is not", "in one way"),
      Refusal("a,c\n0,true\n1,TRUE\n2,?!\n", "", "'c' has 'true' and 'TRUE'", "'?!' is not"),
      Refusal(
        "# by a program\na,b,c\n0,1,x\n", "", "first line, '# by a program', is", "remove it"),
      Refusal("sep=;\na;b;c\n0;1;x\n", ", separator: ';'", "first line, 'sep=', is"),
      Refusal("# 1, 2\n0,x\n", ", header: false", "column 0 is '# 1'", "no comment here"),
      Refusal("a,c\n0,x\n1,NA\n", "", "column 'c' is 'NA', which"),
      Refusal("a,c\n?,x\n1,y\n", "", "column 'a' is '?'", "it is a missing value"),
      Refusal("a;c\n1,5;x\n", ", separator: ';'", "column 'a' is '1,5'", "decimal point"),
      Refusal("a,c\n\"1,234\",x\n", "", "column 'a' is '1,234'", "separators of thousands"),
      Refusal("a,c\n1\u{A0}234,x\n", "", "column 'a' is '1\\u{A0}234'"),
      Refusal("a,c\n1\u{200B},x\n", "", "column 'a' is '1\\u{200B}'"),
      Refusal("a,b,c,\n1,2,x,\n1,2,y,z\n", "", "table.csv:3: has 'z' behind the last separator"),
      Refusal("1,2,\n3,4,x\n", ", header: false", "table.csv:2: has 'x' behind the last"),
      Refusal("a,b\r1,x\r2\r", "", "table.csv:3: has 1 fields, the first row has 2"),
      Refusal("a,c\n" + words20, "", "has 24 different classes in 24 rows"),
      Refusal("a,c\n" + values, "", "has 25 different numbers such as 0.5", "'task: values'"),
      Refusal(
        "x,a,b,c\n0,1,0,0\n1,0,0,1\n2,0,1,0\n", "", "the last columns, a, b, c, hold a one",
        "'label: \"a, b, c\"'"),
      Refusal("x,a,b\n0,1,1\n", ", label: 'a,b'", "table.csv:2: 'label' names 2 columns", "1, 1"),
      Refusal(bytes: [0xFF, 0xFE] + utf16, "", ["is UTF-16 text", "iconv -f UTF-16"]),
      Refusal(bytes: utf16, "", ["looks like UTF-16LE text", "iconv -f UTF-16LE"]),
      Refusal(bytes: [0] + utf16.dropLast(), "", ["looks like UTF-16BE text"]),
      Refusal(bytes: [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "", ["is UTF-32 text"]),
      Refusal(
        bytes: Array("a,b\n1,x\n2,".utf8) + [0xE9], "", ["table.csv:3: is no UTF-8", "0xE9"]),
      Refusal(bytes: Array("a,b\n1,x\n2,".utf8) + [0, 10], "", ["is no text", "in line 3"]),
    ])
  func refused(_ refusal: Refusal) throws {
    let path = try write(refusal.text)
    let text = message {
      _ = try datasetSource(
        "{name: csv, path: '\(path)', validation: 1, test: 1\(refusal.options)}")
    }
    for word in refusal.words { #expect(text.contains(word), "\(text)") }
    #expect(!text.contains("\n"))
  }

  @Test("a byte-order mark is no character of a text; other encodings and one kind are refused")
  func texts() throws {
    let text = String(repeating: "a b\u{E9}", count: 40)
    let plain = try folder.write(text, to: "plain.txt")
    let marked = try folder.write("\u{FEFF}" + text, to: "marked.txt")
    let options = "length: 3, validation: 0.2, test: 0.2"
    #expect(
      try dataset("{name: text, path: '\(plain)', \(options)}").digest
        == dataset("{name: text, path: '\(marked)', \(options)}").digest)
    let one = try folder.write(String(repeating: "a", count: 40), to: "one.txt")
    #expect(
      message { _ = try datasetSource("{name: text, path: '\(one)'}") }.contains("of one kind"))
    let wide = try write([0xFE, 0xFF, 0, 0x61])
    #expect(
      message { _ = try datasetSource("{name: text, path: '\(wide)'}") }.contains("is UTF-16 text"))
  }
}
