import Foundation
import Networks
import Problems
import TestSupport
import Tensors
import Testing

@Suite("Sequences")
struct SequenceDatasetTests {
  @Test("the adding problem asks for the mean of the two marked numbers, the marks in their places")
  func adding() throws {
    let source = try datasetSource("{name: adding, length: 40, training: 500, test: 20}")
    #expect(source.exampleShape == [40, 2] && source.targets == .values(1))
    #expect(source.targetsPerExample == 1 && source.trainingCount == 500)
    let data = try dataset("{name: adding, length: 40, training: 500, test: 20}")
    #expect(data.validationCount == 1000 && data.testCount == 20)
    var firsts: Set<Int> = []
    var seconds: Set<Int> = []
    for index in 0..<500 {
      let (features, labels, values) = data.example(index, of: .train)
      #expect(labels.isEmpty && values.count == 1)
      let marked = (0..<40).filter { features[2 * $0] == 1 }
      #expect(marked.count == 2 && (0..<40).allSatisfy { [0, 1].contains(features[2 * $0]) })
      firsts.insert(marked[0])
      seconds.insert(marked[1])
      #expect(values[0] == (features[2 * marked[0] + 1] + features[2 * marked[1] + 1]) / 2)
      #expect((0..<40).allSatisfy { features[2 * $0 + 1] >= 0 && features[2 * $0 + 1] < 1 })
    }
    #expect(firsts == Set(0..<4) && seconds == Set(4..<20))
  }

  /// The variance of the mean of two uniform numbers is 1/24: what a model that knows nothing loses.
  @Test("always answering one half costs 1/24 in the adding problem")
  func addingBaseline() throws {
    let data = try dataset("{name: adding, length: 20, training: 20000}")
    let errors = (0..<20_000).map { index in
      let difference = Double(data.example(index, of: .train).values[0]) - 0.5
      return difference * difference
    }
    let mean = errors.reduce(0, +) / 20_000
    #expect(abs(mean - 1.0 / 24) < 1e-3)
  }

  @Test("numbers come from the documented streams, a part each")
  func documentedStream() throws {
    let data = try dataset("{name: adding, length: 10, training: 3, seed: 7}")
    for (split, part) in [(DataSplit.train, 0), (.validation, 1), (.test, 2)] {
      var stream = RandomStream(seed: 7, name: "adding", part: UInt32(part))
      for index in 0..<3 {
        let numbers = (0..<10).map { _ in Float(stream.uniform()) }
        let marks = [stream.integer(below: 1), 1 + stream.integer(below: 4)]
        let (features, _, values) = data.example(index, of: split)
        #expect((0..<10).map { features[2 * $0 + 1] } == numbers)
        #expect(marks.allSatisfy { features[2 * $0] == 1 })
        #expect(values == [(numbers[marks[0]] + numbers[marks[1]]) / 2])
      }
    }
  }

  @Test("the order of two or three symbols is asked for", arguments: [2, 3])
  func temporalOrder(symbols: Int) throws {
    let yaml = "{name: temporal-order, length: 30, symbols: \(symbols), training: 400}"
    let source = try datasetSource(yaml)
    #expect(source.exampleShape == [30, 6] && source.targets == .classes(1 << symbols))
    let data = try dataset(yaml)
    let starts = symbols == 2 ? [3, 15] : [3, 9, 18]
    var places = starts.map { _ in Set<Int>() }
    var classes: Set<Int32> = []
    for index in 0..<400 {
      let (features, labels, _) = data.example(index, of: .train)
      let codes = (0..<30).map { step in
        (0..<6).filter { features[step * 6 + $0] == 1 }
      }
      #expect(codes.allSatisfy { $0.count == 1 } && features.reduce(0, +) == 30)
      let relevant = (0..<30).filter { codes[$0][0] < 2 }
      #expect(relevant.count == symbols)
      var label = 0
      for (position, step) in relevant.enumerated() {
        places[position].insert(step - starts[position])
        label += codes[step][0] << position
      }
      #expect(labels == [Int32(label)])
      classes.insert(labels[0])
    }
    #expect(places.allSatisfy { $0 == [0, 1, 2] })
    #expect(classes.count == 1 << symbols)
  }

  @Test("codes say the same as one-hot vectors")
  func encodings() throws {
    for name in ["temporal-order, length: 12", "copy-memory, delay: 5"] {
      let vectors = try dataset("{name: \(name), training: 20}")
      let codes = try dataset("{name: \(name), training: 20, encoding: codes}")
      for index in 0..<20 {
        let (wide, labels, _) = vectors.example(index, of: .train)
        let (narrow, same, _) = codes.example(index, of: .train)
        #expect(labels == same)
        let kinds = wide.count / narrow.count
        #expect(
          narrow.enumerated().allSatisfy { step, code in wide[step * kinds + Int(code)] == 1 })
      }
      #expect(vectors.digest != codes.digest)
    }
  }

  @Test("copy memory shows ten symbols, a delimiter after the delay, and asks for the symbols")
  func copyMemory() throws {
    let yaml = "{name: copy-memory, delay: 7, training: 50, encoding: codes}"
    let source = try datasetSource(yaml)
    #expect(source.exampleShape == [27] && source.targets == .classes(9))
    #expect(source.targetsPerExample == 27)
    let data = try dataset(yaml)
    for index in 0..<50 {
      let (features, labels, _) = data.example(index, of: .train)
      let shown = features.prefix(10).map { Int32($0) }
      #expect(shown.allSatisfy { (0...7).contains($0) })
      var waiting = [Float](repeating: 8, count: 17)
      waiting[6] = 9
      #expect(Array(features.dropFirst(10)) == waiting)
      #expect(labels == [Int32](repeating: 8, count: 17) + shown)
    }
  }

  @Test("a larger training set begins with the smaller one, and another seed makes another set")
  func nested() throws {
    for name in Datasets.catalog.names {
      let entry = try #require(Datasets.catalog.entry(named: name))
      guard entry.hyperparameters.contains(where: { $0.name == "seed" }) else { continue }
      let sizes = "validation: 7, test: 6"
      let small = try dataset("{name: \(name), training: 8, \(sizes)}")
      let large = try dataset("{name: \(name), training: 12, \(sizes)}")
      let other = try dataset("{name: \(name), training: 8, \(sizes), seed: 1}")
      for index in 0..<8 {
        let expected = small.example(index, of: .train)
        let found = large.example(index, of: .train)
        #expect(found.features == expected.features && found.labels == expected.labels, "\(name)")
        #expect(found.values == expected.values, "\(name)")
        #expect(other.example(index, of: .train).features != expected.features, "\(name)")
      }
      #expect(
        small.example(6, of: .validation).features == large.example(6, of: .validation).features)
      #expect(small.example(5, of: .test).features == large.example(5, of: .test).features)
      #expect(try dataset("{name: \(name), training: 8, \(sizes)}").digest == small.digest)
      #expect(Set([small.digest, large.digest, other.digest]).count == 3)
    }
  }

  @Test("more than memory can hold is refused before it is made")
  func tooLarge() throws {
    let error = #expect(throws: (any Error).self) {
      try datasetSource("{name: adding, length: 10000, training: 1000000}")
    }
    #expect("\(try #require(error))".contains("1002000 examples of 20000 numbers"))
  }
}

@Suite("Texts for character models")
struct CharacterTextTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("each time step asks for the next character, and no window reaches over a cut")
  func windows() throws {
    // 100 characters: 60 for training, 20 each for validation and testing.
    let text = String((0..<100).map { Character(UnicodeScalar(UInt8(97 + $0 * 7 % 26))) })
    let path = try folder.write(text, to: "a.txt")
    let yaml = "{name: text, path: '\(path)', length: 6, validation: 0.2, test: 0.2}"
    let source = try datasetSource(yaml)
    #expect(source.exampleShape == [6] && source.targets == .classes(26))
    #expect(source.targetsPerExample == 6 && source.trainingCount == 9)
    #expect(source.summary.contains("100 characters of 26 kinds"))
    #expect(source.summary.contains("9 training, 3 validation, 3 test"))
    let data = try dataset(yaml)
    let codes = (0..<100).map { $0 * 7 % 26 }
    for (split, start, count) in [(DataSplit.train, 0, 9), (.validation, 60, 3), (.test, 80, 3)] {
      for window in 0..<count {
        let (features, labels, _) = data.example(window, of: split)
        let first = start + 6 * window
        #expect(features.map { Int($0) } == Array(codes[first..<first + 6]))
        #expect(labels.map { Int($0) } == Array(codes[first + 1..<first + 7]))
      }
    }
  }

  @Test("windows may overlap, and be one-hot vectors")
  func overlapping() throws {
    let path = try folder.write("abcabcabcabcabcabcab", to: "b.txt")
    let options = "path: '\(path)', length: 3, stride: 2, validation: 0.25, test: 0.25"
    let data = try dataset("{name: text, \(options), encoding: one-hot}")
    // Ten characters for training: windows at 0, 2, 4 and 6.
    #expect(data.trainingCount == 4)
    let (features, labels, _) = data.example(1, of: .train)
    #expect(features == [0, 0, 1, 1, 0, 0, 0, 1, 0])
    #expect(labels == [0, 1, 2])
    #expect(data.example(3, of: .train).labels == [1, 2, 0])
  }

  @Test("the vocabulary is the text's characters in the order of Unicode")
  func vocabulary() throws {
    let path = try folder.write(String(repeating: "ñaßz\n", count: 10), to: "c.txt")
    let data = try dataset("{name: text, path: '\(path)', length: 4, validation: 0.2, test: 0.2}")
    #expect(data.example(0, of: .train).features == [4, 1, 3, 2])
    #expect(data.example(0, of: .train).labels == [1, 3, 2, 0])
  }

  @Test("the bundled novel is whole")
  func bundled() throws {
    let source = try datasetSource("text")
    #expect(source.targets == .classes(75))
    #expect(source.summary.contains("Persuasion by Jane Austen, 466854 characters of 75 kinds"))
    let data = try dataset("{name: text, length: 50}")
    #expect(data.trainingCount == 8403)
    #expect(Datasets.availability(of: "text")?.isAvailable == true)
  }

  @Test("what cannot be windows is refused in one line")
  func refused() throws {
    let short = try folder.write("too short", to: "d.txt")
    let binary = folder.path + "/e.txt"
    try Data([0x61, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: binary))
    let empty = try folder.write("", to: "f.txt")
    let cases = [
      (short, "validation part has 0 characters"), (binary, "is no UTF-8 text: byte 0xFF"),
      (empty, "has 0 characters of no kind"), ("/nowhere.txt", "set 'path'"),
      (folder.path, "is no file"),
    ]
    for (path, words) in cases {
      let error = #expect(throws: ProblemError.self) {
        try datasetSource("{name: text, path: '\(path)', length: 5}")
      }
      #expect(
        error?.file?.hasPrefix(path) == true && error?.problem.contains(words) == true,
        "\(path): \(error as Any)")
    }
    let inFile = #expect(throws: (any Error).self) {
      try spec(
        """
        {name: a, dataset: {name: text, path: nowhere.txt}, model: {name: mlp, hidden: []},
         loss: cross-entropy, batch_size: 1}
        """)
    }
    let text = "\(try #require(inFile))"
    #expect(text.hasPrefix("test.yml:1:20: dataset: nowhere.txt: cannot be opened"), "\(text)")
  }
}
