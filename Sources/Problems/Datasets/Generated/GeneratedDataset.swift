import Networks
import Settings
import Tensors

/// A rule that makes examples from random numbers.
protocol ExampleGenerator: Sendable {
  /// The data set's name in an experiment file.
  var name: String { get }
  /// What is made, in a phrase: "adding problem of length 50".
  var title: String { get }
  var exampleShape: [Int] { get }
  var targets: TargetKind { get }
  var targetsPerExample: Int { get }

  /// `count` examples. What they have in common (centres, weights of a teacher) comes from
  /// `structure`, each example from `stream`.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable
}

extension ExampleGenerator {
  var targetsPerExample: Int { 1 }
}

/// A data set that is generated when it is asked for.
///
/// Its numbers depend on its own options alone and never on a run's seed: one data set for all runs.
/// What all examples have in common comes from `RandomStream(seed:, name: "<data set>/structure")`,
/// the training, validation and test examples from the parts 0, 1 and 2 of
/// `RandomStream(seed:, name: "<data set>")`; so a larger training set begins with the smaller one.
struct GeneratedDataset: DatasetSource {
  let generator: any ExampleGenerator
  /// The generator's options, which name the examples.
  let options: String
  let trainingCount: Int
  let validation: Int
  let test: Int
  let seed: Int

  var summary: String {
    "\(generator.title), \(trainingCount) training, \(validation) validation, \(test) test examples"
  }
  var exampleShape: [Int] { generator.exampleShape }
  var targets: TargetKind { generator.targets }
  var targetsPerExample: Int { generator.targetsPerExample }

  func storageKey(baseDirectory: String) -> String { "\(generator.name) \(options)" }

  func load(baseDirectory: String) throws(ProblemError) -> StoredExamples {
    StoredExamples(
      tables: [trainingCount, validation, test].enumerated().map { part, count in
        var structure = RandomStream(seed: UInt64(seed), name: "\(generator.name)/structure")
        var stream = RandomStream(
          seed: UInt64(seed), name: generator.name, part: UInt32(part))
        return generator.makeExamples(count: count, structure: &structure, stream: &stream)
      })
  }

  func split(_ examples: StoredExamples) -> Dataset {
    let parts = examples.tables.map { table in
      ExampleSet(table: table, rows: (0..<Int32(table.count)).map { $0 })
    }
    return Dataset(
      targets: generator.targets, training: parts[0], validation: parts[1], test: parts[2])
  }

  func availability(baseDirectory: String) -> DatasetAvailability { .available("generated") }

  /// The most values that a generated data set may hold: 2 GB of floats.
  private static let most = 500_000_000

  /// An entry of the catalog for a kind of generator.
  ///
  /// - Parameters:
  ///   - sizes: The default numbers of training, validation and test examples.
  ///   - make: The generator with the given options.
  static func entry(
    name: String, summary: String, reference: String, sizes: (Int, Int, Int),
    options: [Hyperparameter],
    make: @escaping @Sendable (Hyperparameters) throws(HyperparameterError) -> any ExampleGenerator
  ) -> CatalogEntry<any DatasetSource> {
    let counts = 1...10_000_000
    return CatalogEntry(
      name: name, summary: summary, reference: reference,
      hyperparameters: options + [
        Hyperparameter(
          "training", .integer(counts), default: .integer(sizes.0), "training examples"),
        Hyperparameter(
          "validation", .integer(counts), default: .integer(sizes.1), "validation examples"),
        Hyperparameter("test", .integer(counts), default: .integer(sizes.2), "test examples"),
        Hyperparameter(
          "seed", .integer(0...Int(Int32.max)), default: .integer(0),
          "another number makes another data set; it has nothing to do with a run's seed"),
      ]
    ) { values throws(HyperparameterError) in
      let generator = try make(values)
      let training = values.integer("training")
      let (validation, test) = (values.integer("validation"), values.integer("test"))
      let width = generator.exampleShape.reduce(1, *)
      let count = training + validation + test
      guard count <= most / width else {
        throw HyperparameterError(
          "training",
          "\(count) examples of \(width) numbers are generated at once; allowed: at most "
            + "\(most / width)")
      }
      return GeneratedDataset(
        generator: generator, options: "{\(values.jsonFields)}", trainingCount: training,
        validation: validation, test: test, seed: values.integer("seed"))
    }
  }
}
