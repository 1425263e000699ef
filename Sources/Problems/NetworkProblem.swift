import Digests
import LinearAlgebra
import Networks
public import Tensors

/// A model that learns to classify a data set.
///
/// Its training evaluation uses a fixed part of the training set, the first as many examples in the
/// split's order as there are validation examples (all, if there are fewer), so that training and
/// validation losses are measured on equally many.
public struct NetworkProblem: TestProblem {
  public let name: String
  public let summary: String
  public let digest: String
  public let dataPlace: String
  public let dataDigest: String
  public let target: Target?
  public let stepsPerEpoch: Int
  let dataset: Dataset
  let model: Model
  let loss: any Loss
  let batchSize: Int
  private let dataOrder: DataOrder

  /// - Parameters:
  ///   - source: Where `dataset` comes from.
  ///   - definition: The model and the loss with all options, for the digest.
  init(
    name: String, summary: String, source: any DatasetSource, dataset: Dataset, model: Model,
    loss: any Loss, definition: String, batchSize: Int, dataOrder: DataOrder, target: Target?
  ) {
    self.name = name
    self.summary = summary
    self.dataset = dataset
    self.model = model
    self.loss = loss
    self.batchSize = batchSize
    self.dataOrder = dataOrder
    self.target = target
    stepsPerEpoch = ShuffledOrder.stepsPerEpoch(
      count: dataset.training.count, batchSize: batchSize, kind: dataOrder)
    var digest = Digest()
    digest.add("network problem")
    digest.add(dataset.digest)
    digest.add(definition)
    digest.add(batchSize)
    digest.add(dataOrder.rawValue)
    digest.add(target)
    self.digest = digest.finish()
    // The examples' digest does not tell [4, 6] from [6, 4].
    var data = Digest()
    data.add("data")
    data.add(dataset.digest)
    data.add(source.exampleShape.map { Int32($0) })
    dataDigest = data.finish()
    dataPlace = source.place
  }

  public var layout: ParameterLayout { model.layout }
  public var lowerBound: Double { loss.lowerBound }
  public var samplesLabels: Bool { loss is any ProbabilisticLoss }
  public var lossUnit: Double { loss.unit(for: dataset.targets) }

  public var warnings: [String] {
    guard usesOneClass else { return [] }
    let place = dataPlace.isEmpty ? "its data set" : "'\(dataPlace)'"
    return [
      "problem '\(name)': every training example of \(place) has the same class, so there is nothing to "
        + "learn; is 'label' of the data set the column of the class? By default it is the last one"
    ]
  }

  private var usesOneClass: Bool {
    guard case .classes = dataset.targets, !loss.reconstructsInput else { return false }
    let first = dataset.example(0, of: .train).labels.first
    return (0..<dataset.trainingCount).allSatisfy { example in
      dataset.example(example, of: .train).labels.allSatisfy { $0 == first }
    }
  }

  public var referenceLoss: Double { loss.constantLoss(over: dataset) }

  public func initialParameters(seed: UInt64) -> [Float] { model.initialParameters(seed: seed) }
  public func makeBuffers() -> NamedArrays { model.makeBuffers() }
  public func openSession() -> any ProblemSession { NetworkSession(self) }

  public func makeBatchOrder(seed: UInt64) -> any BatchOrder {
    ShuffledOrder(
      count: dataset.training.count, batchSize: batchSize, kind: dataOrder, seed: seed)
  }
}

/// Networks that one run after the other works with: nothing in their memory outlives a step.
private final class NetworkSession: ProblemSession {
  private let problem: NetworkProblem
  private var objective: NetworkObjective?

  init(_ problem: NetworkProblem) { self.problem = problem }

  func makeObjective(seed: UInt64) -> any Objective {
    // A run that is not over keeps its own.
    if isKnownUniquelyReferenced(&objective), let objective {
      objective.seed = seed
      return objective
    }
    let made = NetworkObjective(problem, seed: seed)
    objective = made
    return made
  }
}

private final class NetworkObjective: Objective {
  private var dataset: Dataset
  private let problem: NetworkProblem
  private let network: Network
  private let evaluator: Network
  /// The run's seed.
  fileprivate(set) var seed: UInt64 {
    didSet { dataset = problem.dataset.cut(by: seed) }
  }
  private let stepsPerEpoch: Int
  /// Whether the data's targets are asked for.
  private let usesTargets: Bool
  /// An image being augmented; empty where none is.
  private let scratch: FloatBuffer
  /// The features of a black image.
  private let black: [Float]?

  init(_ problem: NetworkProblem, seed: UInt64) {
    // The objective lives on the run's thread, whose setting this is.
    Threads.useOneThread()
    self.problem = problem
    dataset = problem.dataset.cut(by: seed)
    self.seed = seed
    stepsPerEpoch = problem.stepsPerEpoch
    usesTargets = !problem.loss.reconstructsInput
    black = dataset.training.scaling?.zero
    scratch = FloatBuffer(count: dataset.augmentation == nil ? 0 : problem.model.inputCount)
    network = Network(
      problem.model, loss: problem.loss, targets: dataset.targets, batchSize: problem.batchSize,
      isTrained: true)
    let largest = max(dataset.validation.count, dataset.test.count)
    evaluator = Network(
      problem.model, loss: problem.loss, targets: dataset.targets, batchSize: min(512, largest),
      isTrained: false)
  }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    gather(batch)
    return network.lossAndGradient(
      rows: batch.indices.count, parameters: parameters,
      pass: Pass(
        isTraining: true, seed: seed, step: batch.step, buffers: buffers,
        updatesStatistics: updateStatistics), gradient: gradient)
  }

  /// The labels of step t are drawn from `RandomStream(seed:, name: "sampled-labels", part: t)`.
  func sampledLabelGradient(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: NamedArrays,
    gradient: UnsafeMutablePointer<Float>
  ) -> Int {
    gather(batch)
    var stream = RandomStream(
      seed: seed, name: "sampled-labels", part: UInt32(truncatingIfNeeded: batch.step))
    network.sampledLabelGradient(
      rows: batch.indices.count, parameters: parameters,
      pass: Pass(
        isTraining: true, seed: seed, step: batch.step, buffers: buffers,
        updatesStatistics: false), stream: &stream, gradient: gradient)
    return batch.indices.count * network.model.predictionsPerExample
  }

  /// Means over the batches of the run's first steps, each with the same weight, as PyTorch's
  /// `torch.optim.swa_utils.update_bn` takes them over a data loader.
  ///
  /// PyTorch passes over the whole training set. Here it is one epoch at most, and no more than 20
  /// batches or as many as hold the examples of the training evaluation, whichever is more: a running
  /// mean of momentum 0.1 averages (2 − 0.1)/0.1 = 19 batches.
  func estimateStatistics(at parameters: UnsafePointer<Float>, buffers: inout NamedArrays) {
    let size = network.batchSize
    let evaluated = (evaluatedTrainingExamples + size - 1) / size
    var order: any BatchOrder = problem.makeBatchOrder(seed: seed)
    for position in 0..<min(stepsPerEpoch, max(20, evaluated)) {
      let batch = order.next()
      gather(batch)
      network.updateStatistics(
        rows: batch.indices.count, parameters: parameters,
        pass: Pass(
          isTraining: true, seed: seed, step: batch.step, buffers: buffers,
          updatesStatistics: true, averagedBatches: position))
    }
  }

  /// The examples of the training set on which the training loss is evaluated, from the first.
  private var evaluatedTrainingExamples: Int {
    min(dataset.training.count, dataset.validation.count)
  }

  private func gather(_ batch: Batch) {
    precondition(
      batch.indices.count <= network.batchSize,
      "\(batch.indices.count) examples for batches of \(network.batchSize)")
    dataset.training.gather(
      batch.indices, features: network.input, labels: usesTargets ? network.labels : nil,
      values: network.values)
    dataset.augmentation?.apply(
      to: network.input, count: batch.indices.count, black: black,
      seed: seed, step: batch.step, scratch: scratch.pointer)
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    evaluate(at: parameters, on: split, buffers: buffers, limit: .max).result
  }

  func evaluatePart(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays, limit: Int
  ) -> Double? {
    evaluate(at: parameters, on: split, buffers: buffers, limit: limit).share
  }

  private func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays, limit: Int
  ) -> (result: EvaluationResult, share: Double) {
    let set =
      switch split {
      case .train: dataset.training
      case .validation: dataset.validation
      case .test: dataset.test
      }
    let whole = split == .train ? evaluatedTrainingExamples : set.count
    let count = min(whole, limit)
    let pass = Pass(
      isTraining: false, seed: seed, step: 0, buffers: buffers, updatesStatistics: false)
    var total = 0.0
    var correct: Int? = 0
    for start in stride(from: 0, to: count, by: evaluator.batchSize) {
      let range = start..<min(start + evaluator.batchSize, count)
      set.gather(
        range, features: evaluator.input, labels: usesTargets ? evaluator.labels : nil,
        values: evaluator.values)
      let part = evaluator.evaluate(rows: range.count, parameters: parameters, pass: pass)
      total += part.loss
      correct = correct.flatMap { sum in part.correct.map { sum + $0 } }
    }
    let predictions = Double(count * network.model.predictionsPerExample)
    return (
      EvaluationResult(
        loss: total / predictions, accuracy: correct.map { Double($0) / predictions }),
      Double(count) / Double(max(whole, 1))
    )
  }
}
