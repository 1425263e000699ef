import Foundation
import Optimizers
import Settings
import Tensors
import TestSupport
import Testing

/// The methods that ask for more than a gradient, or are evaluated elsewhere than they train,
/// against the authors' code in float64 at every step.
@Suite struct AskingOptimizerTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let problem: String
    let lr: Double
    let kwargs: [String: OracleOption?]
    let base: String?
    let baseKwargs: [String: OracleOption]?
    let float32Difference: Double
    let traj: [[Double]]
    let evaluated: [[Double]]?
    let evaluations: [Int]?

    var testDescription: String { "\(problem): \(text)" }

    /// The entry of an experiment file.
    var text: String {
      var fields = ["name: \(name)"]
      for (option, value) in kwargs.sorted(by: { $0.key < $1.key }) {
        fields.append("\(option): \(value?.yaml ?? "null")")
      }
      if let base { fields.append("base: \(entryText(base.lowercased(), baseKwargs ?? [:]))") }
      return "{" + fields.joined(separator: ", ") + "}"
    }

    /// Greatest |a − b|/max(1, |b|) against the reference in Double. The measure is how far the
    /// reference itself is off in float32: the quotients of L-BFGS amplify rounding everywhere, and
    /// Rosenbrock's valley does so for all. Measured there for ASAM: 2.5e-6.
    var tolerance: Double {
      max(problem == "rosenbrock" ? 4e-6 : 2e-6, 10 * float32Difference)
    }
  }

  struct Cases: Decodable { let cases: [Case] }

  static let problems = try? oracle("problems", as: OracleProblems.self).problems
  static let cases = (try? oracle("asking_optimizers", as: Cases.self).cases) ?? []
  /// Line searches that the evaluations of an update bound.
  static let boundedSearches = (try? oracle("lbfgs_max_eval", as: Cases.self).cases) ?? []

  /// A problem of `problems.json` as an optimizer finds it.
  private struct Field: GradientSource {
    let problem: OracleProblem
    var step = 0
    var count = 0

    func loss(
      at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
    ) -> Double { answer(at: parameters, shift: 0, gradient) }

    mutating func sampleLabels(
      at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
    ) -> Int {
      _ = answer(at: parameters, shift: 0.25, gradient)
      return 32
    }

    private func answer(
      at parameters: UnsafePointer<Float>, shift: Double, _ gradient: UnsafeMutablePointer<Float>
    ) -> Double {
      let x = (0..<problem.initial.count).map { Double(parameters[$0]) + shift }
      for (index, value) in problem.gradient(at: x, step: step).enumerated() {
        gradient[index] = Float(value)
      }
      return problem.loss(at: x)
    }
  }

  /// Counts what an optimizer asks.
  private struct Counted: GradientSource {
    var field: Field
    var count = 0

    mutating func loss(
      at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
    ) -> Double {
      count += 1
      return field.loss(at: parameters, gradient: gradient)
    }

    mutating func sampleLabels(
      at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
    ) -> Int {
      count += 1
      return field.sampleLabels(at: parameters, gradient: gradient)
    }
  }

  @Test func theOracleFileIsThere() {
    #expect(throws: Never.self) { try oracle("asking_optimizers", as: Cases.self) }
    #expect(Self.cases.count == 52)
    #expect(Self.boundedSearches.count == 20)
  }

  @Test(arguments: cases + boundedSearches)
  func followsTheTrajectory(of stored: Case) throws {
    let problem = try #require(Self.problems?[stored.problem])
    let choice = try OptimizerChoice.read(try Setting.parse(stored.text, file: "case.yml"))
    var run = OptimizerRun(
      choice.optimizer, layout: problem.layout, learningRate: stored.lr,
      initial: problem.initial.map(Float.init))
    var source = Counted(field: Field(problem: problem))
    var worst = 0.0
    func compare(_ ours: [Float], _ theirs: [Double]) {
      for (a, b) in zip(ours, theirs) { worst = max(worst, abs(Double(a) - b) / max(1, abs(b))) }
    }
    for (step, expected) in stored.traj.enumerated() {
      let at = run.parameters.values.map(Double.init)
      source.field.step = step
      source.count += 1
      run.take(
        problem.gradient(at: at, step: step).map { Float($0) }, loss: problem.loss(at: at),
        asking: &source)
      compare(run.parameters.values, expected)
      compare(run.evaluated, stored.evaluated?[step] ?? expected)
      if let evaluations = stored.evaluations {
        #expect(source.count == evaluations[step])
        let most = choice.optimizer.demand.evaluations.upperBound
        #expect(evaluations[step] - (step > 0 ? evaluations[step - 1] : 0) <= most)
      }
    }
    #expect(worst < stored.tolerance)
  }
}

extension OracleProblem {
  /// The loss at `x`; NaN where only gradients are given.
  fileprivate func loss(at x: [Double]) -> Double {
    if grads != nil { return .nan }
    if let matrix, let vector {
      return matrix.indices.reduce(0) { sum, row in
        sum + x[row] * (0.5 * zip(matrix[row], x).reduce(0) { $0 + $1.0 * $1.1 } - vector[row])
      }
    }
    if let inputs, let labels {
      return zip(inputs, labels).reduce(0) { sum, example in
        let logit = zip(example.0, x).reduce(x[x.count - 1]) { $0 + $1.0 * $1.1 }
        return sum + (log1p(exp(-abs(logit))) + max(logit, 0) - logit * example.1)
          / Double(labels.count)
      }
    }
    let valley = x[1] - x[0] * x[0]
    return (1 - x[0]) * (1 - x[0]) + 100 * valley * valley
  }
}
