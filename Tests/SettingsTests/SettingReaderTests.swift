import Settings
import Testing

/// Each reader takes its own type and nothing that only looks like it.
struct SettingReaderTests {
  @Test(arguments: [
    ("0", 0), ("1", 1), ("-2", -2), ("+3.5", 3.5), (".5", 0.5), ("1e-3", 1e-3), ("1.0E+4", 1e4),
    ("5.0e-4", 5e-4), ("0.1", 0.1), ("123456789012345678901", 1.2345678901234568e20),
  ])
  func readsNumbers(text: String, value: Double) throws {
    #expect(try setting(text).number() == value)
  }

  @Test(arguments: [
    "'0.1'", "\"1\"", "abc", "1_000", "0x10", "1,5", "1 000", "nan", "inf", "infinity", "true", "~",
    "", "[1]", "{a: 1}", "1.5.2", "0o17", "1e", "!",
  ])
  func refusesWhatIsNoNumber(text: String) throws {
    let place = try setting(text)
    let error = #expect(throws: SettingsError.self) { try place.number() }
    #expect(error?.problem.hasPrefix("expected any finite number, found ") == true)
  }

  @Test(arguments: [".nan", ".inf", "-.inf", ".NaN", "+.inf", "1e999", "-1e999"])
  func refusesNumbersThatAreNotFinite(text: String) throws {
    let place = try setting(text)
    let error = #expect(throws: SettingsError.self) { try place.number() }
    #expect(error?.problem == "\(text) is out of range; allowed: any finite number")
  }

  @Test func refusesNumbersOutOfRange() throws {
    let cases: [(String, NumberRange, String)] = [
      ("0", .positive, "a finite number > 0"),
      ("-1e-9", .nonnegative, "a finite number ≥ 0"),
      ("1", .fraction, "a number from 0 to 1 (excluded)"),
      ("1.0001", .unit, "a number from 0 to 1"),
      ("6", NumberRange(upper: 5), "a finite number ≤ 5"),
      ("5", NumberRange(upper: 5, includesUpper: false), "a finite number < 5"),
      // Below the smallest number, and so zero.
      ("1e-400", .positive, "a finite number > 0"),
    ]
    for (text, range, allowed) in cases {
      let place = try setting(text)
      let error = #expect(throws: SettingsError.self) { try place.number(in: range) }
      #expect(error?.problem == "\(text) is out of range; allowed: \(allowed)")
    }
    #expect(try setting("0").number(in: .fraction) == 0)
    #expect(try setting("1").number(in: .unit) == 1)
  }

  @Test(arguments: [
    ("0", 0), ("-7", -7), ("+8", 8), ("1e3", 1000), ("2.0", 2), ("010", 10),
    ("9223372036854775807", Int.max),
  ])
  func readsIntegers(text: String, value: Int) throws {
    #expect(try setting(text).integer() == value)
  }

  @Test(arguments: ["1.5", "'3'", "three", "1e-3", "9223372036854775808", ".inf", ".nan", "[]", ""])
  func refusesWhatIsNoInteger(text: String) throws {
    let place = try setting(text)
    let error = #expect(throws: SettingsError.self) { try place.integer() }
    #expect(error?.problem.hasPrefix("expected an integer, found ") == true)
  }

  @Test func refusesIntegersOutOfRange() throws {
    for (text, range, allowed) in [
      ("0", 1 ... .max, "an integer ≥ 1"), ("11", 1...10, "an integer from 1 to 10"),
      ("-1", 0 ... .max, "an integer ≥ 0"), ("9", .min...8, "an integer ≤ 8"),
    ] {
      let place = try setting(text)
      let error = #expect(throws: SettingsError.self) { try place.integer(in: range) }
      #expect(error?.problem == "\(text) is out of range; allowed: \(allowed)")
    }
  }

  @Test(arguments: ["yes", "no", "on", "off", "tRUE", "1", "0", "'true'", "", "[true]"])
  func onlyTrueAndFalseAreBooleans(text: String) throws {
    for text in ["true", "True", "TRUE"] { #expect(try setting(text).boolean()) }
    for text in ["false", "False", "FALSE"] { #expect(try setting(text).boolean() == false) }
    let place = try setting(text)
    let error = #expect(throws: SettingsError.self) { try place.boolean() }
    #expect(error?.problem.hasPrefix("expected true or false, found ") == true)
  }

  @Test func quotedNumbersAndBooleansAreTexts() throws {
    for (text, value) in [
      ("'1.5'", "1.5"), ("\"true\"", "true"), ("'null'", "null"), ("''", ""), ("yes", "yes"),
      ("a b", "a b"), ("2c2d", "2c2d"), ("\"é\\n\"", "é\n"),
      ("|\n  two\n  lines\n", "two\nlines\n"),
    ] {
      #expect(try setting(text).text() == value)
    }
  }

  @Test(arguments: ["1.5", "3", "true", "false", "null", "~", "", ".inf", "[a]", "{a: b}"])
  func plainNumbersBooleansAndNothingAreNoTexts(text: String) throws {
    let place = try setting(text)
    let error = #expect(throws: SettingsError.self) { try place.text() }
    #expect(error?.problem.hasPrefix("expected a text, found ") == true)
  }

  @Test func nothingIsPlainNullOnly() throws {
    for text in ["", "~", "null", "Null", "NULL"] { #expect(try setting(text).isNull) }
    for text in ["'null'", "\"\"", "none", "0", "false", "[]", "{}"] {
      #expect(try !setting(text).isNull)
    }
  }

  @Test func readsListsInOrderWithTheirPaths() throws {
    let elements = try setting("[3, [1, 2], a]").elements()
    #expect(elements.map(\.path) == ["value[0]", "value[1]", "value[2]"])
    #expect(try elements[0].integer() == 3)
    #expect(try elements[1].elements().map { try $0.integer() } == [1, 2])
    #expect(try elements[1].elements()[1].path == "value[1][1]")
    let place = try setting("3")
    let error = #expect(throws: SettingsError.self) { try place.elements() }
    #expect(error?.problem == "expected a list, found '3'")
  }

  @Test func anUnknownChoiceNamesTheNearest() throws {
    let place = try setting("adma")
    let error = #expect(throws: SettingsError.self) {
      try place.choice(of: ["sgd", "adam", "adamw"], kind: "optimizer")
    }
    #expect(
      error?.problem == "unknown optimizer 'adma'; did you mean 'adam'? allowed: sgd, adam, adamw")
    #expect(try setting("sgd").choice(of: ["sgd"], kind: "optimizer") == "sgd")
  }

  /// The setting at `value:` with the given text.
  private func setting(_ text: String) throws -> Setting {
    let root = try Setting.parse("value: \(text)\n", file: "x.yml")
    return try #require(root.value(of: "value"))
  }
}
