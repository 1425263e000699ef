import Optimizers
import Settings
import TestSupport
import Testing

/// The schedules against PyTorch's schedulers and against their closed forms.
@Suite struct ScheduleTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let schedule: String
    let options: [String: OracleOption]
    let base: Double
    let rates: [Double]

    var testDescription: String { entryText(schedule, options) }
  }

  struct Cases: Decodable { let cases: [Case] }

  static let cases = (try? oracle("schedules_torch", as: Cases.self).cases) ?? []

  private func schedule(_ text: String) throws -> any Schedule {
    let setting = try Setting.parse(text, file: "schedule.yml")
    return try scheduleCatalog.make(try scheduleCatalog.choice(at: setting), at: setting)
  }

  @Test func theOracleFileIsThere() { #expect(Self.cases.count == 10) }

  @Test(arguments: cases)
  func givesTheRatesOfPyTorch(_ stored: Case) throws {
    let schedule = try schedule(entryText(stored.schedule, stored.options))
    for (step, rate) in stored.rates.enumerated() {
      let ours = schedule.learningRate(
        base: stored.base, step: step, totalSteps: stored.rates.count)
      // PyTorch accumulates factors from step to step, so its last digits wander.
      #expect(
        isClose(ours, rate, relative: 1e-12, absolute: 1e-15), "step \(step): \(ours), \(rate)")
    }
  }

  @Test func cosineEndsAtTheMinimumOnTheLastStepAndHoldsIt() throws {
    let schedule = try schedule("{name: cosine, warmup_steps: 4, minimum: 0.01}")
    let rates = (0..<60).map { schedule.learningRate(base: 1, step: $0, totalSteps: 50) }
    #expect(rates[0] == 0.25 && rates[3] == 1 && rates[4] == 1)
    #expect(rates[49] == 0.01 && rates[50...].allSatisfy { $0 == 0.01 })
    #expect(zip(rates[4..<49], rates[5..<50]).allSatisfy { $0 > $1 })
  }

  @Test func cosineMayEndBeforeTheRun() throws {
    let schedule = try schedule("{name: cosine, steps: 11}")
    #expect(isClose(schedule.learningRate(base: 2, step: 5, totalSteps: 100), 1))
    #expect(schedule.learningRate(base: 2, step: 10, totalSteps: 100) == 0)
    #expect(schedule.learningRate(base: 2, step: 99, totalSteps: 100) == 0)
  }

  @Test(arguments: ["cosine", "step", "constant"], [0, 1, 7])
  func aSingleStepAfterTheWarmUpKeepsTheRate(name: String, warmup: Int) throws {
    let schedule = try schedule("{name: \(name), warmup_steps: \(warmup)}")
    let rate = schedule.learningRate(base: 0.3, step: warmup, totalSteps: warmup + 1)
    #expect(rate == 0.3)
  }

  @Test(arguments: scheduleCatalog.names)
  func ratesAreFiniteAndNotNegative(name: String) throws {
    let schedule = try schedule(name)
    for total in [1, 2, 1000] {
      for step in [0, 1, 10, 999, 1_000_000] {
        let rate = schedule.learningRate(base: 0.1, step: step, totalSteps: total)
        #expect(rate.isFinite && rate >= 0)
      }
    }
  }

  @Test(
    arguments: [
      ("cosin", "unknown schedule 'cosin'; did you mean 'cosine'?"),
      ("{name: cosine, warmup_steps: -1}", "warmup_steps: -1 is out of range"),
      ("{name: cosine, minimum: .nan}", "minimum: .nan is out of range"),
      ("{name: cosine, warmup_steps: 5, steps: 5}", "steps: 5 steps leave none for the decay"),
      ("{name: step, step_size: 0}", "step_size: 0 is out of range"),
      ("{name: step, gama: 0.5}", "did you mean 'gamma'?"),
    ])
  func saysWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: SettingsError.self) { try schedule(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
  }
}
