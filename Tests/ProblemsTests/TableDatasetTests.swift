import Foundation
import Networks
import Problems
import TestSupport
import Testing

/// The files that scripts/oracles/arrays.py wrote.
let arrayFiles = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("Oracles").path

/// The message of the error that `body` throws; empty if it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}

@Suite("Data sets from arrays")
struct ArrayDatasetTests {
  struct Expected: Decodable {
    let shape: [Int]
    let values: [Double]
  }

  @Test(
    "NumPy's arrays of each type are read as NumPy wrote them",
    arguments: ["arrays.npz", "arrays-stored.npz"])
  func types(file: String) throws {
    let archive = try ZipArchive(path: "\(arrayFiles)/\(file)")
    let expected: [String: Expected] = try oracle("arrays")
    for (name, array) in expected.sorted(by: { $0.key < $1.key }) {
      let bytes = try #require(try archive.content(of: "\(name).npy"))
      let found = try NumericArray(npy: bytes, of: name)
      #expect(found.shape == array.shape, "\(name)")
      #expect(try found.floats(of: name) == array.values.map { Float($0) }, "\(name)")
    }
    #expect(archive.names.contains("scalar.npy"))
    #expect(try archive.content(of: "nothing.npy") == nil)
  }

  @Test("all versions of NumPy's format are read", arguments: 1...3)
  func versions(version: Int) throws {
    let data = try Data(
      contentsOf: URL(fileURLWithPath: "\(arrayFiles)/arrays-\(version).npy"))
    let expected: [String: Expected] = try oracle("arrays")
    let found = try NumericArray(npy: [UInt8](data), of: "x")
    #expect(found.shape == [20, 2, 3])
    #expect(try found.floats(of: "x") == expected["x"]?.values.map { Float($0) })
  }

  @Test("features and classes of an archive are cut as the split's order says")
  func classes() throws {
    let yaml = "{name: npz, path: '\(arrayFiles)/arrays.npz', validation: 3, test: 4}"
    let source = try datasetSource(yaml)
    #expect(source.exampleShape == [2, 3] && source.targets == .classes(4))
    #expect(source.summary == "arrays.npz, 13 training, 3 validation, 4 test examples")
    let data = try dataset(yaml)
    let expected: [String: Expected] = try oracle("arrays")
    let x = try #require(expected["x"]).values
    var seen: Set<Int> = []
    for (split, count) in [(DataSplit.train, 13), (.validation, 3), (.test, 4)] {
      for index in 0..<count {
        let (features, labels, _) = data.example(index, of: split)
        let row = try #require(
          (0..<20).first { features == x[6 * $0..<6 * $0 + 6].map { Float($0) } })
        #expect(labels == [Int32(row % 4)])
        seen.insert(row)
      }
    }
    #expect(seen.count == 20)
  }

  @Test("an HDF5 file gives the same examples as the archive of the same arrays")
  func hdf5() throws {
    let keys = "features: train/x, labels: /train/y"
    let hdf5 = try dataset("{name: hdf5, path: '\(arrayFiles)/arrays.h5', \(keys)}")
    let npz = try dataset("{name: npz, path: '\(arrayFiles)/arrays.npz'}")
    #expect(hdf5.trainingCount == 16 && hdf5.validationCount == 2)
    var found: [[Float]] = []
    var expected: [[Float]] = []
    for index in 0..<16 {
      found.append(hdf5.example(index, of: .train).features)
      expected.append(npz.example(index, of: .train).features)
    }
    for index in 0..<2 {
      for split in [DataSplit.validation, .test] {
        found.append(hdf5.example(index, of: split).features)
        expected.append(npz.example(index, of: split).features)
      }
    }
    let order = { (a: [Float], b: [Float]) in a.lexicographicallyPrecedes(b) }
    #expect(found.sorted(by: order) == expected.sorted(by: order))
    let values = try datasetSource(
      "{name: hdf5, path: '\(arrayFiles)/arrays.h5', features: train/x, labels: train/values, "
        + "task: values}")
    #expect(values.targets == .values(2))
  }

  @Test("targets may be values, or a class for each time step; test examples may stand apart")
  func kinds() throws {
    let file = "name: npz, path: '\(arrayFiles)/arrays-stored.npz'"
    let values = try datasetSource("{\(file), labels: double, task: values}")
    #expect(values.targets == .values(2) && values.targetsPerExample == 1)
    let steps = try datasetSource("{\(file), features: double, labels: steps}")
    #expect(steps.targets == .classes(3) && steps.targetsPerExample == 2)
    let apart = try dataset(
      "{\(file), features: u1, test_features: i1, test_labels: y, validation: 5}")
    #expect(apart.trainingCount == 15 && apart.testCount == 20)
    let expected: [String: Expected] = try oracle("arrays")
    let row = try #require(expected["i1"]).values[0..<2].map { Float($0) }
    #expect(apart.example(0, of: .test).features == row)
  }

  struct Refusal: CustomTestStringConvertible {
    let options: String
    let words: [String]
    var testDescription: String { options }
  }

  @Test(
    "what is no data set is refused in one line",
    arguments: [
      Refusal(options: "features: z", words: ["has no array 'z'", "it has: x, y, double"]),
      Refusal(options: "features: complex", words: ["'<c16'", "astype"]),
      Refusal(options: "features: scalar", words: ["no examples"]),
      Refusal(options: "features: missing", words: ["element [3, 1] is nan"]),
      Refusal(options: "labels: short", words: ["[19, 2]", "must be [20]", "or [20, targets]"]),
      Refusal(options: "labels: double", words: ["element [0, 0]", "task: values"]),
      Refusal(options: "labels: i1", words: ["classes are integers from 0"]),
      Refusal(options: "validation: 18", words: ["20 examples cannot be cut"]),
      Refusal(options: "shape: [7]", words: ["'shape' is [7]", "6 features"]),
      Refusal(options: "mean: [1, 2], std: [1, 1]", words: ["'mean' has 2 numbers"]),
      Refusal(options: "test_features: x", words: ["both 'test_features' and 'test_labels'"]),
    ])
  func refused(_ refusal: Refusal) {
    let text = message {
      _ = try datasetSource(
        "{name: npz, path: '\(arrayFiles)/arrays.npz', \(refusal.options)}")
    }
    for word in refusal.words { #expect(text.contains(word), "\(text)") }
    #expect(!text.contains("\n"))
  }

  @Test("an HDF5 dataset that cannot lie in its file is refused, and what is no number")
  func hostileHDF5() throws {
    for (key, words) in [
      ("unwritten", "claims the shape [68719476736], but was never written"),
      ("texts", "texts: holds texts, no numbers"),
      ("nothing", "has no dataset 'nothing'; it has: texts, train/missing, train/values"),
      ("train", "'train' is a group, no dataset; it has: texts"),
      ("train/missing", "element [3, 1]"),
    ] {
      let text = message {
        _ = try datasetSource(
          "{name: hdf5, path: '\(arrayFiles)/arrays.h5', features: \(key), labels: train/y}")
      }
      #expect(text.contains(words), "\(text)")
    }
    let other = message {
      _ = try datasetSource("{name: hdf5, path: '\(arrayFiles)/arrays.npz'}")
    }
    #expect(other.contains("is no HDF5 file: it is a ZIP archive"), "\(other)")
  }

  @Test("a data set without a file says which key to set")
  func missing() {
    for name in ["csv", "npz", "hdf5"] {
      #expect(message { _ = try datasetSource(name) }.contains("set its 'path'"))
      #expect(
        message { _ = try datasetSource("{name: \(name), path: /nowhere}") }.contains("'path'"))
      #expect(Datasets.availability(of: name)?.description.contains("'path'") == true)
    }
  }
}

@Suite("Data sets from separated values")
struct CSVDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String) throws -> String { try folder.write(text, to: "table.csv") }

  /// All examples of a table, sorted by their first feature.
  private func examples(
    _ options: String, count: Int
  ) throws -> [(features: [Float], labels: [Int32], values: [Float])] {
    let yaml =
      "{name: csv, path: '\(folder.path)/table.csv', validation: 1, test: 1\(options)}"
    let data = try dataset(yaml)
    let rows =
      (0..<count - 2).map { data.example($0, of: .train) } + [
        data.example(0, of: .validation), data.example(0, of: .test),
      ]
    return rows.sorted { $0.features[0] < $1.features[0] }
  }

  @Test("quotes, line ends, spaces, numbers of all spellings and a byte order mark are understood")
  func spellings() throws {
    _ = try write(
      "\u{FEFF}\"a \"\"x\"\"\",b,kind\r\n1, -2.5e-3 ,\"red, dark\"\r\n\r\n2,+.5,blue\n"
        + "3,12345678901234567890,\"red, dark\"\r\n4,0.1,green")
    let rows = try examples("", count: 4)
    #expect(rows.map(\.features) == [[1, -0.0025], [2, 0.5], [3, 1.2345679e19], [4, 0.1]])
    #expect(rows.map(\.labels) == [[2], [0], [2], [1]])
  }

  @Test("columns are named, counted or ranged; numbers as classes are numbered in their order")
  func columns() throws {
    _ = try write("label;p0;p1;p2;note\n10;1;2;3;x\n9;4;5;6;y\n10;7;8;9;z\n")
    let named = try examples(", label: label, columns: 'p2, p0', separator: ';'", count: 3)
    #expect(named.map(\.features) == [[3, 1], [6, 4], [9, 7]])
    #expect(named.map(\.labels) == [[1], [0], [1]])
    let ranged = try examples(", label: '0', columns: '1-3', separator: ';'", count: 3)
    #expect(ranged.map(\.features) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    let values = try examples(
      ", label: 'p2,p0', columns: p1, task: values, separator: ';'", count: 3)
    #expect(values.map(\.features) == [[2], [5], [8]])
    #expect(values.map(\.values) == [[3, 1], [6, 4], [9, 7]])
  }

  @Test("a table without a header begins with data; tabs separate")
  func headless() throws {
    _ = try write("1\t2\t0\n3\t4\t1\n5\t6\t0\n")
    let rows = try examples(", header: false, separator: tab", count: 3)
    #expect(rows.map(\.features) == [[1, 2], [3, 4], [5, 6]])
    #expect(rows.map(\.labels) == [[0], [1], [0]])
  }

  struct Refusal: CustomTestStringConvertible {
    let text: String
    var options = ""
    let words: String
    var testDescription: String { words }
  }

  @Test(
    "what is missing or no number is one line with its place",
    arguments: [
      Refusal(text: "a,b\n1,x\n,y\n", words: "table.csv:3: column 'a' is empty"),
      Refusal(text: "a,b\n1,x\n\n\nabc,y\n", words: "table.csv:5: column 'a' is 'abc', no number"),
      Refusal(text: "a,b\nnan,x\n", words: "table.csv:2: column 'a' is 'nan', no number"),
      Refusal(text: "a,b\ninf,x\n", words: "'inf', no number"),
      Refusal(text: "a,b\n0x10,x\n", words: "'0x10', no number"),
      Refusal(text: "a,b\n1e39,x\n", words: "'1e39', no number within the range"),
      Refusal(text: "a,b\n1_0,x\n", words: "'1_0', no number"),
      Refusal(text: "a,b\n1,x\n2\n", words: "table.csv:3: has 1 fields, the first row has 2"),
      Refusal(text: "a,b\n1,x\n2,y,\n", words: "table.csv:3: has 3 fields"),
      Refusal(text: "a,b\n1,\n", words: "table.csv:2: column 'b' is empty: no class"),
      Refusal(text: "a,b\n1,\"x\n2,y\n", words: "table.csv:2: a quoted field is never closed"),
      Refusal(text: "a,b\n1,\"x\"y\n", words: "table.csv:2: text follows a closing quote"),
      Refusal(text: "", words: "has no rows"),
      Refusal(text: "a,b\n", words: "has 0 rows of data"),
      Refusal(text: "a\n1\n", words: "no column is left for the features"),
      Refusal(text: "a,b\n1,x\n", options: ", label: c", words: "no column 'c' among the 2"),
      Refusal(text: "a,b\n1,x\n", options: ", label: '2'", words: "no column '2'"),
      Refusal(text: "a,b\n1,x\n", options: ", label: '-1'", words: "no column '-1'"),
      Refusal(text: "a,b\n1,x\n", options: ", columns: 'a,a'", words: "names column 'a' twice"),
      Refusal(text: "a,b\n1,x\n", options: ", columns: '0-1'", words: "is in 'columns' and in"),
      Refusal(text: "a,a\n1,x\n", options: ", label: a", words: "two columns are called 'a'"),
      Refusal(
        text: "a,b,c\n1,x,1\n", options: ", label: 'a,b'", words: "a class is in one column, or"),
      Refusal(text: "a,b\n1,x\n", options: ", separator: ab", words: "not one ASCII character"),
      Refusal(text: "a,b\n1,x\n2,y\n", words: "2 examples cannot be cut"),
    ])
  func refused(_ refusal: Refusal) throws {
    let path = try write(refusal.text)
    let text = message {
      _ = try datasetSource("{name: csv, path: '\(path)'\(refusal.options)}")
    }
    #expect(text.contains(refusal.words), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test("normalization is measured on the training examples and used for all")
  func normalization() throws {
    // The third feature never changes.
    let lines = (0..<40).map { "\($0),\(3 * $0 % 7),5,\($0 % 2)" }
    let path = try write("a,b,c,class\n" + lines.joined(separator: "\n"))
    let file = "name: csv, path: '\(path)', validation: 4, test: 4"
    let plain = try dataset("{\(file)}")
    for (kind, options) in [
      ("unit", "normalization: unit"), ("standardize", "normalization: standardize"),
      ("given", "mean: [1, 2, 3], std: [2, 4, 8]"), ("alike", "mean: [1], std: [2]"),
    ] {
      let scaled = try dataset("{\(file), \(options)}")
      #expect(scaled.digest != plain.digest)
      let rows = (0..<32).map { plain.example($0, of: .train).features.map { Double($0) } }
      for column in 0..<3 {
        let values = rows.map { $0[column] }
        let mean = values.reduce(0, +) / 32
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 32
        let (least, most) = (values.min() ?? 0, values.max() ?? 0)
        let (shift, factor) =
          switch kind {
          case "unit": (least, least < most ? 1 / (most - least) : 1)
          case "standardize": (mean, variance > 0 ? 1 / variance.squareRoot() : 1)
          case "given": ([1.0, 2, 3][column], 1 / [2.0, 4, 8][column])
          default: (1.0, 0.5)
          }
        for (split, index) in [(DataSplit.train, 7), (.validation, 2), (.test, 3)] {
          let before = Double(plain.example(index, of: split).features[column])
          let after = Double(scaled.example(index, of: split).features[column])
          #expect(abs(after - (before - shift) * factor) < 1e-5, "\(kind) \(column)")
        }
      }
    }
    #expect(
      message { _ = try datasetSource("{\(file), mean: [1]}") }.contains("both 'mean' and 'std'"))
  }
}
