public import Settings
public import Tensors

/// A rule that takes the gradient into a momentum and steps along it, and between the two hands a copy
/// of the momentum to whoever transforms it: `source.transform(momentum:)`, where
/// `source.transformsMomentum`. What the rule remembers stays as it was.
public protocol MomentumOptimizer: Optimizer {}

extension MomentumOptimizer {
  public var offersMomentum: Bool { true }

  /// The step for which nobody transforms the momentum.
  public func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    var nobody = NothingToAsk()
    proposeUpdate(for: step, state: &state, asking: &nobody)
  }
}

extension Catalog where Product == any Optimizer {
  /// The entries that offer their momentum, some of them under a condition.
  public var momentumOffers: [String] {
    entries.compactMap { entry in
      let names = entry.hyperparameters.map(\.name)
      if names.contains("base") { return "\(entry.name) (around one of them)" }
      func offers(_ given: [String: SettingValue]) -> Bool {
        let options = Hyperparameters(entry.hyperparameters, given: given)
        return (try? entry.make(options))?.offersMomentum == true
      }
      if offers([:]) { return entry.name }
      let withMomentum = names.contains("momentum") && offers(["momentum": .number(0.9)])
      return withMomentum ? "\(entry.name) (with momentum)" : nil
    }
  }
}

/// The source of a rule that asks for no gradient.
private struct NothingToAsk: GradientSource {
  mutating func loss(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Double { preconditionFailure("a rule without demand asks for a gradient") }

  mutating func sampleLabels(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Int { preconditionFailure("a rule without demand asks for labels") }
}
