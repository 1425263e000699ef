import Settings
import Testing

/// Values that are given beside a file.
@Suite struct SettingOverrideTests {
  private static let text = """
    name: a  # a comment
    budget: {steps: 5}
    optimizers: [sgd, {name: adam, betas: [0.9, 0.99]}]
    """

  private static func values(_ overrides: String...) throws -> String {
    var text = Self.text
    for override in overrides { text = try SettingOverride(override).applied(to: text, file: "f") }
    return try Setting.parse(text, file: "f").canonicalJSON
  }

  @Test func aValueStandsInPlaceOfTheFiles() throws {
    let plain = try Setting.parse(Self.text, file: "f").canonicalJSON
    #expect(try Self.values("name=a") == plain)
    #expect(
      try Self.values("budget.steps=7") == plain.replacing(#""steps":5"#, with: #""steps":7"#))
    let other = try Setting.parse(
      try SettingOverride("budget={epochs: 2}").applied(to: Self.text, file: "f"), file: "f")
    #expect(other.keys == ["name", "budget", "optimizers"])
    #expect(other.value(of: "budget")?.keys == ["epochs"])
  }

  @Test func whatTheFileDoesNotHaveIsAdded() throws {
    let text = try SettingOverride("tuning.offset=0.5").applied(to: Self.text, file: "f")
    let offset = try #require(
      try Setting.parse(text, file: "f").value(of: "tuning")?.value(of: "offset"))
    #expect(try offset.number() == 0.5)
    let list = try SettingOverride("seeds=[1, 2]").applied(to: text, file: "f")
    #expect(try Setting.parse(list, file: "f").value(of: "seeds")?.elements().count == 2)
  }

  @Test(arguments: [
    ("budget", "give a key, '=' and a value"), ("=5", "a key is empty"),
    ("a..b=5", "a key is empty"), ("budget.steps=", "is no value"),
    ("budget.steps=[1", "budget.steps"), ("a=1\nb: 2", "is no value"),
  ])
  func whatIsNoValueIsRefused(text: String, message: String) {
    let error = #expect(throws: SettingsError.self) { try SettingOverride(text) }
    #expect(error?.description.contains(message) == true)
    #expect(error?.description.contains("--set") == true)
  }

  @Test func aKeyOfAListIsRefused() {
    let error = #expect(throws: SettingsError.self) {
      try SettingOverride("optimizers.name=adam").applied(to: Self.text, file: "f.yml")
    }
    #expect(error?.description.contains("f.yml:3") == true)
    #expect(error?.description.contains("it is no mapping; give the whole value instead") == true)
  }
}
