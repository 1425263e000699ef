import Networks
import Settings
import Tensors

/// A text for character models: windows of `length` characters, at each of which the next one is to
/// be predicted.
///
/// The file is UTF-8, without or with a byte-order mark, which does not belong to the text; other
/// encodings are refused by name. The vocabulary is the set of the text's Unicode scalars, in the
/// order of their numbers: line ends are characters as they stand, and a letter that is composed of
/// two scalars (NFD) is two characters. The text is cut in one piece each for training, validation
/// and testing, in this order, so that what is tested stands after what was learnt; no window reaches
/// over a cut. Window i of a part begins at its character i·stride.
struct CharacterText: DatasetSource {
  let path: String?
  let length: Int
  let stride: Int
  let encoding: SymbolEncoding
  let validationShare: Double
  let testShare: Double
  /// What the text itself tells; nil before it was read.
  let sizes: Sizes?

  struct Sizes: Equatable {
    let characters: Int
    let vocabulary: Int
  }

  private static let bundled = "persuasion.txt"
  /// The most different characters: more, and it is no text for a character model.
  private static let largestVocabulary = 10_000

  var summary: String {
    let name = path == nil ? "Persuasion by Jane Austen" : "text"
    guard let sizes else { return name }
    let windows = parts(of: sizes).map { windowCount($0.count) }
    return
      "\(name), \(sizes.characters) characters of \(sizes.vocabulary) kinds, windows of \(length): "
      + "\(windows[0]) training, \(windows[1]) validation, \(windows[2]) test"
  }
  var place: String { path ?? "bundled" }
  var exampleShape: [Int] {
    encoding.exampleShape(length: length, symbols: sizes?.vocabulary ?? 1)
  }
  var targets: TargetKind { .classes(sizes?.vocabulary ?? 1) }
  var targetsPerExample: Int { length }
  var trainingCount: Int { sizes.map { windowCount(parts(of: $0)[0].count) } ?? 0 }

  func examined(baseDirectory: String) throws(ProblemError) -> any DatasetSource {
    let text = try read(baseDirectory)
    let sizes = Sizes(characters: text.codes.count, vocabulary: text.vocabulary)
    for (part, name) in zip(parts(of: sizes), ["training", "validation", "test"])
    where part.count <= length {
      throw ProblemError(
        file: file(baseDirectory),
        "its \(name) part has \(part.count) characters; a window of \(length) needs "
          + "\(length + 1): choose a smaller 'length' or another share")
    }
    return CharacterText(
      path: path, length: length, stride: stride, encoding: encoding,
      validationShare: validationShare, testShare: testShare, sizes: sizes)
  }

  func storageKey(baseDirectory: String) -> String {
    "text at \(file(baseDirectory)): \(length) \(stride) \(encoding) \(validationShare) \(testShare)"
  }

  func load(baseDirectory: String) throws(ProblemError) -> StoredExamples {
    let text = try read(baseDirectory)
    let found = Sizes(characters: text.codes.count, vocabulary: text.vocabulary)
    guard sizes == nil || found == sizes else {
      throw ProblemError(file: file(baseDirectory), "has changed while the experiment was prepared")
    }
    return StoredExamples(
      tables: parts(of: found).map { part in
        let windows = windowCount(part.count)
        let end = part.lowerBound + (windows - 1) * stride + length
        return ExampleTable(
          count: windows,
          features: encoding.features(
            Array(text.codes[part.lowerBound..<end]), symbols: text.vocabulary),
          columns: length,
          targets: .classes(Array(text.codes[part.lowerBound + 1..<end + 1])),
          targetsPerExample: length, stride: stride)
      })
  }

  func split(_ examples: StoredExamples) -> Dataset {
    let parts = examples.tables.map { table in
      ExampleSet(table: table, rows: (0..<Int32(table.count)).map { $0 })
    }
    return Dataset(targets: targets, training: parts[0], validation: parts[1], test: parts[2])
  }

  func availability(baseDirectory: String) -> DatasetAvailability {
    guard path == nil else { return .available(file(baseDirectory)) }
    return (try? BundledResource.path(of: Self.bundled)) == nil
      ? .missing("the program's resource folder is not beside it; build it again")
      : .available("bundled: Persuasion by Jane Austen")
  }

  private func file(_ baseDirectory: String) -> String {
    path.map { resolve($0, in: baseDirectory) } ?? Self.bundled
  }

  private func read(
    _ baseDirectory: String
  ) throws(ProblemError) -> (codes: [Int32], vocabulary: Int) {
    let file = path == nil ? try BundledResource.path(of: Self.bundled) : file(baseDirectory)
    let text = String(decoding: try TextFile.bytes(of: file, key: "path"), as: UTF8.self)
    let scalars = text.unicodeScalars.map(\.value)
    let kinds = Set(scalars).sorted()
    guard kinds.count > 1 else {
      throw ProblemError(
        file: file,
        "has \(scalars.count) characters of \(kinds.count == 1 ? "one kind" : "no kind"): there is "
          + "nothing to learn")
    }
    guard kinds.count <= Self.largestVocabulary, scalars.count <= Int(Int32.max) else {
      throw ProblemError(
        file: file,
        "has \(scalars.count) characters of \(kinds.count) kinds; allowed: at most \(Int32.max) of "
          + "\(Self.largestVocabulary)")
    }
    var codes: [UInt32: Int32] = [:]
    for (code, kind) in kinds.enumerated() { codes[kind] = Int32(code) }
    return (scalars.map { codes[$0] ?? 0 }, kinds.count)
  }

  /// The characters of the training, validation and test part.
  private func parts(of sizes: Sizes) -> [Range<Int>] {
    let test = Int(Double(sizes.characters) * testShare)
    let validation = Int(Double(sizes.characters) * validationShare)
    let training = sizes.characters - test - validation
    return [
      0..<training, training..<training + validation, training + validation..<sizes.characters,
    ]
  }

  /// A window needs one character more, the last target.
  private func windowCount(_ characters: Int) -> Int {
    max(0, (characters - 1 - length) / stride + (characters > length ? 1 : 0))
  }

  static let entry = CatalogEntry<any DatasetSource>(
    name: "text",
    summary: "text for character models: the next character at each time step "
      + "(Persuasion by Jane Austen is bundled)",
    reference: "Sutskever, Martens & Hinton (2011)",
    hyperparameters: [
      Hyperparameter(
        "path", .text, default: .none, optional: true,
        "file of UTF-8 text; null is the bundled one"),
      Hyperparameter(
        "length", .integer(1...100_000), default: .integer(50), "characters of a window"),
      Hyperparameter(
        "stride", .integer(1...100_000), default: .none, optional: true,
        "characters from one window to the next; null is the window's length"),
      SymbolEncoding.hyperparameter(default: .codes),
      Hyperparameter(
        "validation", .number(share), default: .number(0.05), "share of the text for validation"),
      Hyperparameter(
        "test", .number(share), default: .number(0.05), "share of the text for testing"),
    ]
  ) { options throws(HyperparameterError) in
    let length = options.integer("length")
    let stride = options["stride"].asNumber.map { Int($0) } ?? length
    return CharacterText(
      path: options.optionalText("path"), length: length, stride: stride,
      encoding: SymbolEncoding(options), validationShare: options.number("validation"),
      testShare: options.number("test"), sizes: nil)
  }

  private static let share = NumberRange(
    lower: 0, includesLower: false, upper: 0.4, includesUpper: true)
}
