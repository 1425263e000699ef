import Optimizers
import Settings
import Tensors
import TestSupport
import Testing

/// Optimizers over gradients from 1e-33 to 1e38, with denormal numbers flushed as in a run.
@Suite struct FloatRangeTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let options: [String: OracleOption]
    let start: [Double]
    /// By sequence, step and element.
    let updates: [[[Double]]]

    var testDescription: String { entryText(name, options) }
  }

  struct Contents: Decodable {
    let learningRate: Double
    let gradients: [[[Double]]]
    let cases: [Case]
    /// For a matrix of 3 by 3 and a vector of 2.
    let matrixGradients: [[[Double]]]
    let matrixCases: [Case]
  }

  static let contents = try? oracle("float_ranges", as: Contents.self)
  static let cases = contents?.cases ?? []
  static let matrixCases = contents?.matrixCases ?? []

  @Test func theOracleFileIsThere() {
    #expect(Self.contents?.gradients.count == 16)
    #expect(Self.cases.count == 72)
    #expect(Self.contents?.matrixGradients.count == 15)
    #expect(Self.matrixCases.count == 8)
  }

  /// Every rule keeps its numbers through all gradients, in one of the tests here, but for those that
  /// have no squares, only sums of gradients, and for presets and wrappers of others.
  @Test func everyRuleWithSquaresIsHeldToIt() {
    let held = Set(
      (Self.cases + Self.matrixCases).map(\.name) + Self.rulesOfDirections.compactMap(Self.name)
        + ["lbfgs"])
    let without = [
      "adamw", "asgd", "cudap", "lookahead", "momentum", "nesterov", "schedule-free-sgd", "sgd",
      "signsgd",
      // Its curvature is 0 or infinite where it overflows, and its step of either size then.
      "sophia-g",
    ]
    #expect(
      optimizerCatalog.entries.map(\.name).filter { !held.contains($0) }.sorted() == without)
  }

  private static func name(_ text: String) -> String? {
    text.split { "{}:, ".contains($0) }.first { $0 != "name" }.map(String.init)
  }

  @Test(arguments: cases)
  func givesTheUpdatesOfExactArithmetic(_ stored: Case) throws {
    let contents = try #require(Self.contents)
    let text = entryText(stored.name, stored.options)
    let choice = try OptimizerChoice.read(try .parse(text, file: "range.yml"))
    let floor =
      switch stored.name {
      // Its bound on the gradient is √v, of which ε drowns what is flushed only later.
      case "spam" where stored.options["eps"] == nil: 1e-12
      // Its update is a difference of parameters.
      case "schedule-free-adamw": 2e-7
      default: 1e-36
      }
    for (sequence, gradients) in contents.gradients.enumerated() {
      try FloatingPointMode.flushingDenormals {
        var run = OptimizerRun(
          choice.optimizer, layout: layout([[3]]), learningRate: contents.learningRate,
          initial: stored.start.map(Float.init))
        // The largest update so far of an element: what momentum and differences round against.
        var sizes = [0.0, 0, 0]
        for (step, gradient) in gradients.enumerated() {
          run.take(gradient.map { Float($0) })
          for element in 0..<3 {
            let right = stored.updates[sequence][step][element]
            sizes[element] = max(sizes[element], abs(right))
            // What float cannot hold, an update and a parameter may round to infinity.
            guard abs(right) < 3e38 else { continue }
            let ours = Double(run.update.values[element])
            #expect(
              isClose(ours, right, relative: 0, absolute: 1e-5 * sizes[element] + floor),
              "sequence \(sequence), step \(step), element \(element): \(ours), not \(right)")
          }
          try #require(run.parameters.values.allSatisfy { !$0.isNaN })
        }
      }
    }
  }

  /// To rounding of the matrix as a whole: its products mix the elements.
  @Test(arguments: matrixCases)
  func givesTheUpdatesOfExactArithmeticForMatrices(_ stored: Case) throws {
    let contents = try #require(Self.contents)
    let choice = try OptimizerChoice.read(
      try .parse(entryText(stored.name, stored.options), file: "range.yml"))
    for (sequence, gradients) in contents.matrixGradients.enumerated() {
      try FloatingPointMode.flushingDenormals {
        var run = OptimizerRun(
          choice.optimizer, layout: layout([[3, 3], [2]]), learningRate: contents.learningRate,
          initial: stored.start.map(Float.init))
        // A power −1/4 or −1/2 of what rounding leaves of an eigenvalue multiplies rounding.
        let tolerances = stored.name == "shampoo" ? [1e-4, 1e-3] : [2e-5, 2e-5]
        var sizes = [0.0, 0]
        for (step, gradient) in gradients.enumerated() {
          run.take(gradient.map { Float($0) })
          let right = stored.updates[sequence][step]
          for element in 0..<11 {
            let tensor = element / 9
            sizes[tensor] = max(sizes[tensor], abs(right[element]))
          }
          for element in 0..<11 {
            let ours = Double(run.update.values[element])
            #expect(
              isClose(
                ours, right[element], relative: 0,
                absolute: tolerances[element / 9] * sizes[element / 9] + 1e-36),
              "sequence \(sequence), step \(step), element \(element): \(ours), not \(right[element])"
            )
          }
          try #require(run.parameters.values.allSatisfy { $0.isFinite })
        }
      }
    }
  }

  /// Beyond what the mean of a rotated gradient holds: SOAP's element of it is up to the matrix' norm.
  @Test func aMatrixOfNormBeyondFloatShowsInSOAP() throws {
    let choice = try OptimizerChoice.read(try .parse("soap", file: "range.yml"))
    var run = OptimizerRun(
      choice.optimizer, layout: layout([[3, 3]]), learningRate: 0.1,
      initial: Array(repeating: 1, count: 9))
    run.take(Array(repeating: 3e38, count: 9))
    run.take(Array(repeating: 3e38, count: 9))
    #expect(!run.update.values.allSatisfy { $0.isFinite })
  }

  private static let rulesOfDirections = [
    "muon", "{name: muon, nesterov: false, momentum: 0}", "{name: sam, base: signsgd}",
    "{name: asam, base: signsgd}", "{name: sam, rho: 0.3, base: lars}", "lars", "lamb",
  ]

  /// The rules whose update does not depend on the gradient's scale, once it drowns their ε.
  @Test(arguments: rulesOfDirections, [1e15, 1e19, 1e25, 1e30, 1e36])
  func aRuleOfDirectionsIsTheSameAtEveryScale(text: String, scale: Float) throws {
    let choice = try OptimizerChoice.read(try .parse(text, file: "range.yml"))
    func updates(_ scale: Float) -> [Float] {
      FloatingPointMode.flushingDenormals {
        var run = OptimizerRun(
          choice.optimizer, layout: layout([[4, 3], [2]]), learningRate: 0.1,
          initial: (0..<14).map { Float($0 % 5) - 1.75 })
        var updates: [Float] = []
        for step in 0..<4 {
          run.take((0..<14).map { Float(($0 * 7 + step * 3) % 11 - 5) * scale })
          updates += run.update.values
        }
        return updates
      }
    }
    for (ours, usual) in zip(updates(scale), updates(1e12)) {
      #expect(isClose(Double(ours), Double(usual), relative: 1e-4, absolute: 1e-6))
    }
  }

  @Test func theFirstStepOfLBFGSIsOfUnitSizeAtEveryScale() throws {
    let choice = try OptimizerChoice.read(
      try .parse("{name: lbfgs, max_iter: 1}", file: "range.yml"))
    for scale in [1e6, 1e20, 1e30, 1e38] as [Float] {
      FloatingPointMode.flushingDenormals {
        var run = OptimizerRun(
          choice.optimizer, layout: layout([[2]]), learningRate: 1, initial: [1, 1])
        run.take([3 * scale / 4, -scale / 4])
        // min(1, 1/‖g‖₁)·g.
        #expect(isClose(Double(run.update.values[0]), -0.75, relative: 1e-5))
        #expect(isClose(Double(run.update.values[1]), 0.25, relative: 1e-5))
      }
    }
  }

  @Test func aMeanWithoutMemoryIsTheGradientItself() throws {
    let choice = try OptimizerChoice.read(
      try .parse("{name: adam, betas: [0, 0], learning_rate: 0.1}", file: "range.yml"))
    var run = OptimizerRun(
      choice.optimizer, layout: layout([[1]]), learningRate: 0.1, initial: [0])
    var reached: [Double] = []
    for gradient in [1000.1, 1e-5, 1e-5, 1e-5] as [Float] {
      run.take([gradient])
      reached.append(Double(run.parameters.values[0]))
    }
    // PyTorch 2.13.
    for (ours, theirs) in zip(reached, [-0.1, -0.1999001, -0.2998002, -0.3997003]) {
      #expect(isClose(ours, theirs, relative: 1e-6))
    }
  }

  @Test func theWeightsOfAnAverageMayLeaveTheRange() throws {
    func evaluated(_ options: String) throws -> (at: [Float], z: [[Float]]) {
      let choice = try OptimizerChoice.read(
        try .parse("{name: schedule-free-sgd, \(options)}", file: "range.yml"))
      var run = OptimizerRun(
        choice.optimizer, layout: layout([[2]]), learningRate: 1e-3, initial: [1, -1])
      var z: [[Float]] = []
      for step in 0..<5 {
        run.take([Float(step + 1) * 100, -300])
        z.append(run.state.arrays[0].values)
      }
      return (run.evaluated, z)
    }
    // η⁴⁰⁰ is 0 in Double; a constant rate weighs all the same.
    let even = try evaluated("weight_lr_power: 400")
    for index in 0..<2 {
      let mean = even.z.reduce(0) { $0 + $1[index] } / 5
      #expect(isClose(Double(even.at[index]), Double(mean), relative: 1e-5))
    }
    // 3¹⁰⁰⁰ is infinite; the newest outweighs all others.
    let newest = try evaluated("r: 1000")
    for index in 0..<2 {
      #expect(
        isClose(Double(newest.at[index]), Double(newest.z[4][index]), relative: 1e-5))
    }
  }
}
