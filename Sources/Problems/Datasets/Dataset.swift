import Digests
import Networks
import Tensors

/// A data set in memory, split in three. Immutable and shared by problems and runs.
public struct Dataset: Sendable {
  /// What a model predicts: classes, labelled from 0, or values.
  let targets: TargetKind
  /// The predictions for one example: 1, or one for each time step.
  let targetsPerExample: Int
  private(set) var training: ExampleSet
  private(set) var validation: ExampleSet
  private(set) var test: ExampleSet
  /// Whether each seed cuts its table anew.
  private let split: DataCut
  private let name: String
  /// What is done to training batches, if anything.
  let augmentation: Augmentation?
  /// SHA-256 of the examples, of the split and of what is done to them.
  public let digest: String

  /// The data set of the given rows.
  ///
  /// - Parameter groups: The groups of features that are normalized alike.
  init(
    targets: TargetKind, training: ExampleSet, validation: ExampleSet, test: ExampleSet,
    normalization: Normalization = .none, groups: Int = 1, augmentation: Augmentation? = nil,
    split: DataCut = .fixed, name: String = ""
  ) {
    self.targets = targets
    self.split = split
    self.name = name
    targetsPerExample = training.table.targetsPerExample
    let scaling = normalization.scaling(of: training, groups: groups)
    let scaled = { (set: ExampleSet) in
      ExampleSet(table: set.table, rows: set.rows, scaling: scaling)
    }
    self.training = scaled(training)
    self.validation = scaled(validation)
    self.test = scaled(test)
    self.augmentation = augmentation
    var digest = Digest()
    switch targets {
    case .classes(let count): digest.add(count)
    case .values(let count):
      digest.add("values")
      digest.add(count)
    }
    for set in [training, validation, test] {
      digest.add(set.table.digest)
      digest.add(set.rows)
    }
    scaling?.add(to: &digest)
    augmentation?.add(to: &digest)
    if split != .fixed { digest.add("split by \(split.rawValue)") }
    self.digest = digest.finish()
  }

  /// The data set of one table in random order: training examples first, the `test` last ones for
  /// testing and the `validation` before them for validation.
  init(
    cutting table: ExampleTable, name: String, validation: Int, test: Int, targets: TargetKind,
    normalization: Normalization = .none, groups: Int = 1, split: DataCut = .fixed
  ) {
    let order = splitOrder(of: name, count: table.count)
    let rest = order.dropLast(test)
    self.init(
      targets: targets,
      training: ExampleSet(table: table, rows: Array(rest.dropLast(validation))),
      validation: ExampleSet(table: table, rows: Array(rest.suffix(validation))),
      test: ExampleSet(table: table, rows: Array(order.suffix(test))),
      normalization: normalization, groups: groups, split: split, name: name)
  }

  /// What a run of `seed` trains on and is evaluated on: where seeds cut anew, the same numbers of
  /// examples in the order that `RandomStream(seed:, name: "split/<name>")` shuffles. What is measured on
  /// the training examples (normalization, the reference loss) stays that of the fixed split, which is
  /// the split of seed 0.
  func cut(by seed: UInt64) -> Dataset {
    guard split == .seed else { return self }
    var cut = self
    let isWhole = test.table.digest == training.table.digest
    let count = training.count + validation.count + (isWhole ? test.count : 0)
    let order = splitOrder(of: name, count: count, seed: seed)
    cut.training.rows = Array(order.prefix(training.count))
    cut.validation.rows = Array(order[training.count..<training.count + validation.count])
    if isWhole { cut.test.rows = Array(order.suffix(test.count)) }
    return cut
  }

  /// The training examples.
  public var trainingCount: Int { training.count }
  /// The validation examples.
  public var validationCount: Int { validation.count }
  /// The test examples.
  public var testCount: Int { test.count }
}

/// The order in which a data set is cut into parts: 0..<count, shuffled by
/// `RandomStream(seed: 0, name: "split/<name>")`. It is the same for every run and every seed, unless
/// seeds cut it anew.
func splitOrder(of name: String, count: Int, seed: UInt64 = 0) -> [Int32] {
  var order = (0..<Int32(count)).map { $0 }
  var stream = RandomStream(seed: seed, name: "split/\(name)")
  stream.shuffle(&order)
  return order
}

extension Dataset {
  /// One example of a part as a model meets it, without augmentation: its features, and its classes
  /// or values.
  package func example(
    _ position: Int, of split: DataSplit
  ) -> (features: [Float], labels: [Int32], values: [Float]) {
    let set =
      switch split {
      case .train: training
      case .validation: validation
      case .test: test
      }
    var features = [Float](repeating: 0, count: set.table.width)
    var labels = [Int32](
      repeating: 0, count: set.table.hasValues ? 0 : set.table.targetWidth)
    var values = [Float](
      repeating: 0, count: set.table.hasValues ? set.table.targetWidth : 0)
    set.gather(
      position..<position + 1, features: &features, labels: &labels, values: &values)
    return (features, labels, values)
  }
}
