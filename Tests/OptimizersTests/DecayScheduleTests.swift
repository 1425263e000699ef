import Optimizers
import Settings
import TestSupport
import Tensors
import Testing

/// The decay schedules against PyTorch's schedulers and the published formulas.
@Suite struct DecayScheduleTests {
  struct Plateau: Decodable, Sendable, CustomTestStringConvertible {
    let options: [String: OracleOption]
    let base: Double
    let losses: [Double]
    let rates: [Double]

    var testDescription: String { "\(entryText("reduce-on-plateau", options)) \(losses.prefix(3))" }
  }

  struct Contents: Decodable {
    let cases: [ScheduleTests.Case]
    let plateaus: [Plateau]
  }

  static let contents = try? oracle("decay_schedules", as: Contents.self)
  static let cases = contents?.cases ?? []
  static let plateaus = contents?.plateaus ?? []

  private func schedule(_ text: String) throws -> any Schedule {
    let setting = try Setting.parse(text, file: "schedule.yml")
    return try scheduleCatalog.make(try scheduleCatalog.choice(at: setting), at: setting)
  }

  @Test func theOracleFileIsThere() {
    #expect(Self.cases.count == 28)
    #expect(Self.plateaus.count == 28)
  }

  @Test(arguments: cases)
  func givesTheRatesOfTheReference(_ stored: ScheduleTests.Case) throws {
    let schedule = try schedule(entryText(stored.schedule, stored.options))
    for (step, rate) in stored.rates.enumerated() {
      let ours = schedule.learningRate(
        base: stored.base, step: step, totalSteps: stored.rates.count)
      // PyTorch accumulates factors from step to step, so its last digits wander.
      #expect(
        isClose(ours, rate, relative: 1e-12, absolute: 1e-15), "step \(step): \(ours), \(rate)")
    }
  }

  @Test(arguments: plateaus)
  func reducesOnPlateausAsPyTorchDoes(_ stored: Plateau) throws {
    let schedule = try schedule(entryText("reduce-on-plateau", stored.options))
    #expect(schedule.observesLoss)
    var state = schedule.makeState()
    var ours: [Double] = []
    for (step, loss) in ([nil] + stored.losses.map { Optional($0) }).enumerated() {
      if let loss { schedule.observe(loss: loss, state: &state) }
      ours.append(
        schedule.learningRate(base: stored.base, step: step, totalSteps: 100, state: state))
    }
    for (ours, theirs) in zip(ours, stored.rates) {
      #expect(isClose(ours, theirs, relative: 1e-14))
    }
  }

  @Test func aPlateauGoesOnFromACopiedState() throws {
    let schedule = try schedule("{name: reduce-on-plateau, patience: 1, cooldown: 1}")
    var state = schedule.makeState()
    for _ in 0..<4 { schedule.observe(loss: 1, state: &state) }
    var resumed = state.copy()
    for loss in [1, 1, 0.9, 1, 1, 1, 1.0] {
      schedule.observe(loss: loss, state: &state)
      schedule.observe(loss: loss, state: &resumed)
      #expect(state.numbers == resumed.numbers)
    }
    let rate = schedule.learningRate(base: 1, step: 9, totalSteps: 10, state: resumed)
    #expect(rate < 1)
  }

  @Test(arguments: scheduleCatalog.names.filter { $0 != "reduce-on-plateau" })
  func aScheduleOfTheStepIgnoresLosses(name: String) throws {
    let schedule = try schedule(name)
    #expect(!schedule.observesLoss)
    var state = schedule.makeState()
    schedule.observe(loss: .nan, state: &state)
    #expect(
      schedule.learningRate(base: 0.1, step: 5, totalSteps: 20, state: state)
        == schedule.learningRate(base: 0.1, step: 5, totalSteps: 20))
  }

  @Test(arguments: ["polynomial", "warmup-stable-decay", "one-cycle", "cosine"], [2, 3, 10, 1001])
  func theLastStepHasTheLowestRate(name: String, steps: Int) throws {
    let schedule = try schedule(name)
    let rates = (0..<(steps + 5)).map {
      schedule.learningRate(base: 1, step: $0, totalSteps: steps)
    }
    let lowest = name == "one-cycle" ? 1 / 25.0 / 1e4 : 0
    #expect(rates[(steps - 1)...].allSatisfy { $0 == lowest })
    #expect(rates[..<(steps - 1)].allSatisfy { $0 > lowest })
  }

  @Test func noamPeaksAtTheEndOfItsRise() throws {
    let schedule = try schedule("{name: noam, warmup_steps: 100, model_size: 16}")
    let rates = (0..<300).map { schedule.learningRate(base: 2, step: $0, totalSteps: 300) }
    #expect(rates.firstIndex(of: rates.max() ?? 0) == 99)
    #expect(isClose(rates[99], 2 / 4 / 10.0, relative: 1e-14))
  }

  @Test func restartsOfEnormousPeriodsDoNotOverflow() throws {
    let schedule = try schedule("{name: cosine-restarts, T_0: 3, T_mult: 4611686018427387904}")
    let rate = schedule.learningRate(base: 1, step: 1_000_000, totalSteps: 10)
    #expect(rate > 0.99)
  }

  @Test(
    arguments: [
      ("{name: multi-step, milestones: [3.5]}", "milestones: 3.5 is no step"),
      ("{name: multi-step, milestones: [0]}", "0 is out of range"),
      ("{name: exponential, gamma: 1.5}", "gamma: 1.5 is out of range"),
      ("{name: polynomial, total_iters: 0}", "total_iters: 0 is out of range"),
      ("{name: cosine-restarts, t_0: 5}", "did you mean 'T_0'?"),
      ("{name: warmup-stable-decay, decay_type: sqrt}", "decay_type"),
      ("{name: one-cycle, pct_start: 2}", "pct_start: 2 is out of range"),
      ("{name: noam, warmup_steps: 0}", "warmup_steps: 0 is out of range"),
      ("{name: reduce-on-plateau, factor: 1}", "factor: 1 is out of range"),
    ])
  func saysWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: SettingsError.self) { try schedule(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
  }
}
