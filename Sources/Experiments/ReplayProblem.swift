internal import Problems
internal import Tensors

/// Given gradients in the shape of a test problem, so that a trace goes through the trainer's own
/// steps: the gradient of step k is the k-th of the file, wherever the parameters are.
struct ReplayProblem: TestProblem {
  let given: GivenGradients
  /// Which second gradients have been asked for, and whether one was missing.
  let requests = Requests()

  /// Lives on the thread of one trace.
  final class Requests: @unchecked Sendable {
    var count = 0
    var isMissing = false
  }

  var name: String { given.file }
  var summary: String { "given gradients" }
  var digest: String { "" }
  var layout: ParameterLayout { given.layout }
  var lowerBound: Double { 0 }
  var lossUnit: Double { 1 }
  var target: Target? { nil }
  var stepsPerEpoch: Int { 0 }
  var samplesLabels: Bool { true }

  func initialParameters(seed: UInt64) -> [Float] { given.parameters }
  func makeBuffers() -> NamedArrays { .empty }
  func openSession() -> any ProblemSession {
    IndependentObjectives { _ in Replay(given: given, requests: requests) }
  }
  func makeBatchOrder(seed: UInt64) -> any BatchOrder { StepsAlone() }
}

struct StepsAlone: BatchOrder {
  var step = 0

  mutating func skip(to step: Int) { self.step = step }

  mutating func next() -> Batch {
    defer { step += 1 }
    return Batch(step: step, indices: UnsafeBufferPointer(start: nil, count: 0))
  }
}

private final class Replay: Objective {
  private let given: GivenGradients
  private let requests: ReplayProblem.Requests

  init(given: GivenGradients, requests: ReplayProblem.Requests) {
    self.given = given
    self.requests = requests
  }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    write(given.gradients[batch.step], to: gradient)
    return given.losses?[batch.step] ?? .nan
  }

  func sampledLabelGradient(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: NamedArrays,
    gradient: UnsafeMutablePointer<Float>
  ) -> Int {
    let second = given.secondGradients ?? []
    let index = second.count == given.gradients.count ? batch.step : requests.count
    requests.count += 1
    if index < second.count, let values = second[index] {
      write(values, to: gradient)
    } else {
      requests.isMissing = true
      gradient.update(repeating: .nan, count: given.layout.count)
    }
    return 0
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? { nil }

  private func write(_ values: [Float], to target: UnsafeMutablePointer<Float>) {
    for index in values.indices { target[index] = values[index] }
  }
}
