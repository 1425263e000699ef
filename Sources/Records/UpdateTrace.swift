/// What a method makes of a fixed sequence of gradients: its rule as numbers, in which a change shows
/// that training hardly would, such as one of β₂, of ε or of a weight decay.
///
/// Of no run: it is made of each method of an experiment by the program that trains it.
public struct UpdateTrace: Sendable, Equatable {
  /// The version of the sequence; traces of different sequences tell nothing about each other.
  public static let sequence = 1
  public static let steps = 64
  /// The parameters' names, in their order.
  public static let coordinates =
    ["weight[0,0]", "weight[0,1]", "weight[1,0]", "weight[1,1]", "weight[2,0]", "weight[2,1]"]
    + ["bias[0]", "bias[1]", "bias[2]"]

  /// Labels, as those of runs.
  public var optimizer: String
  public var clipping: String
  /// The point of the optimizer's grid, as `RunSetting` writes it; empty without one.
  public var setting: String
  /// The parameters before the first step and after each, `(steps + 1) × coordinates`.
  public var parameters: [Float]

  public init(optimizer: String, clipping: String, setting: String, parameters: [Float]) {
    precondition(
      parameters.count == (Self.steps + 1) * Self.coordinates.count,
      "\(parameters.count) numbers of a trace")
    self.optimizer = optimizer
    self.clipping = clipping
    self.setting = setting
    self.parameters = parameters
  }

  /// Whether both are of the same method, by its labels.
  public func isOfMethod(of other: UpdateTrace) -> Bool {
    optimizer == other.optimizer && clipping == other.clipping && setting == other.setting
  }

  /// Bit by bit: a method may well run into what is no number.
  public static func == (a: UpdateTrace, b: UpdateTrace) -> Bool {
    a.isOfMethod(of: b) && a.parameters.map(\.bitPattern) == b.parameters.map(\.bitPattern)
  }
}

extension ExperimentHeader {
  /// Keeps what an earlier file says of the methods whose runs it holds: those are of the program that
  /// trained them.
  ///
  /// - Parameter trained: The runs that it holds, as this header's plan calls them.
  public mutating func keepTraces(of stored: ExperimentHeader, trained: [RunKey]) {
    let keys = Set(trained)
    let trained = Set(plan.filter { keys.contains($0.key) }.map { [$0.optimizer, $0.clipping] })
    updateTraces =
      stored.updateTraces
      + updateTraces.filter { trace in
        !trained.contains([trace.optimizer, trace.clipping])
          && !stored.updateTraces.contains { $0.isOfMethod(of: trace) }
      }
  }
}
