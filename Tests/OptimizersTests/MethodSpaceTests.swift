import Optimizers
import Settings
import Tensors
import Testing

/// What can be searched for beside the learning rate.
struct MethodSpaceTests {
  private let layout = ParameterLayout([
    (name: "a.weight", shape: [4, 8], role: .weight), (name: "a.bias", shape: [4], role: .bias),
  ])

  private func space(
    _ optimizer: String, clipping: String = "none", schedule: String = "cosine",
    names: [String]? = nil
  ) throws -> MethodSpace {
    MethodSpace(
      optimizer: try OptimizerChoice.read(Setting.parse(optimizer, file: "o")),
      clipping: try ClippingStrategy.read(Setting.parse(clipping, file: "c")),
      schedule: try ScheduleChoice.read(Setting.parse(schedule, file: "s")), names: names)
  }

  private func units(norm: Double? = 3) -> MethodSpace.Units {
    MethodSpace.Units(startGradientNorm: norm, layout: layout, steps: 200)
  }

  private func number(_ setting: MethodSetting?, _ name: String) throws -> Double {
    let value = try #require(setting).values.first { $0.name == name }
    return try #require(value?.value.asNumber)
  }

  /// Both ends of every space, on every entry of the catalogs, are values that the entry takes.
  @Test func everyEntryTakesTheEndsOfItsSpaces() throws {
    var methods = optimizerCatalog.names.map { ($0, "none", "constant") }
    methods += clippingCatalog.names.map { ("sgd", $0, "constant") }
    methods += scheduleCatalog.names.map { ("sgd", "none", $0) }
    for (optimizer, clipping, schedule) in methods {
      let space = try space(optimizer, clipping: clipping, schedule: schedule)
      for share in [0, 0.5, 1.0.nextDown] {
        let point = [Double](repeating: share, count: space.dimensions)
        let setting = space.setting(at: point, units())
        // No warm-up is the default.
        let isDefault = share == 0 && space.axes.map(\.name) == ["schedule_warmup_steps"]
        #expect(
          (setting == nil) == (space.axes.isEmpty || isDefault),
          "\(optimizer) \(clipping) \(schedule) at \(share)")
        for axis in space.axes where !isDefault {
          let value = try #require(setting?.values.first { $0.name == axis.name }).value
          let text = value.json
          #expect(throws: Never.self, "\(axis.name) \(text)") {
            try axis.option.read(Setting.parse(text, file: "value"))
          }
        }
      }
    }
    #expect(optimizerCatalog.names.count > 30)
  }

  @Test func everySpaceHasOneForEachNumber() {
    for option in optimizerCatalog.entries.flatMap(\.hyperparameters) where !option.search.isEmpty {
      if case .numbers(let values) = option.defaultValue {
        #expect(option.search.count == values.count, "\(option.name)")
      } else {
        #expect(option.search.count == 1, "\(option.name)")
      }
    }
  }

  @Test func whatTheFileGivesIsNotSearched() throws {
    func names(_ space: MethodSpace) -> [String] { space.axes.map(\.name) }
    #expect(
      try names(space("adamw", clipping: "global-norm"))
        == ["betas", "weight_decay", "clipping_max_norm", "schedule_warmup_steps"])
    #expect(
      try names(
        space(
          "{name: adamw, betas: [0.8, 0.9]}", clipping: "{name: global-norm, max_norm: 2}",
          schedule: "{name: cosine, warmup_steps: 0}")) == ["weight_decay"])
    #expect(
      try names(
        space("{name: sam, rho: 0.1, base: {name: adam, weight_decay: 0}}", names: ["betas"]))
        == ["base_betas"])
    // Plain sgd with momentum is another method.
    #expect(try names(space("sgd", schedule: "constant", names: ["momentum"])).isEmpty)
    #expect(try names(space("momentum", names: ["momentum"])) == ["momentum"])
    // An update has another size than the gradient.
    #expect(
      try names(space("sgd", clipping: "{name: global-norm, at: update}", names: ["max_norm"]))
        .isEmpty)
  }

  @Test func valuesLieWhereTheScaleSays() throws {
    let space = try space("adamw", names: ["betas", "weight_decay", "warmup_steps"])
    let setting = try #require(space.setting(at: [0.5, 1, 0.25, 0.5], units()))
    // √(0.01·0.5) = 0.0707, 10^(−5 + 5/4).
    #expect(setting.values.map(\.value.label) == ["0.9293,0.5", "0.000178", "20"])
    #expect(setting.variant.choice.hyperparameters.numbers("betas") == [0.9293, 0.5])
    #expect(setting.schedule.schedule.warmupSteps == 20)
  }

  /// Thresholds grow with the gradient at the start: of norm 3 with 36 components in two tensors.
  @Test(arguments: [
    ("global-norm", "clipping_max_norm", 3.0), ("value", "clipping_max_value", 0.5),
    ("{name: global-norm, norm_type: .inf}", "clipping_max_norm", 0.5),
    ("{name: global-norm, norm_type: 1}", "clipping_max_norm", 18),
    ("{name: global-norm, on: bias}", "clipping_max_norm", 1),
    ("per-tensor-norm", "clipping_max_norm", 3 / 2.0.squareRoot()),
    ("[centralize, {name: value, label: both}]", "clipping_max_value", 0.5),
    (
      "[global-norm, {name: per-tensor-norm, label: both}]", "clipping_2_max_norm",
      3 / 2.0.squareRoot()
    ),
  ])
  func thresholdsAreInUnitsOfTheStart(clipping: String, name: String, unit: Double) throws {
    let space = try space("sgd", clipping: clipping, names: ["max_norm", "max_value"])
    let middle = [Double](repeating: 0.5, count: space.dimensions)
    for factor in [3, 70.0] {
      let setting = space.setting(at: middle, units(norm: 3 * factor))
      #expect(abs(try number(setting, name) / (unit * factor) - 1) < 0.005)
    }
    // Without a unit the threshold stays, and there is nothing else to change.
    #expect(space.setting(at: middle, units(norm: nil)) == nil)
    #expect(space.setting(at: middle, units(norm: 0)) == nil)
  }

  @Test func aClipKeepsItsPlaceAndTensors() throws {
    let space = try space(
      "momentum", clipping: "{name: value, at: momentum, on: weight}", names: ["max_value"])
    let clipping = try #require(space.setting(at: [0.5], units())).clipping
    #expect(clipping.transforms.map(\.stage) == [.momentum])
    #expect(clipping.json.contains("\"at\":\"momentum\",\"on\":\"weight\""))
    #expect(clipping.json.contains("\"max_value\":0.5"))
  }

  /// What would be the default once more is not worth a run.
  @Test func theDefaultIsNoSetting() throws {
    let space = try space("sgd", names: ["warmup_steps"])
    #expect(space.setting(at: [0.001], units()) == nil)
    #expect(space.setting(at: [0.5], units()) != nil)
  }
}
