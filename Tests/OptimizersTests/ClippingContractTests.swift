import Optimizers
import Settings
import TestSupport
import Tensors
import Testing

/// What every clip of the catalog keeps to, whatever its rule.
@Suite struct ClippingContractTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    let text: String
    let shapes: [[Int]]

    var testDescription: String { "\(text) on \(shapes)" }

    func sequence(inPlace: Bool = false) throws -> ClippingSequence {
      try ClippingSequence(
        text, layout: layout(shapes), parameters: ClippingContractTests.noise(count, step: 1000),
        seed: 9, inPlace: inPlace)
    }

    var count: Int { layout(shapes).count }
  }

  static let shapes = [[[]], [[3]], [[4, 8]], [[20, 9], [20], [1, 1], [2, 3, 2, 2], [0, 3]]]
  static let texts =
    clippingCatalog.names + [
      "{name: zclip, max_grad_norm: null, warmup_steps: 3}", "{name: zclip, warmup_steps: 2}",
      "{name: autoclip, clip_percentile: 40, history_size: 3}",
      "{name: accclip, alpha: 2}", "{name: accclip, alpha: 1.3}",
      "{name: direction-constraint, max_angle: 45}", "{name: skip-large, max_norm: 2}",
      "{name: max-norm, max_norm: 0.5}", "{name: range, max_value: 0.3}",
      "[centralize, {name: autoclip, clip_percentile: 50}, noise, {name: value, max_value: 0.5}]",
    ]
  static let subjects = texts.flatMap { text in shapes.map { Subject(text: text, shapes: $0) } }

  static func noise(_ count: Int, step: Int) -> [Float] {
    var stream = RandomStream(seed: UInt64(step), name: "clipping contract")
    let scale = Float([1, 0.1, 8][step % 3])
    return (0..<count).map { _ in Float(stream.normal()) * scale }
  }

  private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

  private func bits(_ state: [NamedArrays]) -> [[UInt64]] {
    state.flatMap { one in
      one.arrays.map { $0.values.map { UInt64($0.bitPattern) } } + [one.numbers.map(\.bitPattern)]
    }
  }

  private func allFinite(_ values: some Sequence<Float>) -> Bool {
    values.allSatisfy { $0.isFinite }
  }

  @Test func everyEntryIsCompleteData() throws {
    #expect(Set(clippingCatalog.names).count == clippingCatalog.names.count)
    #expect(clippingCatalog.names.count == 21)
    for entry in clippingCatalog.entries {
      #expect(!entry.summary.isEmpty && !entry.summary.hasSuffix("."))
      #expect(entry.name == "none" || entry.reference.contains { $0.isNumber })
      #expect(Set(entry.hyperparameters.map(\.name)).count == entry.hyperparameters.count)
      for option in entry.hyperparameters { #expect(!option.summary.isEmpty) }
      _ = try entry.make(Hyperparameters(entry.hyperparameters))
    }
  }

  @Test(arguments: subjects)
  func repeatsBitForBitInPlaceOrNot(_ subject: Subject) throws {
    var first = try subject.sequence()
    var second = try subject.sequence(inPlace: true)
    for step in 0..<12 {
      let values = Self.noise(subject.count, step: step)
      let one = first.take(values)
      let other = second.take(values)
      #expect(bits(one.values) == bits(other.values))
      #expect(one.telemetry.fired == other.telemetry.fired)
      #expect(one.telemetry.skip == other.telemetry.skip)
      #expect(bits(first.state) == bits(second.state))
      #expect(one.source == values)
    }
  }

  @Test(arguments: subjects)
  func resumesFromACopiedStateToTheSameBits(_ subject: Subject) throws {
    var run = try subject.sequence()
    for step in 0..<7 { _ = run.take(Self.noise(subject.count, step: step)) }
    var resumed = try run.resumedCopy(subject.text)
    for step in 7..<14 {
      let values = Self.noise(subject.count, step: step)
      #expect(bits(run.take(values).values) == bits(resumed.take(values).values))
    }
    #expect(bits(run.state) == bits(resumed.state))
  }

  @Test(arguments: subjects)
  func telemetryTellsWhetherTheVectorChanged(_ subject: Subject) throws {
    var run = try subject.sequence()
    for step in 0..<12 {
      let values = Self.noise(subject.count, step: step)
      let output = run.take(values)
      let changed = output.values != values
      #expect(output.telemetry.fired == (changed || output.telemetry.skip))
      if output.telemetry.skip { #expect(output.values == values) }
    }
  }

  @Test(arguments: subjects)
  func theNormLeftBehindIsTheMeasuredOne(_ subject: Subject) throws {
    var run = try subject.sequence()
    for step in 0..<6 {
      let output = run.take(Self.noise(subject.count, step: step))
      guard let left = output.knownNorm else { continue }
      let measured = output.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(isClose(left, measured, relative: 1e-6, absolute: 1e-12))
    }
  }

  @Test(arguments: subjects, [0, 1e30, -3e38, 1e-30] as [Float])
  func finiteValuesStayFinite(_ subject: Subject, _ value: Float) throws {
    var run = try subject.sequence()
    for step in 0..<6 {
      var values = Self.noise(subject.count, step: step)
      if step == 3 || value == 0 { values = values.map { _ in value } }
      let output = run.take(values)
      #expect(allFinite(output.values))
    }
  }

  @Test(arguments: subjects, [Float.nan, .infinity, -.infinity])
  func nonFiniteValuesNeitherTrapNorSpoilTheStatistics(_ subject: Subject, _ value: Float) throws {
    var run = try subject.sequence()
    for step in 0..<4 { _ = run.take(Self.noise(subject.count, step: step)) }
    var values = Self.noise(subject.count, step: 4)
    values[0] = value
    let output = run.take(values)
    let hidden =
      ["zero-nonfinite", "value"].contains(subject.text) || subject.text.contains("range")
    // Infinity clamps to a bound; nothing else makes a number of what is none.
    if subject.text == "zero-nonfinite" || (hidden && value.isInfinite) {
      #expect(allFinite(output.values))
    } else if !subject.text.hasPrefix("[") {
      #expect(!allFinite(output.values))
    }
    // Only a mean by coordinate remembers, and only in that coordinate.
    for step in 5..<9 {
      let later = run.take(Self.noise(subject.count, step: step)).values
      #expect(allFinite(later.dropFirst()))
      if !subject.text.contains("accclip") { #expect(later[0].isFinite) }
    }
  }

  @Test(arguments: ["skip-nonfinite", "{name: skip-large, max_norm: 2}"], [Float.nan, .infinity])
  func aRefusedGradientReachesNoLaterStatistic(skip: String, value: Float) throws {
    let shape = layout([[4, 3]])
    for later in clippingCatalog.names where later != "none" {
      var run = try ClippingSequence("[\(skip), \(later)]", layout: shape)
      _ = run.take(Array(repeating: 0.1, count: 12))
      let before = bits(run.state)
      let output = run.take(Array(repeating: value, count: 12))
      #expect(output.telemetry.skip && output.telemetry.fired)
      #expect(bits(run.state) == before)
    }
  }

  @Test(
    arguments: [
      ("update-rms", ClippingStage.update), ("cautious", .update), ("max-norm", .parameters),
      ("range", .parameters),
      ("noise", .gradient), ("skip-large", .gradient),
    ])
  func worksOnItsStage(name: String, stage: ClippingStage) throws {
    let strategy = try clipping(name)
    for other in ClippingStage.allCases {
      #expect(strategy.acts(on: other) == (other == stage))
    }
  }

  @Test(
    arguments: [
      ("adaptive", "adaptive(0.01)"), ("zclip", "zclip(2.5)"), ("autoclip", "autoclip(10)"),
      ("[centralize, {name: value, max_value: 0.1}]", "centralize+value(0.1)"),
      ("{name: zclip, max_grad_norm: null}", "zclip(2.5 max_grad_norm=none)"),
      ("accclip", "accclip(0.9,0.99)"), ("skip-nonfinite", "skip-nonfinite"),
    ])
  func labelsShowTheThreshold(text: String, label: String) throws {
    #expect(try clipping(text).label == label)
  }

  @Test(
    arguments: [
      ("{name: range, max_value: -1}", "no value lies between 1 and -1"),
      ("{name: range, max_value: 1, min_value: 2}", "no value lies between 2 and 1"),
      ("{name: autoclip, clip_percentile: 101}", "clip_percentile: 101 is out of range"),
      ("{name: autoclip, history_size: 0}", "history_size: 0 is out of range"),
      ("{name: zclip, mode: z}", "mode"), ("{name: zclip, warmup_steps: 0}", "warmup_steps: 0"),
      ("{name: direction-constraint, max_angle: 181}", "max_angle: 181 is out of range"),
      ("{name: accclip, alpha: 3}", "alpha: 3 is out of range"),
      ("{name: centralise}", "did you mean 'centralize'?"),
    ])
  func saysWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: SettingsError.self) { try clipping(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
  }
}
