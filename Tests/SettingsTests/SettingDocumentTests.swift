import Settings
import Testing

/// Whole documents: where errors point, what YAML's special features do, what makes specs equal.
struct SettingDocumentTests {
  @Test func errorsNameFileLineAndPath() throws {
    let root = try Setting.parse(
      """
      # a comment
      name: test

      optimizers:
        - sgd
        - name: adam
          betas: [0.9,
            1.5]
      """, file: "experiments/x.yml")
    #expect(root.line == 2 && root.path == "")
    let optimizers = try #require(root.value(of: "optimizers"))
    #expect(optimizers.line == 5)
    let adam = try optimizers.elements()[1]
    let beta = try #require(adam.value(of: "betas")).elements()[1]
    #expect(beta.line == 8)
    let error = #expect(throws: SettingsError.self) { try beta.number(in: .fraction) }
    #expect(
      error?.description
        == "experiments/x.yml:8:7: optimizers[1].betas[1]: 1.5 is out of range; "
        + "allowed: a number from 0 to 1 (excluded)")
    #expect(
      root.error("is odd").description == "experiments/x.yml:2:1: is odd")
    #expect(
      SettingsError(file: "y.yml", line: nil, path: "", problem: "is missing").description
        == "y.yml: is missing")
  }

  @Test func anUnknownKeyIsReportedWhereItStands() throws {
    let root = try Setting.parse("name: a\nmodel:\n  name: mlp\n  hiden: [3]\n", file: "x.yml")
    let model = try #require(root.value(of: "model"))
    let error = #expect(throws: SettingsError.self) {
      try model.mapping(allowed: ["name", "hidden", "activation"])
    }
    #expect(
      error?.description == "x.yml:4:3: model.hiden: unknown key 'hiden'; did you mean 'hidden'? "
        + "allowed: name, hidden, activation")
  }

  @Test func aCheckedMappingKeepsTheFilesOrder() throws {
    let root = try Setting.parse("b: 1\na: 2\n", file: "x.yml")
    let mapping = try root.mapping(allowed: ["a", "b", "c"])
    #expect(mapping.keys == ["b", "a"] && root.keys == ["b", "a"])
    #expect(try mapping.required("a").integer() == 2)
    #expect(mapping["c"] == nil)
    let error = #expect(throws: SettingsError.self) { try mapping.required("c") }
    #expect(error?.problem == "the key 'c' is missing")
    let list = try Setting.parse("[a]", file: "x.yml")
    let other = #expect(throws: SettingsError.self) { try list.mapping(allowed: ["a", "b"]) }
    #expect(other?.problem == "expected a mapping of a, b, found a list")
  }

  @Test func aKeyGivenTwiceIsRefused() throws {
    let error = #expect(throws: SettingsError.self) {
      try Setting.parse("a: 1\nouter:\n  b: 2\n  c: 3\n  b: 4\n", file: "x.yml")
    }
    #expect(
      error?.description
        == "x.yml:3:3: the key 'b' is given again further down in this mapping; keep one")
    // Quotes do not make another key.
    let quoted = #expect(throws: SettingsError.self) {
      try Setting.parse("b: 2\n\"b\": 4\n", file: "x.yml").mapping(allowed: ["b"])
    }
    #expect(quoted?.problem.contains("the key 'b' is given") == true)
  }

  @Test(arguments: [
    ("a: [1, 2\nb: 3\n", 2), ("a: 'open\n", 2), ("a:\n\t- 1\n", 2), ("a: b: c\n", 1), ("*x\n", 1),
  ])
  func invalidYAMLIsReportedWithItsLine(text: String, line: Int) {
    let error = #expect(throws: SettingsError.self) { try Setting.parse(text, file: "x.yml") }
    #expect(error?.line == line, "\(error?.description ?? "")")
    #expect(error?.problem.hasPrefix("not valid YAML: ") == true)
  }

  @Test(arguments: ["", "\n\n", "# only a comment\n"])
  func anEmptyFileIsSaidToBeEmpty(text: String) {
    let error = #expect(throws: SettingsError.self) { try Setting.parse(text, file: "x.yml") }
    #expect(error?.description == "x.yml:1: the file is empty")
  }

  @Test func aSecondDocumentIsRefused() {
    let error = #expect(throws: SettingsError.self) {
      try Setting.parse("a: 1\n---\nb: 2\n", file: "x.yml")
    }
    #expect(error?.line == 2)
    #expect(
      error?.problem == "a second document begins here; put each experiment in a file of its own")
    #expect(throws: Never.self) { try Setting.parse("---\na: 1\n...\n", file: "x.yml") }
  }

  @Test func anAliasIsTheValueItStandsFor() throws {
    let root = try Setting.parse(
      "first: &betas [0.9, 0.99]\nsecond: *betas\n", file: "x.yml")
    let second = try #require(root.value(of: "second"))
    #expect(try second.elements().map { try $0.number() } == [0.9, 0.99])
    #expect(try second.elements()[0].path == "second[0]")
    let spelled = try Setting.parse(
      "first: [0.9, 0.99]\nsecond: [0.9, 0.99]\n", file: "x.yml")
    #expect(root.canonicalJSON == spelled.canonicalJSON)
  }

  @Test func aMergeKeyBringsWhatTheMappingDoesNotSayItself() throws {
    // The examples of the type's own page (yaml.org/type/merge.html).
    let root = try Setting.parse(
      """
      - &CENTER {x: 1, y: 2}
      - &LEFT {x: 0, y: 2}
      - &BIG {r: 10}
      - {x: 1, y: 2, r: 10, label: center/big}
      - {<<: *CENTER, r: 10, label: center/big}
      - {<<: [*CENTER, *BIG], label: center/big}
      - {<<: [*BIG, *LEFT, {r: 1}], x: 1, label: center/big}
      """, file: "x.yml")
    let elements = try root.elements()
    for element in elements[4...] { #expect(element.canonicalJSON == elements[3].canonicalJSON) }
    #expect(try Setting.parse("a: {'<<': {x: 1}}", file: "x.yml").value(of: "a")?.keys == ["<<"])
    let error = #expect(throws: SettingsError.self) {
      try Setting.parse("a: &a 1\nb: {<<: *a}\n", file: "x.yml")
    }
    #expect(error?.description.hasPrefix("x.yml:2:5: '<<' merges a mapping") == true)
  }

  @Test func aliasesThatMultiplyAreRefused() {
    var text = "a0: &a0 [1]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let error = #expect(throws: SettingsError.self) { try Setting.parse(text, file: "x.yml") }
    #expect(error?.problem.contains("too many values") == true)
  }

  @Test func windowsLinesAndByteOrderMarksAreRead() throws {
    let root = try Setting.parse("\u{FEFF}a: 1\r\nb: text\r\n", file: "x.yml")
    #expect(root.keys == ["a", "b"])
    #expect(try root.value(of: "b")?.text() == "text")
    #expect(root.value(of: "b")?.line == 2)
  }

  @Test func spellingDoesNotChangeTheCanonicalForm() throws {
    let canonical = try Setting.parse(
      """
      name: x
      rates: [1e-3, 1.0, 100, true, null, 'text', "1.0"]
      nested: {b: 0.5, a: [], c: {}}
      """, file: "x.yml"
    ).canonicalJSON
    let respelled = try Setting.parse(
      """
      # another order, other spellings
      nested:
        c: {}
        a: []
        b: 5.0e-1   # half
      "rates":
        - 0.001
        - 1
        - 1e2
        - true
        - ~
        - text
        - '1.0'
      name: "x"
      """, file: "other.yml"
    ).canonicalJSON
    #expect(canonical == respelled)
    #expect(
      canonical == #"{"name":"x","nested":{"a":[],"b":0.5,"c":{}},"#
        + #""rates":[0.001,1,100,true,null,"text","1.0"]}"#)
  }

  @Test(arguments: [
    ("a: 1", "a: 2"), ("a: 1", "a: '1'"), ("a: true", "a: 'true'"), ("a: [1, 2]", "a: [2, 1]"),
    ("a: null", "a: ''"), ("a: 1", "b: 1"), ("a: 0.1", "a: 0.10000000000000002"),
    ("a: yes", "a: true"), ("a: {}", "a: []"),
  ])
  func meaningChangesTheCanonicalForm(first: String, second: String) throws {
    let forms = try [first, second].map { try Setting.parse($0, file: "x.yml").canonicalJSON }
    #expect(forms[0] != forms[1])
  }
}
