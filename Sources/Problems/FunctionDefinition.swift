import Settings

/// Function, noise and batches of a problem, checked against one another.
struct FunctionDefinition: Sendable {
  /// How the examples of a function are drawn.
  struct Batches: Sendable {
    let examples: Int
    let size: Int
    let order: DataOrder
  }

  let noisy: NoisyFunction
  /// nil for a function without examples.
  let batches: Batches?
  let summary: String
  /// The function with all options, for the digest.
  let definition: String

  init(_ entry: ProblemEntry) throws(SettingsError) {
    let setting = try entry.required("function")
    let choice = try Functions.catalog.choice(at: setting)
    noisy = try Functions.catalog.make(choice, at: setting)
    definition = choice.json
    var summary = noisy.function.summary
    if let function = noisy.function as? any FunctionOfExamples {
      let batches = try Self.readBatches(entry, examples: function.exampleCount)
      summary += "; batches of \(batches.size)" + (batches.order == .fixed ? " in fixed order" : "")
      self.batches = batches
    } else {
      for key in ["batch_size", "data_order"] {
        if let value = entry.given(key) {
          throw value.error(
            "'\(key)' does not go with the 'function' \(choice.entry.name), which has no examples")
        }
      }
      batches = nil
    }
    if noisy.gradientNoise > 0 {
      summary += "; gradient noise \(numberLabel(noisy.gradientNoise)) × \(noisy.noise.summary)"
    }
    self.summary = summary
  }

  /// Updates that pass over the examples once; 0 without examples.
  var stepsPerEpoch: Int {
    batches.map {
      ShuffledOrder.stepsPerEpoch(count: $0.examples, batchSize: $0.size, kind: $0.order)
    } ?? 0
  }

  /// The metrics that the function measures.
  var metrics: [String] {
    let heldOut = (noisy.function as? any FunctionOfExamples)?.heldOut ?? []
    return ([.train] + heldOut).map { "\($0.rawValue)_loss" }
  }

  private static func readBatches(
    _ entry: ProblemEntry, examples: Int
  ) throws(SettingsError) -> Batches {
    let size = try entry["batch_size"]?.integer(in: 1...Int(Int32.max)) ?? examples
    guard size <= examples else {
      throw entry.place(of: "batch_size").error(
        "batches of \(size) examples, but the function has \(examples); use a smaller batch_size")
    }
    return Batches(examples: examples, size: size, order: try DataOrder.read(entry["data_order"]))
  }
}
