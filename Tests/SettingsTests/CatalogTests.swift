import Settings
import Testing

/// Entries of a catalog read from a file: bare names, options, defaults, refusals.
struct CatalogTests {
  struct Product: Equatable {
    let name: String
    let rate: Double
  }

  let catalog = Catalog<Product>(
    kind: "optimizer",
    [
      CatalogEntry(
        name: "plain", summary: "nothing to set", reference: "", hyperparameters: []
      ) { _ in Product(name: "plain", rate: 0) },
      CatalogEntry(
        name: "rich", summary: "one of each", reference: "",
        hyperparameters: [
          Hyperparameter("rate", .number(.positive), default: .number(0.5), "a rate"),
          Hyperparameter("count", .integer(1 ... .max), default: .integer(3), "a count"),
          Hyperparameter("flag", .boolean, default: .boolean(false), "a flag"),
          Hyperparameter("mode", .choice(["soft", "hard"]), default: .text("soft"), "a mode"),
          Hyperparameter("path", .text, default: .none, optional: true, "a path"),
          Hyperparameter(
            "betas", .numbers(.fraction, count: 2), default: .numbers([0.9, 0.999]), "decays"),
        ]
      ) { options throws(HyperparameterError) in
        if options.boolean("flag"), options.integer("count") < 2 {
          throw HyperparameterError("count", "must be at least 2 with 'flag'")
        }
        return Product(name: "rich", rate: options.number("rate"))
      },
    ])

  @Test func aBareNameHasItsDefaults() throws {
    let choice = try catalog.choice(at: parse("rich"))
    #expect(choice.given == [] && choice.label() == "rich")
    #expect(choice.hyperparameters.number("rate") == 0.5)
    #expect(choice.hyperparameters.optionalText("path") == nil)
    #expect(
      choice.json == #"{"name":"rich","rate":0.5,"count":3,"flag":false,"mode":"soft","path":null,"#
        + #""betas":[0.9,0.999]}"#)
    #expect(try catalog.choice(at: parse("plain")).json == #"{"name":"plain"}"#)
  }

  @Test func optionsReplaceDefaultsAndAppearInTheLabel() throws {
    let choice = try catalog.choice(
      at: parse("{betas: [0.5, 0.75], name: rich, rate: 2, label: mine, path: /tmp}"),
      reserved: ["label"])
    #expect(choice.given == ["rate", "path", "betas"])
    #expect(choice.label() == "rich rate=2 path=/tmp betas=0.5,0.75")
    #expect(choice.label(leavingOut: ["path", "betas"]) == "rich rate=2")
    #expect(choice.hyperparameters.numbers("betas") == [0.5, 0.75])
    #expect(try catalog.make(choice, at: parse("rich")) == Product(name: "rich", rate: 2))
  }

  @Test(arguments: [
    ("rihc", "unknown optimizer 'rihc'; did you mean 'rich'? allowed: plain, rich"),
    ("{rate: 1}", "the key 'name' is missing; allowed: plain, rich"),
    ("{name: rich, rates: 1}", "rates: unknown key 'rates'; did you mean 'rate'?"),
    ("{name: plain, rate: 1}", "rate: unknown key 'rate'; allowed: name"),
    ("{name: rich, rate: 0}", "rate: 0 is out of range; allowed: a finite number > 0"),
    ("{name: rich, rate: '1'}", "rate: expected a finite number > 0, found the quoted text '1'"),
    ("{name: rich, rate: null}", "rate: expected a finite number > 0, found nothing"),
    ("{name: rich, mode: sfot}", "mode: unknown mode 'sfot'; did you mean 'soft'?"),
    (
      "{name: rich, betas: [0.9]}",
      "betas: 1 numbers given; allowed: a list of 2 numbers, each a number from 0 to 1 (excluded)"
    ),
    ("{name: rich, betas: 0.9}", "betas: expected a list, found '0.9'"),
    ("{name: rich, betas: [0.9, 1]}", "betas[1]: 1 is out of range"),
    ("[rich]", "expected a text, found a list"),
  ])
  func whatIsWrongIsSaid(text: String, problem: String) throws {
    let place = try parse(text)
    let error = #expect(throws: SettingsError.self) { try catalog.choice(at: place) }
    let description = error?.description ?? ""
    #expect(
      description.hasPrefix("x.yml:1:") && description.contains(": \(problem)"), "\(description)")
  }

  @Test func whatAnEntryRefusesIsReportedAtTheOption() throws {
    let place = try parse("{name: rich,\n flag: true,\n count: 1}")
    let choice = try catalog.choice(at: place)
    let error = #expect(throws: SettingsError.self) { try catalog.make(choice, at: place) }
    #expect(error?.description == "x.yml:3:9: count: must be at least 2 with 'flag'")
  }

  @Test func namesFarFromAllGetNoGuess() {
    #expect(nearestName(to: "lr", among: ["to", "from", "points"]) == nil)
    #expect(nearestName(to: "", among: ["ab"]) == nil)
    #expect(nearestName(to: "ADAM", among: ["adam", "adamw"]) == "adam")
    #expect(nearestName(to: "global_norm", among: ["global-norm", "none"]) == "global-norm")
    #expect(nearestName(to: "wieght_decay", among: ["weight_decay"]) == "weight_decay")
    #expect(nearestName(to: "rsmprop", among: ["sgd", "rmsprop"]) == "rmsprop")
  }

  @Test func valuesHaveOneSpellingInLabelsAndJSON() {
    #expect(SettingValue.number(1e-5).label == "1e-05" && SettingValue.number(2).label == "2")
    #expect(SettingValue.none.json == "null" && SettingValue.none.label == "none")
    #expect(SettingValue.number(.infinity).json == "\"inf\"")
    #expect(SettingValue.number(.nan).json == "\"nan\"")
    #expect(jsonText("a\"b\\c\n\u{1}é") == #""a\"b\\c\n\u0001é""#)
    #expect(SettingValue.boolean(true).asNumber == 1 && SettingValue.text("1").asNumber == nil)
  }

  private func parse(_ text: String) throws -> Setting { try Setting.parse(text, file: "x.yml") }
}
