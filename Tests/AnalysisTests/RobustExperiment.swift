import Analysis
import Records
import Tensors

/// A made-up experiment under the robust protocol: valleys with cliffs, planned in rounds as a run
/// plans them.
struct RobustExperiment {
  /// A method's losses: a valley with its bottom at `centre` (log₁₀), a cliff at `edge`, what clipping
  /// leaves beyond it.
  struct Shape {
    var optimizer: String
    var clipping = "none"
    var origin = 0.01
    var centre = -2.0
    var bottom = 0.4
    var edge = -1.1
    /// Ends finite at no use beyond the edge, where others explode.
    var isBounded = false
    var noise = 0.02
    var trains = true
  }

  static let shapes = [
    Shape(optimizer: "sgd", origin: 0.1, centre: -1, bottom: 0.6, edge: -0.6),
    Shape(
      optimizer: "sgd", clipping: "global-norm(1)", origin: 0.1, centre: -1, bottom: 0.55,
      edge: -0.3, isBounded: true),
    Shape(optimizer: "adamw", bottom: 0.4), Shape(optimizer: "frozen", trains: false),
    Shape(
      optimizer: "adamw", clipping: "global-norm(1)", centre: -1.9, bottom: 0.3, edge: -0.9,
      isBounded: true, noise: 0.01),
  ]

  static let tuningSeeds = [100, 101, 102]
  static let evaluationSeeds = Array(0..<6)

  var shapes = Self.shapes
  var evaluationSeeds = Self.evaluationSeeds
  var problems = [Self.classes, Self.function]
  var spec = "optbench: 1\nprotocol: robust\n"

  static var classes: ProblemRecord {
    var problem = Synthetic.problem("valley", target: (.validationLoss, 0.5))
    problem.referenceLoss = 2.3
    return problem
  }

  /// Without data: losses are compared by their logarithm.
  static var function: ProblemRecord {
    var problem = Synthetic.problem("bowl")
    problem.referenceLoss = 10
    problem.stepsPerEpoch = 0
    return problem
  }

  /// - Parameter isOver: Whether the method's search and ladder are to be run to the end.
  func record(isOver: (Shape) -> Bool = { _ in true }) -> ExperimentRecord {
    var plan: [PlanEntry] = []
    var runs: [RunRecord] = []
    for problem in problems {
      let scale = ProgressScale(problem)
      guard let scale else { continue }
      for shape in shapes {
        var trials: [Double: Int] = [:]
        func add(_ rate: Double, _ multiple: Double, _ seed: Int, _ purpose: RunPurpose)
          -> RunRecord
        {
          let trial = trials[rate, default: trials.count]
          trials[rate] = trial
          let run = Self.run(shape, on: problem, trial: trial, rate: rate, seed: seed)
          runs.append(run)
          plan.append(
            PlanEntry(
              key: run.key, optimizer: shape.optimizer, clipping: shape.clipping,
              setting: RunSetting([.init(name: "learning_rate", text: "\(rate)")]), trial: trial,
              seed: seed, isDefault: multiple == 1, identity: run.key.run, purpose: purpose))
          return run
        }
        var scan = RateScan(reference: scale.referencePosition)
        while case let round = scan.nextRound(), !round.isEmpty {
          for index in round {
            let multiple = RateScan.multiple(index: index)
            let rate = RateScan.rate(origin: shape.origin, index: index)
            let tried = Self.tuningSeeds.map {
              add(rate, multiple, $0, .tuning(multiple: multiple))
            }
            let losses = tried.map { $0.outcome == .completed ? Self.loss(shape, $0) : nil }
            scan.record(scale.score(ofTuning: losses), at: index)
          }
          if !isOver(shape) { break }
        }
        guard isOver(shape),
          let tuned = RobustMethod.tunedRate(of: scan, origin: shape.origin, scale: scale)
        else { continue }
        for multiple in StressLadder.multiples {
          for seed in evaluationSeeds {
            _ = add(multiple * tuned, multiple, seed, .evaluation(multiple: multiple))
          }
        }
      }
    }
    var record = Synthetic.experiment(problems, runs)
    record.header.plan = plan
    record.header.spec = spec
    return record
  }

  private static func loss(_ shape: Shape, _ run: RunRecord) -> Double? {
    let losses = run.evaluations[
      run.evaluations[.validationLoss].allSatisfy(\.isNaN) ? .trainLoss : .validationLoss]
    return losses.last
  }

  private static func run(
    _ shape: Shape, on problem: ProblemRecord, trial: Int, rate: Double, seed: Int
  ) -> RunRecord {
    let isFunction = problem.stepsPerEpoch == 0
    var stream = RandomStream(seed: UInt64(seed), name: "robust experiment \(shape.optimizer)")
    let noise = shape.noise * stream.normal()
    let x = decimalLogarithm(rate)
    let isBeyond = x > shape.edge + 3 * noise
    let height = 0.4 * (x - shape.centre) * (x - shape.centre)
    let value = shape.bottom + noise + height
    let final =
      !shape.trains
      ? problem.referenceLoss
      : isBeyond
        ? 1.5 * problem.referenceLoss
        : isFunction ? power(10, -4 + 6 * (value - 0.3)) : min(value, problem.referenceLoss)
    let explodes = shape.trains && isBeyond && !shape.isBounded
    return Synthetic.run(
      shape.optimizer, on: problem.name, clipping: shape.clipping, trial: trial, rate: rate,
      seed: seed, losses: [problem.referenceLoss, (problem.referenceLoss + final) / 2, final],
      splits: isFunction ? [.trainLoss] : [.trainLoss, .validationLoss, .testLoss],
      outcome: explodes ? .exploded : .completed, failureStep: explodes ? 40 + seed % 7 : -1,
      failure: explodes ? "loss" : "", targetStep: problem.hasTarget && final < 0.5 ? 50 : -1,
      fired: shape.clipping == "none" ? [] : Set(0..<30))
  }
}
