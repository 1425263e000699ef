import Optimizers
import Settings
import TestSupport
import Tensors
import Testing

/// Where a transform works, and on which tensors.
@Suite struct TransformPlaceTests {
  /// Two matrices around a bias and a norm, and an embedding.
  static let model = ParameterLayout([
    ("dense1.weight", [2, 3], .weight), ("dense1.bias", [2], .bias), ("norm.gain", [2], .norm),
    ("dense2.weight", [2, 2], .weight), ("tokens.table", [3, 2], .embedding),
  ])

  private func values(_ step: Int) -> [Float] {
    (0..<Self.model.count).map { Float(($0 * 7 + step * 5) % 13) - 6.5 }
  }

  @Test(
    arguments: [
      ("matrices", ["dense1.weight", "dense2.weight"]),
      ("others", ["dense1.bias", "norm.gain", "tokens.table"]),
      ("vectors", ["dense1.bias", "norm.gain", "tokens.table"]),
      ("weight", ["dense1.weight", "dense2.weight"]), ("bias", ["dense1.bias"]),
      ("norm", ["norm.gain"]), ("embedding", ["tokens.table"]),
      ("dense2.weight", ["dense2.weight"]), ("tokens.*", ["tokens.table"]),
      ("'*.weight'", ["dense1.weight", "dense2.weight"]),
      ("'*1*'", ["dense1.weight", "dense1.bias"]), ("'d*.*i*s'", ["dense1.bias"]),
      ("[bias, '*.table']", ["dense1.bias", "tokens.table"]),
    ])
  func aSelectionIsAVectorOfItsOwn(words: String, names: [String]) throws {
    let tensors = Self.model.tensors.filter { names.contains($0.name) }
    let selected = tensors.flatMap { $0.offset..<$0.offset + $0.count }
    let alone = ParameterLayout(tensors.map { ($0.name, $0.shape, $0.role) })
    let parameters = values(9)
    for name in clippingCatalog.names where name != "none" {
      var part = try ClippingSequence(
        "{name: \(name), on: \(words)}", layout: Self.model, parameters: parameters, seed: 3)
      var whole = try ClippingSequence(
        name, layout: alone, parameters: selected.map { parameters[$0] }, seed: 3)
      for step in 0..<4 {
        let (given, gradient) = (values(step), values(3 * step + 1))
        let ours = part.take(given, gradient: gradient)
        let right = whole.take(
          selected.map { given[$0] }, gradient: selected.map { gradient[$0] })
        #expect(
          selected.map { ours.values[$0].bitPattern } == right.values.map(\.bitPattern), "\(name)")
        #expect(ours.telemetry.fired == right.telemetry.fired)
        #expect(ours.telemetry.skip == right.telemetry.skip)
        for index in given.indices where !selected.contains(index) {
          #expect(ours.values[index] == given[index])
        }
      }
    }
  }

  @Test func allTensorsAreTheUsualVector() throws {
    for name in clippingCatalog.names where name != "none" {
      var usual = try ClippingSequence(name, layout: Self.model, seed: 3)
      var all = try ClippingSequence(
        "{name: \(name), on: [bias, all]}", layout: Self.model, seed: 3)
      for step in 0..<3 {
        #expect(usual.take(values(step)).values == all.take(values(step)).values)
      }
      #expect(usual.state.map(\.names) == all.state.map(\.names))
      #expect(usual.strategy.label == all.strategy.label)
      #expect(usual.strategy.json == all.strategy.json)
    }
  }

  @Test func aRefusalLooksAtItsTensorsAlone() throws {
    var onBias = try ClippingSequence("{name: skip-nonfinite, on: bias}", layout: Self.model)
    var given = values(0)
    given[0] = .nan
    #expect(!onBias.take(given).telemetry.skip)
    given[6] = .infinity
    #expect(onBias.take(given).telemetry.skip)
  }

  @Test func aPatternOfManyStarsEndsSoon() throws {
    let name = String(repeating: "a", count: 5000)
    let layout = ParameterLayout([(name, [2], .weight)])
    let stars = String(repeating: "*a", count: 30)
    let no = try clipping("{name: value, on: '\(stars)*b'}").transforms[0].selection
    #expect(no.emptyWords(in: layout) == [stars + "*b"])
    let yes = try clipping("{name: value, on: '\(stars)*'}").transforms[0].selection
    #expect(yes.emptyWords(in: layout).isEmpty)
  }

  @Test(
    arguments: [
      ("global-norm", ClippingStage.gradient), ("{name: global-norm, at: update}", .update),
      ("{name: global-norm, at: gradient}", .gradient), ("{name: skip-large, at: update}", .update),
      ("{name: value, at: momentum}", .momentum), ("max-norm", .parameters), ("cautious", .update),
    ])
  func aPlaceIsDefaultOrGiven(text: String, stage: ClippingStage) throws {
    let strategy = try clipping(text)
    for other in ClippingStage.allCases { #expect(strategy.acts(on: other) == (other == stage)) }
  }

  @Test(
    arguments: [
      (
        "{name: global-norm, at: update, on: [matrices, 'a*']}",
        "global-norm(1) at update on matrices,a*",
        #"[{"name":"global-norm","max_norm":1,"norm_type":2,"at":"update","on":["matrices","a*"]}]"#
      ),
      (
        "{name: centralize, on: weight}", "centralize on weight",
        #"[{"name":"centralize","on":"weight"}]"#
      ),
      (
        "[centralize, {name: value, at: momentum}]", "centralize + value(1) at momentum",
        #"[{"name":"centralize"},{"name":"value","max_value":1,"at":"momentum"}]"#
      ),
      // What is the default is not named, so that one method has one label and one digest.
      ("{name: value, at: gradient, on: all}", "value(1)", #"[{"name":"value","max_value":1}]"#),
      ("cautious", "cautious(paper)", #"[{"name":"cautious","scale":"paper"}]"#),
      (
        "{name: value, at: update, label: mine}", "mine",
        #"[{"name":"value","max_value":1,"at":"update"}]"#
      ),
    ])
  func labelsAndConfigurationsSayWhatIsGiven(text: String, label: String, json: String) throws {
    let strategy = try clipping(text)
    #expect(strategy.label == label)
    #expect(strategy.json.contains(json.dropFirst().dropLast(2)), "\(strategy.json)")
    #expect(strategy.resolved(for: Self.model).json == strategy.json)
    // The stored form is read as the same strategy.
    let again = try clipping(strategy.json)
    #expect(again.json == strategy.json)
    if !text.contains("label") { #expect(again.transforms.count == strategy.transforms.count) }
  }

  @Test(
    arguments: [
      (
        "{name: max-norm, at: gradient}",
        "at: 'max-norm' cannot work at 'gradient'; allowed: parameters"
      ),
      (
        "{name: value, at: parameters}",
        "'value' cannot work at 'parameters'; allowed: gradient, momentum, update"
      ),
      ("{name: value, at: updates}", "unknown place 'updates'; did you mean 'update'?"),
      ("{name: value, on: []}", "on: the list is empty"),
      ("{name: value, on: 3}", "on: expected a text, found 3"),
      ("{name: value, on: ''}", "'' selects no tensor; allowed: all, matrices, others, vectors"),
      ("{name: value, on: 'a b'}", "on: 'a b' selects no tensor"),
      ("{name: value, on: [bias, bias]}", "on[1]: 'bias' stands twice"),
      ("{name: none, on: bias}", "'none' works on no tensor"),
      ("{name: none, at: update}", "'none' works nowhere; leave 'at' out"),
    ])
  func saysWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: SettingsError.self) { try clipping(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
  }

  @Test func bothMistakesOfAnEntryAreTold() {
    let error = #expect(throws: SettingsError.self) {
      try clipping("{name: value, at: parameters, on: []}")
    }
    #expect(error?.description.contains("cannot work at") == true)
    #expect(error?.description.contains("the list is empty") == true)
  }

  // MARK: - Cautious

  @Test func whatClimbsIsLeftOutTensorByTensor() throws {
    var run = try ClippingSequence(
      "{name: cautious, scale: code}", layout: layout([[2, 2], [2], [1]]))
    let output = run.take([-1, 2, -3, 4, 5, -6, 0.5], gradient: [1, 1, 1, 1, -1, 1, 1])
    // Half of the first tensor descends, all of the second, none of the third.
    #expect(output.values == [-2, 0, -6, 0, 5, -6, 0])
    #expect(output.telemetry.fired)
    // Tiny products count; all descend, and nothing changes.
    let all = run.take([-1, 1e-30, -1, 1, 1, 1, 1], gradient: [1, -1e-30, 1, -1, -1, -1, -1])
    #expect(!all.telemetry.fired)
    let broken = run.take([.nan, -1, -1, -1, 0, 0, 0], gradient: [1, 1, 1, .nan, 1, 1, 1])
    #expect(broken.values[0].isNaN && broken.values[3] == 0)
    #expect(broken.values[1] == -2)
  }

  @Test func thePapersScaleCountsOneMore() throws {
    var run = try ClippingSequence("cautious", layout: layout([[2, 2], [40]]))
    let ones = [Float](repeating: 1, count: 40)
    let output = run.take([-1, 2, -3, 4] + ones.map { -$0 }, gradient: [1, 1, 1, 1] + ones)
    // 4/(2 + 1), and 40/(40 + 1).
    #expect(output.values.prefix(4) == [-4 / 3, 0, -4, 0])
    #expect(output.values.dropFirst(4).allSatisfy { $0 == -(40 / 41 as Float) })
  }
}
