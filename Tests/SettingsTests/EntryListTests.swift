import Settings
import Testing

/// What a test catalog makes: the heights of its blocks, and towers of them.
private indirect enum Building: Sendable, Equatable {
  case block(Int)
  case tower([Building])
}

private let buildings = Catalog<Building>(
  kind: "building",
  [
    CatalogEntry(
      name: "block", summary: "a block", reference: "",
      hyperparameters: [Hyperparameter("height", .integer(1...9), default: .integer(1), "height")]
    ) { options throws(HyperparameterError) in
      guard options.integer("height") != 7 else { throw HyperparameterError("height", "seven") }
      return .block(options.integer("height"))
    },
    CatalogEntry(
      name: "tower", summary: "a tower", reference: "",
      hyperparameters: [
        Hyperparameter(
          "parts", .entries(NestedCatalog(kind: "building") { buildings }),
          default: .entries([]), "from below")
      ]
    ) { options throws(HyperparameterError) in
      .tower(try buildings.make(options.entries("parts"), as: "parts"))
    },
  ])

@Suite struct EntryListTests {
  private func choice(_ text: String) throws -> (CatalogChoice<Building>, Building) {
    let place = try Setting.parse("town:\n  \(text)", file: "town.yml")
    let setting = try #require(place.value(of: "town"))
    let choice = try buildings.choice(at: setting)
    return (choice, try buildings.make(choice, at: setting))
  }

  private func message(_ text: String) -> String {
    do {
      _ = try choice(text)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func aListOfEntriesKeepsOrderOptionsAndDepth() throws {
    let (choice, building) = try choice(
      "{name: tower, parts: [{name: block, height: 3}, block, {name: tower, parts: [block]}]}")
    #expect(building == .tower([.block(3), .block(1), .tower([.block(1)])]))
    #expect(choice.label() == "tower(block height=3, block, tower(block))")
    #expect(
      choice.json
        == #"{"name":"tower","parts":[{"name":"block","height":3},{"name":"block","height":1},"#
        + #"{"name":"tower","parts":[{"name":"block","height":1}]}]}"#)
  }

  @Test func whatAnEntryOfAListRefusesIsRefusedAtItsPlace() {
    #expect(message("{name: tower, parts: []}").contains("town.parts: the list is empty"))
    #expect(message("{name: tower, parts: block}").contains("town.parts: expected a list"))
    #expect(
      message("{name: tower, parts: [block, blok]}").contains(
        "town.parts[1]: unknown building 'blok'; did you mean 'block'?"))
    #expect(
      message("{name: tower, parts: [block, {name: tower, parts: [{name: block, height: 7}]}]}")
        == "town.yml:2:76: town.parts[1].parts[0].height: seven")
  }

  @Test func thePlaceNearestToAPathIsTheLastThatTheFileHas() throws {
    let place = try Setting.parse("a:\n  - b: 1\n  - c: 2", file: "x.yml")
    #expect(place.nearest(to: "a[1].c").path == "a[1].c")
    #expect(place.nearest(to: "a[1].d").path == "a[1]")
    #expect(place.nearest(to: "a[2].c").path == "a")
    #expect(place.nearest(to: "").path == "")
  }
}
