public import Tensors

/// Which part of the data an evaluation uses.
public enum DataSplit: String, Sendable, CaseIterable {
  /// A fixed part of the training set, as large as the validation split where the training set is
  /// larger.
  case train
  case validation
  case test
}

/// A measured loss, with the accuracy where the problem has one.
public struct EvaluationResult: Sendable, Equatable {
  public var loss: Double
  public var accuracy: Double?

  public init(loss: Double, accuracy: Double? = nil) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

/// The training examples of one step.
public struct Batch {
  /// The step, from 0.
  public let step: Int
  /// Indices into the training set; empty for a function without data.
  public let indices: UnsafeBufferPointer<Int32>

  public init(step: Int, indices: UnsafeBufferPointer<Int32>) {
    self.step = step
    self.indices = indices
  }
}

/// One run's view of a test problem: it owns the scratch memory of forward and backward passes and
/// lives on the run's thread.
public protocol Objective: AnyObject {
  /// Why the calls since some step gave no numbers; nil while all is well. Asked after every call, whose
  /// result does not count once there is a failure.
  var failure: ObjectiveFailure? { get }

  /// How the run begins, where the problem's `initialParameters` does not know: nil for what this
  /// program computes.
  var start: ObjectiveStart? { get }

  /// Seconds spent waiting for another program.
  var waitedSeconds: Double { get }

  /// The loss at `parameters` on `batch`, with its gradient. Allocates nothing after the first call.
  ///
  /// - Parameter buffers: Non-trained state such as batch-norm statistics, owned by the trainer.
  /// - Parameter updateStatistics: Whether `buffers` may change.
  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double

  /// The gradient at `parameters` of the mean loss on `batch` for labels drawn from the model's own
  /// predictions in place of the data's, one for each prediction: a function of seed and step.
  /// Only asked for where the problem `samplesLabels`.
  /// - Returns: The number of labels drawn.
  func sampledLabelGradient(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: NamedArrays,
    gradient: UnsafeMutablePointer<Float>
  ) -> Int

  /// Sets `buffers`, which `makeBuffers()` or training has filled, to what they are for a model with
  /// these parameters: for evaluating a method elsewhere than it trains. A function of parameters and
  /// seed; changes nothing else that a later step can see. Nothing to do without buffers.
  func estimateStatistics(at parameters: UnsafePointer<Float>, buffers: inout NamedArrays)

  /// The mean loss and accuracy over a split; nil where the problem has no such split. Changes
  /// nothing that a later step can see.
  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult?

  /// Evaluates as many of a split's examples as `limit` allows at most, to see how long it takes.
  ///
  /// - Returns: The share of the split that these are; nil where the problem has no such split.
  func evaluatePart(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays, limit: Int
  ) -> Double?
}

extension Objective {
  public var failure: ObjectiveFailure? { nil }
  public var start: ObjectiveStart? { nil }
  public var waitedSeconds: Double { 0 }

  public func estimateStatistics(at parameters: UnsafePointer<Float>, buffers: inout NamedArrays) {}

  /// By default the whole split.
  public func evaluatePart(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays, limit: Int
  ) -> Double? {
    evaluate(at: parameters, on: split, buffers: buffers).map { _ in 1 }
  }

  /// Traps: by default a problem has no labels to draw.
  public func sampledLabelGradient(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: NamedArrays,
    gradient: UnsafeMutablePointer<Float>
  ) -> Int {
    preconditionFailure("\(Self.self) has no labels to draw; ask its problem's samplesLabels first")
  }
}

/// The metric and value that a run is to reach.
public struct Target: Sendable, Equatable {
  /// The metric's name: `validation_accuracy`, `train_loss`, …
  public let metric: String
  public let value: Double
  /// Whether the value is a least (accuracy) or a most (loss).
  public let isAtLeast: Bool
  /// The rule that set it, for people.
  public let rule: String

  public init(metric: String, value: Double, isAtLeast: Bool, rule: String) {
    self.metric = metric
    self.value = value
    self.isAtLeast = isAtLeast
    self.rule = rule
  }
}

/// The order in which a run draws its training examples, a value of (seed, problem) alone.
public protocol BatchOrder {
  /// The next step's batch, valid until the next call. Allocates nothing after the first epoch.
  mutating func next() -> Batch

  /// Goes on with the batch of `step`, which is not before the next one's: as after that many calls of
  /// `next()` from the start.
  mutating func skip(to step: Int)
}

/// A test problem: dataset, model and loss, or a function. Immutable and shared between runs.
public protocol TestProblem: Sendable {
  var name: String { get }
  /// One line for people: data, model, loss, batch size.
  var summary: String { get }
  /// SHA-256 of everything that defines the problem, data included.
  var digest: String { get }
  /// The file or folder of the data as the experiment file names it, `bundled`, or empty where there
  /// is none.
  var dataPlace: String { get }
  /// What is legal and hardly meant, for people, a line each.
  var warnings: [String] { get }
  /// SHA-256 of the examples, their shape and split; empty where there are none.
  var dataDigest: String { get }
  var layout: ParameterLayout { get }
  /// The greatest known lower bound of the loss.
  var lowerBound: Double { get }
  /// The loss of what knows nothing: of the best constant prediction on the training set, of a
  /// function at its start. NaN where there is none. A problem constant, the same for every seed.
  var referenceLoss: Double { get }
  /// The problem's unit of loss, positive: the least scale against which an explosion is judged.
  var lossUnit: Double { get }
  var target: Target? { get }
  /// Updates that pass over the training set once; 0 for a function.
  var stepsPerEpoch: Int { get }
  /// Whether the model's predictions are probabilities from which labels can be drawn.
  var samplesLabels: Bool { get }
  /// The point from which the literature starts, which a run's seed varies; nil where there is none.
  var standardStart: [Float]? { get }
  /// Whether runs depend on state that no checkpoint of this program holds.
  var keepsStateElsewhere: Bool { get }

  /// Where the runs of a seed begin, unless their objective says it (`Objective.start`).
  func initialParameters(seed: UInt64) -> [Float]
  func makeBuffers() -> NamedArrays
  /// Opens what the runs of one worker share. A problem that only computes never fails here.
  func openSession() throws(ObjectiveFailure) -> any ProblemSession
  func makeBatchOrder(seed: UInt64) -> any BatchOrder
}

extension TestProblem {
  /// An objective in a session of its own.
  public func makeObjective(seed: UInt64) throws(ObjectiveFailure) -> any Objective {
    try openSession().makeObjective(seed: seed)
  }

  public var dataPlace: String { "" }
  public var warnings: [String] { [] }
  public var dataDigest: String { "" }
  public var samplesLabels: Bool { false }
  public var standardStart: [Float]? { nil }
  public var keepsStateElsewhere: Bool { false }
  public var referenceLoss: Double { .nan }
}
