internal import Records

/// Whether the methods of two results update as they did, by what both made of a fixed sequence of
/// gradients: no matter of chance, so that no seed is needed and no change is too small for it that
/// is larger than what rounding makes of a number.
public struct UpdateRuleComparison: Sendable {
  /// A method that updates otherwise.
  public struct Change: Sendable, Equatable {
    public let method: Method
    /// The point of the optimizer's grid; empty without one.
    public let setting: String
    /// The first step that differs, from 0, and the parameter that differs most there.
    public let step: Int
    public let coordinate: String
    /// Its updates at that step.
    public let baseline: Float
    public let current: Float
  }

  /// The methods of which both results have a trace.
  public let compared: Int
  /// In the order of the baseline.
  public let changes: [Change]
  /// The methods of which one of the results has no trace.
  public let unknown: [Method]

  /// How far two parameters may be apart, as a share of the coordinate's largest update.
  static let tolerance: Float = 1e-3
  /// The roundings of the largest parameter that they may be apart besides.
  static let roundings: Float = 16

  /// Of results that are of different experiments.
  init() {
    compared = 0
    changes = []
    unknown = []
  }

  init(_ baseline: ExperimentHeader, _ current: ExperimentHeader) {
    var changes: [Change] = []
    var compared = 0
    for before in baseline.updateTraces {
      guard let after = current.updateTraces.first(where: { $0.isOfMethod(of: before) }) else {
        continue
      }
      compared += 1
      if let change = Change(before, after) { changes.append(change) }
    }
    self.changes = changes
    self.compared = compared
    let methods = Self.methods(of: baseline) + Self.methods(of: current)
    func isTraced(_ method: Method, in header: ExperimentHeader) -> Bool {
      header.updateTraces.contains { Method($0) == method }
    }
    var unknown: [Method] = []
    for method in methods where !unknown.contains(method) {
      if !isTraced(method, in: baseline) || !isTraced(method, in: current) {
        unknown.append(method)
      }
    }
    self.unknown = unknown
  }

  private static func methods(of header: ExperimentHeader) -> [Method] {
    var seen: Set<Method> = []
    let all =
      header.plan.map { Method(optimizer: $0.optimizer, clipping: $0.clipping) }
      + header.updateTraces.map { Method($0) }
    return all.filter { seen.insert($0).inserted }
  }
}

extension Method {
  fileprivate init(_ trace: UpdateTrace) {
    self.init(optimizer: trace.optimizer, clipping: trace.clipping)
  }
}

extension UpdateRuleComparison.Change {
  /// nil where the traces agree up to rounding.
  fileprivate init?(_ before: UpdateTrace, _ after: UpdateTrace) {
    if before == after { return nil }
    let names = UpdateTrace.coordinates
    let width = names.count
    func update(_ trace: UpdateTrace, _ step: Int, _ index: Int) -> Float {
      trace.parameters[(step + 1) * width + index] - trace.parameters[step * width + index]
    }
    let limits = names.indices.map { index in
      var largestUpdate: Float = 0
      var largest: Float = 0
      for step in 0..<UpdateTrace.steps {
        let (move, value) = (
          abs(update(before, step, index)), abs(before.parameters[(step + 1) * width + index])
        )
        if move.isFinite { largestUpdate = max(largestUpdate, move) }
        if value.isFinite { largest = max(largest, value) }
      }
      return UpdateRuleComparison.tolerance * largestUpdate
        + UpdateRuleComparison.roundings * largest.ulp
    }
    for step in 0..<UpdateTrace.steps {
      let excess = names.indices.map { index -> Float in
        let place = (step + 1) * width + index
        let (a, b) = (before.parameters[place], after.parameters[place])
        if a == b || (a.isNaN && b.isNaN) { return 0 }
        let distance = abs(a - b)
        return distance.isFinite ? distance / limits[index] : .infinity
      }
      guard let worst = excess.indices.max(by: { excess[$0] < excess[$1] }), excess[worst] > 1
      else { continue }
      self.init(
        method: Method(before), setting: before.setting, step: step, coordinate: names[worst],
        baseline: update(before, step, worst), current: update(after, step, worst))
      return
    }
    return nil
  }
}
