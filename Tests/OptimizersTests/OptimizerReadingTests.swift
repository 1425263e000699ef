import Optimizers
import Settings
import Testing

/// Entries of `optimizers:` and learning-rate grids as experiment files write them.
@Suite struct OptimizerReadingTests {
  private func read(_ text: String) throws -> OptimizerChoice {
    try OptimizerChoice.read(try .parse(text, file: "spec.yml"))
  }

  private func grid(_ text: String) throws -> [Double] {
    try LearningRateGrid.read(try .parse(text, file: "spec.yml")).values
  }

  @Test(
    arguments: [
      ("sgd", "sgd"),
      ("{name: sgd, momentum: 0.9, nesterov: true}", "sgd momentum=0.9 nesterov=true"),
      ("{name: sgd, nesterov: true, momentum: 0.9, label: fast}", "fast"),
      ("{name: adam, betas: [0.9, 0.99], learning_rate: 0.1}", "adam betas=0.9,0.99"),
      ("{name: adam, eps: 1.0e-8}", "adam eps=1e-08"),
    ])
  func labelsSayWhatWasGiven(text: String, label: String) throws {
    #expect(try read(text).label == label)
  }

  @Test func theLearningRateIsTheEntrysOwnOrNone() throws {
    #expect(try read("adam").learningRates == nil)
    #expect(try read("{name: adam, learning_rate: 0.1}").learningRates?.values == [0.1])
    #expect(
      try read("{name: adam, learning_rate: [0.1, 0.01]}").learningRates?.values == [0.1, 0.01])
    #expect(
      try read("{name: adam, learning_rate: {from: 0.01, to: 1, points: 3}}").learningRates?.values
        == [0.01, 0.1, 1])
  }

  @Test func theEndsOfAGridAreTheFilesAndWhatLiesBetweenHasSixDigits() throws {
    #expect(
      try grid("{from: 1.23456789e-4, to: 0.987654321, points: 3}")
        == [1.23456789e-4, 0.0110423, 0.987654321])
  }

  @Test(
    arguments: [
      ("sgd", 0.001), ("momentum", 0.001), ("nesterov", 0.001), ("rmsprop", 0.01), ("adam", 0.001),
      ("adamw", 0.001), ("adagrad", 0.01), ("adadelta", 1), ("adamax", 0.002), ("nadam", 0.002),
      ("radam", 0.001), ("rprop", 0.01), ("asgd", 0.01), ("adafactor", 0.01), ("muon", 0.001),
    ])
  func defaultLearningRatesArePyTorchs(name: String, rate: Double) throws {
    #expect(try read(name).defaultLearningRate == rate)
  }

  @Test(
    arguments: [
      ("lion", 1e-4), ("adabelief", 0.001), ("yogi", 0.01), ("adan", 0.001), ("adopt", 0.001),
      ("spam", 0.001), ("lars", 1), ("lamb", 0.001), ("prodigy", 1), ("dadapt-adam", 1),
      ("soap", 0.003),
    ])
  func otherDefaultLearningRatesAreTheAuthorsOrTheirPorts(name: String, rate: Double) throws {
    #expect(try read(name).defaultLearningRate == rate)
  }

  @Test func theJSONHoldsEveryOptionAndTheRateUsed() throws {
    #expect(
      try read("{name: adamw, betas: [0.8, 0.9], learning_rate: 1}").json(learningRate: 0.5)
        == #"{"name":"adamw","learning_rate":0.5,"betas":[0.8,0.9],"eps":1e-08,"#
        + #""weight_decay":0.01,"weight_decay_on":"all","amsgrad":false,"maximize":false}"#)
  }

  @Test func presetsAreSGDWithOtherDefaults() throws {
    let options = try #require(optimizerCatalog.entry(named: "sgd")).hyperparameters.map(\.name)
    for name in ["momentum", "nesterov"] {
      let choice = try read(name).choice
      #expect(choice.entry.hyperparameters.map(\.name) == options)
      #expect(choice.hyperparameters.number("momentum") == 0.9)
      #expect(choice.hyperparameters.boolean("nesterov") == (name == "nesterov"))
    }
  }

  @Test(
    arguments: [
      ("0.1", [0.1]), ("[1.0e-3, 1]", [0.001, 1]), ("[1, 0.5]", [1, 0.5]),
      ("{from: 1.0e-3, to: 1.0e-3, points: 1}", [0.001]),
      (
        "{from: 1.0e-4, to: 1.0, points: 9}",
        [1e-4, 0.000316228, 0.001, 0.00316228, 0.01, 0.0316228, 0.1, 0.316228, 1]
      ),
      ("{from: 1.0e-30, to: 1.0e30, points: 7}", [1e-30, 1e-20, 1e-10, 1, 1e10, 1e20, 1e30]),
      ("{from: 0.3, to: 30, points: 3}", [0.3, 3, 30]),
      ("{from: 0.123456789, to: 0.2, points: 2}", [0.123456789, 0.2]),
    ])
  func gridsAreExactDecimalNumbers(text: String, values: [Double]) throws {
    #expect(try grid(text) == values)
  }

  @Test(
    arguments: [
      (".nan", "spec.yml:1:1: .nan is out of range; allowed: a finite number > 0"),
      ("0", "0 is out of range"), ("-1", "-1 is out of range"), (".inf", ".inf is out of range"),
      ("[]", "the list is empty"), ("[0.1, 1.0e-1]", "[1]: the learning rate 0.1 is given twice"),
      ("[0.1, .nan]", "[1]: .nan is out of range"), ("fast", "found 'fast'"),
      ("{from: 1, to: 0.1, points: 3}", "from 1 exceeds to 0.1"),
      ("{from: 0.1, to: 1, points: 1}", "one point cannot be both 0.1 and 1"),
      ("{from: 1, to: 1, points: 4}", "4 points between equal ends"),
      ("{from: 0.1, to: 1, points: 0}", "points: 0 is out of range"),
      ("{from: 0.1, to: 1, points: 2.5}", "points: expected an integer from 1 to 1000"),
      ("{from: 0.1, to: 1}", "the key 'points' is missing"),
      ("{from: 0.1, to: 1, point: 3}", "did you mean 'points'?"),
      ("{from: 1, to: 1.00001, points: 50}", "closer than six significant digits"),
    ])
  func gridsSayWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: SettingsError.self) { try grid(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
  }

  @Test(
    arguments: [
      ("adm", "unknown optimizer 'adm'; did you mean 'adam'?"),
      ("{name: sgd, momentun: 0.9}", "momentun: unknown key 'momentun'; did you mean 'momentum'?"),
      ("{name: sgd, momentum: 9}", "momentum: 9 is out of range; allowed: a number from 0 to 1"),
      ("{name: adam, betas: [0.9]}", "betas: 1 numbers given"),
      ("{name: adam, betas: [0.9, 1]}", "betas[1]: 1 is out of range"),
      ("{name: adam, eps: -1}", "eps: -1 is out of range"),
      ("{name: adam, weight_decay: .inf}", "weight_decay: .inf is out of range"),
      ("{name: adam, amsgrad: 1}", "amsgrad: expected true or false, found '1'"),
      ("{name: adam, learning_rate: .nan}", "learning_rate: .nan is out of range"),
      ("{name: adam, label: ''}", "label: '' cannot be a label"),
      ("{name: sgd, nesterov: true}", "nesterov: Nesterov momentum needs momentum > 0"),
      ("{name: nesterov, dampening: 0.1}", "Nesterov momentum needs momentum > 0 and dampening 0"),
      ("{name: rprop, etas: [1, 1.2]}", "etas: [1, 1.2] does not shrink and grow"),
      ("{name: rprop, step_sizes: [1, 0.1]}", "step_sizes: the least step 1 exceeds"),
      ("{name: adam, weight_decay_on: biases}", "'biases'"),
      ("{name: adan, betas: [0.9, 0.9]}", "betas: 2 numbers given"),
      ("{name: prodigy, growth_rate: 0.5}", "growth_rate: 0.5 is out of range"),
      ("{name: adafactor, d: 0.5}", "d: 0.5 is out of range"),
      ("{name: muon, adjust_lr_fn: none}", "'none'"),
      ("{name: frozen-adam, freeze_after: 0}", "freeze_after"),
      ("{momentum: 0.9}", "the key 'name' is missing"),
    ])
  func entriesSayWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: SettingsError.self) { try read(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
  }
}
