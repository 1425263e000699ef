public import Records
internal import Statistics

/// The failed runs that failed in the same way.
public struct FailureGroup: Sendable {
  public let outcome: Outcome
  /// Where it was seen: `loss`, `update`, `parameters`, or `evaluation` for what only the end of the
  /// run showed; empty where the run does not say.
  public let what: String
  /// The first tensor in which it was seen; empty where there is none.
  public let tensor: String
  public let count: Int
  /// The median failing step, the last one of runs that failed only by how they ended; nil where no
  /// run names one.
  public let medianStep: Double?
  public let smallestLearningRate: Double
  public let largestLearningRate: Double
  /// The methods concerned, in the order of the runs.
  public let methods: [Method]

  /// The groups among `runs`, the most frequent first.
  static func groups(of runs: [RunSummary]) -> [FailureGroup] {
    var keys: [Key] = []
    var members: [Key: [RunSummary]] = [:]
    for run in runs where run.isFailed {
      let key = Key(outcome: run.outcome, failure: run.failureTensor)
      if members[key] == nil { keys.append(key) }
      members[key, default: []].append(run)
    }
    return keys.compactMap { key in members[key].flatMap { FailureGroup(key, $0) } }
      .enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
      .map(\.element)
  }

  private struct Key: Hashable {
    var outcome: Outcome
    var failure: String
  }

  private init?(_ key: Key, _ runs: [RunSummary]) {
    let rates = runs.map(\.learningRate)
    guard let smallest = rates.min(), let largest = rates.max() else { return nil }
    outcome = key.outcome
    let words = key.failure.split(separator: " ", maxSplits: 1)
    what = words.first.map(String.init) ?? ""
    tensor = words.count > 1 ? String(words[1]) : ""
    count = runs.count
    let steps = runs.filter { $0.failureStep >= 0 }.map { Double($0.failureStep) }
    medianStep = steps.isEmpty ? nil : median(steps)
    smallestLearningRate = smallest
    largestLearningRate = largest
    var seen: Set<Method> = []
    methods = runs.map(\.method).filter { seen.insert($0).inserted }
  }
}
