import Digests
import Networks
import Tensors

/// A data set in memory, split in three. Immutable and shared by problems and runs.
public struct Dataset: Sendable {
  /// What is to be predicted; classes are labelled from 0.
  let targets: TargetKind
  let training: ExampleSet
  let validation: ExampleSet
  let test: ExampleSet
  /// SHA-256 of the examples and of the split.
  public let digest: String

  init(targets: TargetKind, training: ExampleSet, validation: ExampleSet, test: ExampleSet) {
    self.targets = targets
    self.training = training
    self.validation = validation
    self.test = test
    var digest = Digest()
    digest.add(targets.outputs)
    for set in [training, validation, test] {
      digest.add(set.table.digest)
      digest.add(set.rows)
    }
    self.digest = digest.finish()
  }

  /// The training examples.
  public var trainingCount: Int { training.count }
  /// The validation examples.
  public var validationCount: Int { validation.count }
  /// The test examples.
  public var testCount: Int { test.count }
}

/// The order in which a data set is cut into parts: 0..<count, shuffled by
/// `RandomStream(seed: 0, name: "split/<name>")`. It is the same for every run and every seed.
func splitOrder(of name: String, count: Int) -> [Int32] {
  var order = (0..<Int32(count)).map { $0 }
  var stream = RandomStream(seed: 0, name: "split/\(name)")
  stream.shuffle(&order)
  return order
}
