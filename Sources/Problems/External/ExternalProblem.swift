internal import Digests
internal import Synchronization
internal import Tensors

/// A problem whose loss and gradient another program computes, one process for each worker.
///
/// Parameters and batches are functions of seed and step on the program's side. It keeps what the model
/// has beside its parameters, such as batch statistics.
struct ExternalProblem: TestProblem {
  let name: String
  let summary: String
  let digest: String
  let target: Target?
  /// What the program says, or the loss of seed 0 before training.
  let referenceLoss: Double
  let starts = SeedStarts()
  private let definition: ExternalDefinition
  private let folder: String
  private let description: ExternalDescription
  /// Programs that no session uses.
  let idle = IdlePrograms()

  /// Starts the program, which says what it computes; the first session takes it over.
  init(
    name: String, definition: ExternalDefinition, folder: String, target: Target?
  ) throws(ProblemError) {
    self.name = name
    self.definition = definition
    self.folder = folder
    self.target = target
    let program: ExternalProgram
    do throws(ObjectiveFailure) {
      program = try ExternalProgram(definition, folder: folder, label: name)
    } catch {
      throw ProblemError("'\(definition.line)': \(error.reason)").asked(at: definition.place)
    }
    description = program.description
    referenceLoss =
      description.referenceLoss.isNaN ? program.lossAtTheStart() : description.referenceLoss
    if !program.hasFailed { idle.put(program) }
    summary = Self.summary(definition, description)
    var digest = Digest()
    digest.add("external problem")
    digest.add(try definition.digest(folder: folder))
    digest.add(description.identity)
    digest.add(target)
    self.digest = digest.finish()
    if let target, !Self.metrics(of: description).contains(target.metric) {
      throw ProblemError(
        "the target's metric \(target.metric) is none that '\(definition.line)' measures; allowed: "
          + Self.metrics(of: description).joined(separator: ", ")
      ).asked(at: definition.place)
    }
  }

  private static func summary(
    _ definition: ExternalDefinition, _ description: ExternalDescription
  ) -> String {
    let text = description.summary.isEmpty ? "" : "\(description.summary); "
    return "\(text)computed by '\(definition.line)'"
  }

  private static func metrics(of description: ExternalDescription) -> [String] {
    description.splits.flatMap { split in
      ["\(split.rawValue)_loss"]
        + (description.hasAccuracy ? ["\(split.rawValue)_accuracy"] : [])
    }
  }

  var layout: ParameterLayout { description.layout }
  var dataDigest: String { description.dataDigest }
  var lowerBound: Double { description.lowerBound }
  var lossUnit: Double { description.lossUnit }
  var stepsPerEpoch: Int { description.stepsPerEpoch }
  var keepsStateElsewhere: Bool { description.hasBuffers }

  /// Only the objective knows them.
  func initialParameters(seed: UInt64) -> [Float] { Array(repeating: 0, count: layout.count) }

  /// One number in place of what the program keeps, so that averages are evaluated with statistics
  /// estimated for them.
  func makeBuffers() -> NamedArrays {
    description.hasBuffers
      ? NamedArrays(arrays: [(name: "kept by the program", count: 1)]) : .empty
  }

  func makeBatchOrder(seed: UInt64) -> any BatchOrder { EmptyOrder() }

  func openSession() throws(ObjectiveFailure) -> any ProblemSession { try ExternalSession(self) }

  /// A program that no other session uses.
  func takeProgram() throws(ObjectiveFailure) -> ExternalProgram {
    if let program = idle.take() { return program }
    let program = try ExternalProgram(definition, folder: folder, label: name)
    guard program.description == description else {
      throw ObjectiveFailure(
        "it describes its problem otherwise than when the experiment was planned")
    }
    return program
  }
}

/// Programs that wait for the next session: starting one may take longer than a run.
final class IdlePrograms: Sendable {
  private let programs = Mutex<[ExternalProgram]>([])

  func put(_ program: ExternalProgram) { programs.withLock { $0.append(program) } }

  func take() -> ExternalProgram? { programs.withLock { $0.popLast() } }
}

/// How the runs of each seed begin, which has to be the same for all of them.
final class SeedStarts: Sendable {
  private struct Start {
    let parametersDigest: String
    let loss: Double
  }

  /// How far the losses of two first batches may be apart that are taken for the same one.
  private static let tolerance = 1e-3

  private let known = Mutex<[UInt64: Start]>([:])

  /// Throws if a run of `seed` begins otherwise than the first one did.
  func check(_ start: ObjectiveStart, seed: UInt64) throws(ObjectiveFailure) {
    var digest = Digest()
    digest.add(start.parameters)
    let own = Start(parametersDigest: digest.finish(), loss: start.loss)
    let first = known.withLock { known in
      if let first = known[seed] { return first }
      known[seed] = own
      return own
    }
    guard first.parametersDigest == own.parametersDigest else {
      throw ObjectiveFailure(
        "its parameters for seed \(seed) are not those of an earlier run of the seed; draw them from "
          + "the seed alone")
    }
    let distance = abs(own.loss - first.loss)
    guard !(distance > Self.tolerance * max(abs(first.loss), abs(own.loss))) else {
      throw ObjectiveFailure(
        "its first loss for seed \(seed) is \(own.loss), and was \(first.loss) in an earlier run of the "
          + "seed; draw the batch of a step from seed and step alone")
    }
  }
}
