internal import HDF5
package import Records

/// One value per run: a property of `RunRecord` and the dataset that holds it. Writing, reading and
/// the names reserved for hyperparameters derive from the one list `all`.
package struct RunColumn: Sendable {
  package enum Property: Sendable {
    case text(any WritableKeyPath<RunRecord, String> & Sendable)
    case int32(any WritableKeyPath<RunRecord, Int> & Sendable)
    case int64(any WritableKeyPath<RunRecord, Int64> & Sendable)
    case float64(any WritableKeyPath<RunRecord, Double> & Sendable)
    case flag(any WritableKeyPath<RunRecord, Bool> & Sendable)
  }

  package let name: String
  let longName: String
  let units: String
  package let property: Property
  /// The number that stands for none; nil where every run has one.
  let none: Int32?

  private init(
    _ name: String, _ property: Property, _ longName: String, units: String = "",
    none: Int32? = nil
  ) {
    self.name = name
    self.longName = longName
    self.units = units
    self.property = property
    self.none = none
  }

  /// The variable's name and attributes.
  var variable: RunVariable { RunVariable(name: name, longName: longName, units: units) }

  /// The column that files from before it was stored lack.
  static let identity = "run_identity"

  package static let all: [RunColumn] = [
    RunColumn("optimizer", .text(\.optimizer), "label of the optimizer"),
    RunColumn("clipping", .text(\.clipping), "label of the clipping strategy"),
    RunColumn("seed", .int32(\.seed), "seed of everything random in the run", units: "1"),
    RunColumn(
      "trial", .int32(\.trial), "place of the setting in its method's grid, from 0", units: "1"),
    RunColumn(
      "base_learning_rate", .float64(\.baseLearningRate), "learning rate before the schedule",
      units: "1"),
    RunColumn(
      "is_default_learning_rate", .flag(\.isDefaultLearningRate),
      "whether base_learning_rate is the optimizer's default (1) or not (0)"),
    RunColumn("outcome", .text(\.outcomeName), "how the run ended"),
    RunColumn(
      "failure_tensor", .text(\.failureTensor), "what became non-finite or exploded, or empty"),
    RunColumn(
      "failure_step", .int32(\.failureStep), "the failing step, or -1", units: "1", none: -1),
    RunColumn(
      "target_step", .int32(\.targetStep), "first evaluation that met the target, or -1",
      units: "1", none: -1),
    RunColumn(
      "first_alarm_step", .int32(\.firstAlarmStep),
      "first step with a spike, a non-finite gradient or a failure, or -1", units: "1",
      none: -1),
    RunColumn(
      "worst_step", .int32(\.worstStep), "step with the highest loss, or -1", units: "1", none: -1),
    RunColumn(
      "spikes", .int32(\.spikes), "steps with loss or gradient norm above mean + 6 sigma",
      units: "1"),
    RunColumn(
      "spikes_recovered", .int32(\.spikesRecovered), "spikes after which the loss came back",
      units: "1"),
    RunColumn(
      "nonfinite_gradients", .int32(\.nonfiniteGradients),
      "steps whose gradient before clipping was NaN or infinite", units: "1"),
    RunColumn(
      "gradient_evaluations", .int64(\.gradientEvaluations), "gradients computed in the run",
      units: "1"),
    RunColumn("wall_seconds", .float64(\.wallSeconds), "time the run took", units: "s"),
    RunColumn(
      "peak_memory_bytes", .int64(\.peakMemoryBytes),
      "most memory the process had used when the run ended", units: "bytes"),
    RunColumn("config", .text(\.config), "the whole method as JSON"),
    RunColumn(identity, .text(\.identity), "SHA-256 of what determines the run"),
    RunColumn(
      "initial_parameters_digest", .text(\.initialParametersDigest),
      "SHA-256 of the initial parameters"),
    RunColumn(
      "data_order_digest", .text(\.dataOrderDigest), "SHA-256 of the order of training examples"),
  ]
}

extension RunColumn {
  /// Writes the column's values of a block of runs.
  func write(
    _ runs: [RunRecord], block: RunBlock, dimensions: Dimensions,
    in group: borrowing HDF5Group
  ) throws(HDF5Error) {
    switch property {
    case .text(let path):
      let texts = runs.map { $0[keyPath: path] }
      try group.write(variable, texts: texts, block: block, dimensions: dimensions)
    case .int32(let path):
      var values: [Int32] = []
      for run in runs {
        guard let value = Int32(exactly: run[keyPath: path]) else {
          throw HDF5Error(
            operation: "write", file: group.file, object: "\(group.path)/\(name)",
            detail: "\(run[keyPath: path]) of the run \(run.key.run) does not fit into 32 bits")
        }
        values.append(value)
      }
      try write(values, padding: none, block: block, dimensions: dimensions, in: group)
    case .int64(let path):
      let values = runs.map { $0[keyPath: path] }
      try write(values, block: block, dimensions: dimensions, in: group)
    case .float64(let path):
      let values = runs.map { $0[keyPath: path] }
      try write(values, block: block, dimensions: dimensions, in: group)
    case .flag(let path):
      let values = runs.map { $0[keyPath: path] ? Int8(1) : 0 }
      try write(values, block: block, dimensions: dimensions, in: group)
    }
  }

  /// Reads the column's values of `rows` into `runs`.
  func read(
    _ rows: Range<Int>, into runs: inout [RunRecord], from group: borrowing HDF5Group
  ) throws(HDF5Error) {
    if name == Self.identity, try !group.contains(name) { return }
    switch property {
    case .text(let path):
      let values = try group.texts(name, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] }
    case .int32(let path):
      let values = try group.numbers(name, as: Int32.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = Int(values[index]) }
    case .int64(let path):
      let values = try group.numbers(name, as: Int64.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] }
    case .float64(let path):
      let values = try group.numbers(name, as: Double.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] }
    case .flag(let path):
      let values = try group.numbers(name, as: Int8.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] == 1 }
    }
  }

  private func write<Element: HDF5Element>(
    _ values: [Element], padding: Element? = nil, block: RunBlock, dimensions: Dimensions,
    in group: borrowing HDF5Group
  ) throws(HDF5Error) {
    try group.write(
      variable, values, padding: padding, rank: 1, block: block, dimensions: dimensions, deflate: 0)
  }
}

extension RunRecord {
  /// The outcome by name; an unknown name changes nothing, the reader refuses it beforehand.
  fileprivate var outcomeName: String {
    get { outcome.rawValue }
    set { outcome = Outcome(rawValue: newValue) ?? outcome }
  }
}
