internal import Settings
internal import Tensors

/// Takes the mean out of each unit's gradient: gᵢ ← gᵢ − mean(gᵢ) for each row i of a tensor with two
/// or more axes (gradient centralisation; Yong, Huang, Hua & Zhang, 2020).
///
/// The mean runs over all axes but the first, in PyTorch's layout out × in (× height × width): the
/// authors' GC and Optax' `centralize`. Vectors and scalars are left alone. A row with a NaN becomes
/// NaN; one with a single ∞ becomes NaN there and −∞ elsewhere. A row of one element becomes 0.
struct Centralization: StepTransform {
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    var fired = false
    let tensors = vector.layout.tensors
    for index in tensors.indices where tensors[index].shape.count > 1 && tensors[index].count > 0 {
      let units = tensors[index].unitCount
      let count = tensors[index].count / units
      for unit in 0..<units {
        let offset = tensors[index].offset + unit * count
        let mean = Float(sum(vector.values + offset, count: count) / Double(count))
        guard mean != 0 else { continue }
        subtract(mean, from: vector.mutableValues() + offset, count: count)
        fired = true
      }
    }
    return ClippingTelemetry(fired: fired)
  }

  /// Σxᵢ in float lanes over blocks, the blocks' sums in Double; all in Double where a block leaves
  /// the float range.
  private func sum(_ x: UnsafePointer<Float>, count: Int) -> Double {
    var total = 0.0
    var index = 0
    while index < count {
      let end = min(index + 512, count)
      var lanes = Lanes.zero
      while index + 16 <= end {
        lanes += Vector.load(x, index)
        index += 16
      }
      var tail: Float = 0
      while index < end {
        tail += x[index]
        index += 1
      }
      total += Double(lanes.sum() + tail)
    }
    guard !total.isFinite else { return total }
    return (0..<count).reduce(into: 0.0) { $0 += Double(x[$1]) }
  }

  private func subtract(_ mean: Float, from x: UnsafeMutablePointer<Float>, count: Int) {
    let means = Lanes(repeating: mean)
    var index = 0
    while index + 16 <= count {
      Vector.store(Vector.load(x, index) - means, x, index)
      index += 16
    }
    while index < count {
      x[index] -= mean
      index += 1
    }
  }
}

extension ClippingEntry {
  static var centralize: Self {
    ClippingEntry(
      name: "centralize", summary: "the mean of each unit's gradient taken out",
      reference: "Yong, Huang, Hua & Zhang, 2020", hyperparameters: []
    ) { _ throws(HyperparameterError) in [Centralization()] }
  }
}
