import Settings
import Testing

/// What a test catalog makes: its name and what it is built around.
private indirect enum Dish: Sendable {
  case plain(salt: Double)
  case wrapped(Dish)
}

private let dishes = Catalog<Dish>(
  kind: "dish",
  [
    CatalogEntry(
      name: "soup", summary: "a soup", reference: "",
      hyperparameters: [
        Hyperparameter("heat", .number(.positive), default: .number(1), "heat"),
        Hyperparameter("salt", .number(.unit), default: .number(0.5), "salt"),
      ]
    ) { options throws(HyperparameterError) in
      guard options.number("salt") != 0.25 else { throw HyperparameterError("salt", "too bland") }
      return .plain(salt: options.number("salt"))
    },
    CatalogEntry(
      name: "pie", summary: "a pie", reference: "",
      hyperparameters: [
        Hyperparameter("heat", .number(.positive), default: .number(1), "heat"),
        Hyperparameter("crust", .integer(1...9), default: .integer(2), "crust"),
        Hyperparameter(
          "filling",
          .entry(
            NestedCatalog(kind: "dish", hiding: ["heat"], advice: "the pie is heated whole") {
              dishes
            }), default: .entry(soup), "what is inside"),
      ]
    ) { options throws(HyperparameterError) in
      .wrapped(try dishes.make(options.entry("filling"), as: "filling"))
    },
  ])

private let soup = NestedChoice(
  CatalogEntry<Dish>(
    name: "soup", summary: "", reference: "",
    hyperparameters: [
      Hyperparameter("heat", .number(.positive), default: .number(1), "heat"),
      Hyperparameter("salt", .number(.unit), default: .number(0.5), "salt"),
    ]
  ) { _ in .plain(salt: 0.5) }, hiding: ["heat"])

@Suite struct NestedCatalogTests {
  private func choice(_ text: String) throws -> CatalogChoice<Dish> {
    let place = try Setting.parse("meals:\n  - \(text)", file: "menu.yml")
    let meal = try #require(try place.value(of: "meals")?.elements().first)
    let choice = try dishes.choice(at: meal)
    _ = try dishes.make(choice, at: meal)
    return choice
  }

  private func message(_ text: String) -> String {
    do {
      _ = try choice(text)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func anEntryWithinAnEntryHasItsOwnOptions() throws {
    let pie = try choice("{name: pie, crust: 3, filling: {name: soup, salt: 0.75}}")
    #expect(pie.label() == "pie(soup salt=0.75) crust=3")
    #expect(
      pie.json
        == #"{"name":"pie","heat":1,"crust":3,"filling":{"name":"soup","salt":0.75}}"#)
    guard case .wrapped(.plain(let salt)) = try pie.entry.make(pie.hyperparameters) else {
      Issue.record("no soup in the pie")
      return
    }
    #expect(salt == 0.75)
  }

  @Test func theLabelNamesTheInnerEntryWhetherGivenOrNot() throws {
    #expect(try choice("pie").label() == "pie(soup)")
    #expect(
      try choice("{name: pie, filling: {name: pie, filling: soup}}").label() == "pie(pie(soup))")
  }

  @Test(arguments: [
    (
      "{name: pie, filling: {name: soup, salt: 2}}",
      "menu.yml:2:45: meals[0].filling.salt: 2 is out of range"
    ),
    (
      "{name: pie, filling: soop}",
      "menu.yml:2:26: meals[0].filling: unknown dish 'soop'; did you mean"
    ),
    (
      "{name: pie, filling: {name: soup, pepper: 1}}",
      "menu.yml:2:39: meals[0].filling.pepper: unknown key 'pepper'"
    ),
    (
      "{name: pie, filling: {name: soup, heat: 3}}",
      "menu.yml:2:45: meals[0].filling.heat: the pie is heated whole"
    ),
    (
      "{name: pie, filling: {name: soup, salt: 0.25}}",
      "menu.yml:2:45: meals[0].filling.salt: too bland"
    ),
    ("{name: pie, filling: [soup]}", "menu.yml:2:26: meals[0].filling: expected a text"),
  ])
  func errorsNameThePlaceInside(_ text: String, _ expected: String) {
    #expect(message(text).hasPrefix(expected), "\(message(text))")
  }
}
