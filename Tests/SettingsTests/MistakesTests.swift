import Settings
import Testing

@Suite struct MistakesTests {
  private func parse(_ text: String) throws -> Setting { try Setting.parse(text, file: "x.yml") }

  @Test func allMistakesAreToldInTheOrderOfTheFile() throws {
    let root = try parse("b: x\nc: 2\na: [1, y, 3, z]\n")
    var mistakes = Mistakes()
    let fields = try root.mapping(allowed: ["a", "b", "d"], noting: &mistakes)
    for element in try fields["a"]?.elements() ?? [] {
      _ = mistakes.attempt(try element.integer())
    }
    _ = mistakes.attempt(try fields.required("b").integer())
    _ = mistakes.attempt(try fields.required("d"))
    // The same mistake found twice is told once.
    _ = mistakes.attempt(try fields.required("b").integer())
    let error = #expect(throws: SettingsError.self) { try mistakes.check() }
    #expect(
      error?.description.split(separator: "\n").map(String.init) == [
        "x.yml:1:1: the key 'd' is missing",
        "x.yml:1:4: b: expected an integer, found 'x'",
        "x.yml:2:1: c: unknown key 'c'; did you mean 'a'? allowed: a, b, d",
        "x.yml:3:8: a[1]: expected an integer, found 'y'",
        "x.yml:3:14: a[3]: expected an integer, found 'z'",
      ])
  }

  @Test func aMisspeltKeyIsNotMissingAsWell() throws {
    var mistakes = Mistakes()
    let fields = try parse("lr: 1").mapping(
      allowed: ["learning_rate"], synonyms: Synonyms(["lr": ["learning_rate"]]), noting: &mistakes)
    _ = mistakes.attempt(try fields.required("learning_rate"))
    let error = #expect(throws: SettingsError.self) { try mistakes.check() }
    #expect(
      error?.description
        == "x.yml:1:1: lr: unknown key 'lr'; did you mean 'learning_rate'? allowed: learning_rate")
  }

  @Test(arguments: [
    ("weight-decay", "; did you mean 'weight_decay'? "),
    ("torch.optim.WeightDecay", "; did you mean 'weight_decay'? "),
    ("wd", "; did you mean 'weight_decay'? "), ("clip", "; it stands elsewhere; "),
    ("weight_decoy", "; did you mean 'weight_decay'? "), ("entirely other", "; "),
  ])
  func foreignNamesAreUnderstood(name: String, guess: String) {
    let synonyms = Synonyms(
      ["wd": ["absent", "weight_decay"]], advice: ["clip": "it stands elsewhere"])
    #expect(
      unknownName(name, kind: "key", candidates: ["weight_decay"], synonyms: synonyms)
        == "unknown key '\(name)'\(guess)allowed: weight_decay")
  }

  @Test(arguments: [
    "{a: 1, b: [x, 'y', \"1\", 1.0e-3], c: {d: null, e: ~, f: }}",
    "a: &x {k: [1, 2]}\nb: *x\nc: {<<: *x, l: 'don''t'}\n",
    "a: |\n  two\n  lines\nb: >\n  folded\n  text\nc: \"tab\\there, naïve — ✗\"\n",
    "'quoted': yes\n\"key: with colon\": '# no comment'\n? plain\n: .inf\n",
    "a: plain text over\n  two lines\r\nb: !!str 5\nc: ''\nd: 'true'\ne: TRUE\n",
  ])
  func whatIsWrittenAgainIsTheSameValue(text: String) throws {
    let setting = try parse(text)
    let again = try parse(SettingTree.place(setting).yaml())
    #expect(again.canonicalJSON == setting.canonicalJSON)
    let built = SettingTree.mapping([
      ("old", .place(setting)),
      ("numbers", .list([.integer(3), .number(1e-5), .number(.infinity)])),
      ("text", .text("1: 'x'")),
    ])
    let parts = try parse(built.yaml())
    #expect(parts.value(of: "old")?.canonicalJSON == setting.canonicalJSON)
    #expect(try parts.value(of: "numbers")?.elements()[0].integer() == 3)
    #expect(try parts.value(of: "numbers")?.elements()[1].number() == 1e-5)
    #expect(try parts.value(of: "text")?.text() == "1: 'x'")
  }
}
