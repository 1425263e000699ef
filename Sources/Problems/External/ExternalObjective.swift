internal import Digests
internal import Tensors

/// The program that a worker's runs ask one after the other.
final class ExternalSession: ProblemSession {
  private let problem: ExternalProblem
  private let program: ExternalProgram
  private var run = ""

  init(_ problem: ExternalProblem) throws(ObjectiveFailure) {
    self.problem = problem
    program = try problem.takeProgram()
  }

  deinit { if !program.hasFailed { problem.idle.put(program) } }

  func begin(run: String) { self.run = run }

  func makeObjective(seed: UInt64) -> any Objective {
    program.setLabel(run.isEmpty ? problem.name : "\(problem.name) \(run)")
    return ExternalObjective(program, problem: problem, seed: seed)
  }
}

/// What another program computes. Batches, noise and the state that the model keeps beside its
/// parameters are on its side.
private final class ExternalObjective: Objective {
  private let program: ExternalProgram
  private let count: Int
  private let splits: [DataSplit]
  /// Whether the next evaluations are of parameters to which the program's state does not belong.
  private var estimatesStatistics = false
  private(set) var failure: ObjectiveFailure?
  private(set) var start: ObjectiveStart?
  private(set) var waitedSeconds = 0.0
  private let clock = ContinuousClock()

  init(_ program: ExternalProgram, problem: ExternalProblem, seed: UInt64) {
    self.program = program
    count = program.description.layout.count
    splits = program.description.splits
    do throws(ObjectiveFailure) {
      start = try begin(seed: seed)
      if let start { try problem.starts.check(start, seed: seed) }
    } catch {
      fail(error)
    }
  }

  private func fail(_ failure: ObjectiveFailure) {
    self.failure = failure
    program.hasFailed = true
  }

  /// The parameters of the seed, and whether the same gradient is the same number twice.
  private func begin(seed: UInt64) throws(ObjectiveFailure) -> ObjectiveStart {
    try program.initialise(seed: seed)
    let parameters = Array(UnsafeBufferPointer(start: program.parameters, count: count))
    let loss = try program.loss(step: 0, updates: false)
    let first = Array(UnsafeBufferPointer(start: program.gradient, count: count))
    let again = try program.loss(step: 0, updates: false)
    let hasSameBits =
      loss.bitPattern == again.bitPattern
      && first.withUnsafeBytes {
        $0.elementsEqual(UnsafeRawBufferPointer(start: program.gradient, count: 4 * count))
      }
    var digest = Digest()
    digest.add("gradient at the start")
    digest.add(loss)
    digest.add(first)
    return ObjectiveStart(
      parameters: parameters, loss: loss, gradientDigest: digest.finish(),
      difference: hasSameBits
        ? 0 : max(Self.distance(first, program.gradient), abs(again - loss) / abs(loss)))
  }

  /// ‖b − a‖ / ‖a‖.
  private static func distance(_ a: [Float], _ b: UnsafePointer<Float>) -> Double {
    var difference = 0.0
    var squares = 0.0
    for index in a.indices {
      let (x, y) = (Double(a[index]), Double(b[index]))
      difference += (y - x) * (y - x)
      squares += x * x
    }
    // Something differs, be it only a sign of zero.
    return max((difference / squares).squareRoot(), .leastNormalMagnitude)
  }

  /// What `body` finds, with the time that it waited for the program; nil once the program has failed.
  private func asking<Value>(_ body: () throws(ObjectiveFailure) -> Value) -> Value? {
    guard failure == nil else { return nil }
    let begin = clock.now
    defer { waitedSeconds += (clock.now - begin) / .seconds(1) }
    do throws(ObjectiveFailure) {
      return try body()
    } catch {
      fail(error)
      return nil
    }
  }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    estimatesStatistics = false
    program.parameters.update(from: parameters, count: count)
    let loss = asking { () throws(ObjectiveFailure) in
      try program.loss(step: batch.step, updates: updateStatistics)
    }
    guard let loss else { return .nan }
    gradient.update(from: program.gradient, count: count)
    return loss
  }

  func estimateStatistics(at parameters: UnsafePointer<Float>, buffers: inout NamedArrays) {
    estimatesStatistics = true
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    guard splits.contains(split) else { return nil }
    program.parameters.update(from: parameters, count: count)
    return asking { () throws(ObjectiveFailure) in
      try program.evaluate(on: split, estimates: estimatesStatistics)
    } ?? EvaluationResult(loss: .nan)
  }
}
