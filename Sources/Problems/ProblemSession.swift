/// Why an objective gave no answer: what computes it ended, hung or gave something else than numbers.
///
/// It ends the run, whose outcome is `objective_failed`: nobody knows how the method would have done.
public struct ObjectiveFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What happened, in a phrase of one line.
  public let reason: String
  /// The last lines that it wrote to its standard error; empty where it has none.
  public let messages: String

  public init(_ reason: String, messages: String = "") {
    self.reason = String(reason.map { $0.isNewline ? " " : $0 })
    self.messages = messages
  }

  public var description: String { "the objective failed: \(reason)" }
}

/// What the runs of a worker share of one problem, one after the other: memory, or a process that
/// computes the loss. Lives on the worker's thread.
public protocol ProblemSession: AnyObject {
  /// Says for which run the next objective is made, by its readable key: for messages.
  func begin(run: String)

  /// The objective of a run, in the state in which every run of `seed` begins. It is valid until the
  /// next one is made, unless somebody holds it still.
  func makeObjective(seed: UInt64) -> any Objective
}

extension ProblemSession {
  public func begin(run: String) {}
}

/// How the runs of a seed begin where only the objective knows.
public struct ObjectiveStart: Sendable {
  public let parameters: [Float]
  /// The loss of the first batch there.
  public let loss: Double
  /// SHA-256 of that loss and its gradient.
  public let gradientDigest: String
  /// How far the same gradient is from itself when it is asked for twice, relative to its norm; 0 if it
  /// is the same to the bit.
  public let difference: Double
}

/// The session of a problem whose runs share nothing.
public final class IndependentObjectives: ProblemSession {
  private let make: (UInt64) -> any Objective

  public init(_ make: @escaping (UInt64) -> any Objective) { self.make = make }

  public func makeObjective(seed: UInt64) -> any Objective { make(seed) }
}
