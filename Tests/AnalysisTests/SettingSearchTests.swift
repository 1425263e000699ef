import Analysis
import Testing

/// The search for a setting, on a made-up landscape.
struct SettingSearchTests {
  private let scale = ProgressScale(referenceLoss: 2, lowerBound: 0, isLogarithmic: false)

  /// A valley in the rate whose depth and place are the setting's.
  private func loss(_ setting: Int, _ index: Int, _ seed: Int, best: Int) -> Double? {
    let bottom = setting == 0 ? 0.5 : setting == best ? 0.2 : 0.55 + 0.01 * Double(setting)
    let distance = Double(index - (setting == best ? 5 : 2))
    let noise = 0.01 * Double((setting * 7 + index * 3 + seed * 5) % 11)
    let value = bottom + 0.05 * distance * distance + noise
    // Far up it explodes.
    return distance > 6 ? nil : value
  }

  /// Runs the search to its end and gives what was run.
  private func run(
    _ strategy: SettingSearch.Strategy, seeds: Int, draws: Int, best: Int, reversed: Bool = false
  ) -> (search: SettingSearch, rounds: [[SettingSearch.Trial]]) {
    var search = SettingSearch(scale: scale, cap: 12, seeds: seeds, strategy: strategy)
    var rounds: [[SettingSearch.Trial]] = []
    for _ in 0..<100 {
      if search.isDefaultDone { search.settings = draws }
      let round = search.nextRound()
      if round.isEmpty { break }
      rounds.append(round)
      for trial in reversed ? round.reversed() : round {
        let losses = trial.seeds.map { seed in
          (seed, loss(trial.setting, trial.index, seed, best: best))
        }
        search.record(Dictionary(uniqueKeysWithValues: losses), of: trial)
      }
    }
    return (search, rounds)
  }

  @Test(arguments: SettingSearch.Strategy.allCases)
  func theBestSettingIsFoundAndItsRateSearchedAnew(strategy: SettingSearch.Strategy) throws {
    let budget = SettingSearch.Budget(strategy: strategy, settings: 8)
    let draws = budget.draws(seeds: 5)
    let (search, rounds) = run(strategy, seeds: 5, draws: draws, best: 6)
    #expect(search.choice == 6)
    // The default's best rate is two steps of the lattice up; the setting's, out of its three, five.
    #expect(search.scan(of: 0).best == 2)
    #expect(search.scan(of: 6).best == 5)
    #expect(search.scan(of: 6).anchor?.isComplete == true)
    #expect(search.scan(of: 6).scores.count <= 12)
    let tried = rounds.joined().filter { $0.setting > 0 && search.centre.contains($0.index) }
    let runs = tried.reduce(0) { $0 + $1.seeds.count }
    #expect(runs <= budget.mostRuns(seeds: 5))
    #expect(strategy == .halving ? draws == 18 && runs == 120 : draws == 8 && runs == 120)
    #expect(Set(tried.map(\.setting)) == Set(1...draws))
  }

  @Test(arguments: SettingSearch.Strategy.allCases)
  func theOrderOfResultsDoesNotMatter(strategy: SettingSearch.Strategy) {
    let (first, rounds) = run(strategy, seeds: 3, draws: 7, best: 3)
    let (second, again) = run(strategy, seeds: 3, draws: 7, best: 3, reversed: true)
    #expect(rounds == again)
    #expect(first.choice == second.choice)
    // The whole of what was run decides as the rounds did.
    var whole = SettingSearch(scale: scale, cap: 12, seeds: 3, strategy: strategy)
    whole.settings = 7
    for trial in rounds.joined().reversed() {
      let losses = trial.seeds.map { ($0, loss(trial.setting, trial.index, $0, best: 3)) }
      whole.record(Dictionary(uniqueKeysWithValues: losses), of: trial)
    }
    #expect(whole.choice == first.choice && whole.nextRound().isEmpty)
    #expect(whole.scan(of: whole.choice).scores == first.scan(of: first.choice).scores)
  }

  @Test func theDefaultStaysWhereNothingIsBetter() {
    for strategy in SettingSearch.Strategy.allCases {
      let (search, rounds) = run(strategy, seeds: 2, draws: 4, best: -1)
      #expect(search.choice == 0)
      // Nothing more is run for it.
      #expect(rounds.last?.allSatisfy { $0.setting > 0 } == true)
    }
  }

  /// Halving: 1 seed, then twice as many for the better half.
  @Test func halvingLeavesTheWorseHalfBehind() {
    let (search, rounds) = run(.halving, seeds: 5, draws: 18, best: 6)
    let stages = rounds.filter { $0[0].setting > 0 }.prefix(4)
    #expect(stages.map { Set($0.map(\.setting)).count } == [18, 9, 5, 3])
    #expect(stages.map(\.[0].seeds) == [0..<1, 1..<2, 2..<4, 4..<5])
    let last = Set(stages[stages.endIndex - 1].map(\.setting))
    #expect(last.contains(6))
    #expect((1...18).filter { !search.losses(of: $0).isEmpty }.allSatisfy(last.contains))
  }

  @Test func aHalvedBudgetIsUsedAndNotExceeded() {
    for seeds in 1...9 {
      for settings in [1, 2, 5, 8, 30] {
        let whole = SettingSearch.Budget(strategy: .halton, settings: settings)
        let halved = SettingSearch.Budget(strategy: .halving, settings: settings)
        #expect(whole.draws(seeds: seeds) == settings)
        let draws = halved.draws(seeds: seeds)
        #expect(draws >= settings && (seeds > 1 || draws == settings))
        // What the choice costs, without the search for the chosen one's rate.
        func runs(_ draws: Int) -> Int {
          let (search, rounds) = run(.halving, seeds: seeds, draws: draws, best: 1)
          return rounds.joined().filter { $0.setting > 0 && search.centre.contains($0.index) }
            .reduce(0) { $0 + $1.seeds.count }
        }
        let most = whole.mostRuns(seeds: seeds)
        #expect(runs(draws) <= most && runs(draws + 1) > most, "\(seeds) seeds, \(settings)")
      }
    }
  }
}
