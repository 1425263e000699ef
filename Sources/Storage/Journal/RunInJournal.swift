internal import Files
internal import Records

/// A run of a journal on its way to be read, block by block.
struct RunInJournal {
  let head: JournalFields
  let layouts: [JournalLayout]
  private(set) var recordings: [Recording]

  /// - Parameter payload: What its first block holds.
  init(_ payload: [UInt8]) throws(JournalDefect) {
    var decoder = JournalDecoder(payload)
    head = try JournalFields(from: &decoder)
    layouts = try JournalLayout.read(from: &decoder)
    recordings = layouts.map { layout in
      Recording(
        steps: [], tensors: layout.tensors,
        series: layout.quantities.map { RecordedSeries($0, .none(of: $0.number)) })
    }
  }

  /// The steps recorded so far.
  var steps: Int { zip(layouts, recordings).first { $0.0.kind.rows == .steps }?.1.steps.count ?? 0 }

  /// Takes in a block of rows.
  mutating func add(rows payload: [UInt8]) throws(JournalDefect) {
    var decoder = JournalDecoder(payload)
    let index = Int(try decoder.integer(UInt32.self))
    guard recordings.indices.contains(index) else {
      throw JournalDefect("rows of a recording that was not declared")
    }
    let rows = try decoder.count(ofSize: 4)
    recordings[index].steps += try decoder.numbers(rows, as: Int32.self)
    let (count, isTooLong) = rows.multipliedReportingOverflow(by: layouts[index].extent)
    guard !isTooLong else { throw JournalDefect("rows of \(rows) values are too long") }
    for place in recordings[index].series.indices {
      try decoder.append(count, to: &recordings[index].series[place].numbers)
    }
    guard decoder.remaining == 0 else { throw JournalDefect("rows longer than declared") }
  }

  /// The run without what it has recorded and how it ended.
  func begun() throws(JournalDefect) -> JournaledRun {
    let header = try ExperimentHeader(head)
    var run = RunRecord(
      key: RunKey(problem: header.problems[0].name, run: try head.text("run")), optimizer: "",
      clipping: "", trial: 0, seed: 0, baseLearningRate: 0, isDefaultLearningRate: false,
      hyperparameters: [], config: "")
    run.provenance = header.provenance
    run.identity = try head.text(RunColumn.identity, absent: "")
    return JournaledRun(header: header, run: run)
  }

  /// The run as it was when a checkpoint was made of it, behind the rows so far.
  ///
  /// - Parameter payload: What the checkpoint's block holds.
  func checkpoint(_ payload: [UInt8]) throws(JournalDefect) -> RunCheckpoint {
    var run = try begun().run
    try takeRecordings(into: &run)
    return try RunCheckpoint(run, payload)
  }

  private func takeRecordings(into run: inout RunRecord) throws(JournalDefect) {
    for (layout, recording) in zip(layouts, recordings) {
      let isGapless = zip(recording.steps, 0...).allSatisfy { $0 == $1 }
      guard layout.kind.rows != .steps || isGapless else {
        throw JournalDefect("'\(layout.kind.label)' does not have every step, from 0")
      }
      layout.kind.take(layout.completed(recording), &run)
    }
    if let defect = run.defect { throw JournalDefect(defect) }
  }

  /// The whole run.
  ///
  /// - Parameter payload: What its last block holds.
  func finished(_ payload: [UInt8]) throws(JournalDefect) -> JournaledRun {
    var decoder = JournalDecoder(payload)
    let end = try JournalFields(from: &decoder)
    let begun = try begun()
    var run = begun.run
    run.identity = ""
    let outcome = try end.text("outcome")
    guard Outcome(rawValue: outcome) != nil else {
      throw JournalDefect("'\(outcome)' is no outcome")
    }
    for column in RunColumn.all { try column.read(end, into: &run) }
    guard try head.text(RunColumn.identity, absent: "") == run.identity else {
      throw JournalDefect("its identity at the end is not that at the beginning")
    }
    let prefix = JournaledRun.hyperparameterPrefix
    for (name, value) in end.all where name.hasPrefix(prefix) {
      let hyperparameter = String(name.dropFirst(prefix.count))
      guard case .number(let number) = value, HyperparameterColumns.canName(hyperparameter) else {
        throw JournalDefect("'\(name)' names no hyperparameter, or is no number")
      }
      run.hyperparameters.append((hyperparameter, number))
    }
    try takeRecordings(into: &run)
    return JournaledRun(header: begun.header, run: run)
  }
}

extension JournalLayout {
  static func read(from decoder: inout JournalDecoder) throws(JournalDefect) -> [JournalLayout] {
    var layouts: [JournalLayout] = []
    for _ in 0..<(try decoder.count(ofSize: 12)) {
      let label = try decoder.text()
      guard let kind = RecordingKind.all.first(where: { $0.label == label }),
        !layouts.contains(where: { $0.kind.label == label })
      else { throw JournalDefect("there is no recording '\(label)', or it is there twice") }
      var layout = JournalLayout(kind: kind, tensors: [], quantities: [])
      for _ in 0..<(try decoder.count(ofSize: 4)) { layout.tensors.append(try decoder.text()) }
      for _ in 0..<(try decoder.count(ofSize: 13)) {
        let quantity = try layout.quantity(from: &decoder)
        guard !layout.quantities.contains(where: { $0.name == quantity.name }) else {
          throw JournalDefect("'\(quantity.name)' is there twice")
        }
        layout.quantities.append(quantity)
      }
      try layout.requireWhole()
      layouts.append(layout)
    }
    return layouts
  }

  private func quantity(from decoder: inout JournalDecoder) throws(JournalDefect) -> Quantity {
    let name = try decoder.text()
    let longName = try decoder.text()
    let units = try decoder.text()
    guard let number = Quantity.Number(letter: try decoder.letter()) else {
      throw JournalDefect("'\(name)' has numbers of an unknown type")
    }
    if let builtIn = kind.builtIn.first(where: { $0.name == name }) {
      guard builtIn.number == number else {
        throw JournalDefect("'\(name)' has numbers of another type")
      }
      return builtIn
    }
    // As HDF5 will hold it: a dataset of Float32, listed by name between spaces.
    guard number == .float32, HyperparameterColumns.canNameQuantity(name) else {
      throw JournalDefect("'\(name)' cannot name a quantity, or is not of Float32 numbers")
    }
    return Quantity(name: name, longName: longName, units: units)
  }

  /// Throws unless every quantity is declared that all runs have.
  private func requireWhole() throws(JournalDefect) {
    guard kind.isPerTensor != tensors.isEmpty else {
      throw JournalDefect("'\(kind.label)' has tensors, or lacks them")
    }
    for quantity in absent where !kind.isSparse || quantity.number.isInteger {
      throw JournalDefect("'\(kind.label)' lacks '\(quantity.name)'")
    }
  }

  private var absent: [Quantity] {
    kind.builtIn.filter { builtIn in !quantities.contains { $0.name == builtIn.name } }
  }

  /// The recording with NaN for the quantities that it may leave out, built-in ones in their order.
  fileprivate func completed(_ recording: Recording) -> Recording {
    var whole = recording
    let names = Set(kind.builtIn.map(\.name))
    whole.series =
      kind.builtIn.map { quantity in
        recording.series.first { $0.quantity.name == quantity.name }
          ?? RecordedSeries(
            quantity, .missing(of: quantity.number, count: recording.steps.count * extent))
      } + recording.series.filter { !names.contains($0.quantity.name) }
    return whole
  }
}

extension ExperimentHeader {
  fileprivate init(_ fields: JournalFields) throws(JournalDefect) {
    var made = Provenance()
    for (name, property) in HeaderAttributes.provenance {
      made[keyPath: property] = try fields.text(name, absent: "")
    }
    made.cores = Int(try fields.integer("cores", absent: 0))
    made.flushDenormals = try fields.integer("flush_denormals", absent: 1) != 0
    var problem = ProblemRecord(undescribed: try fields.text("problem"))
    for attribute in ProblemAttributes.all {
      switch attribute.property {
      case .text(let path):
        problem[keyPath: path] = try fields.text(
          attribute.name, absent: attribute.isOptional ? "" : nil)
      case .integer(let path):
        problem[keyPath: path] = Int(
          try fields.integer(attribute.name, absent: attribute.isOptional ? 0 : nil))
      case .number(let path):
        problem[keyPath: path] = try fields.number(
          attribute.name, absent: attribute.isOptional ? .nan : nil)
      }
    }
    guard !problem.name.isEmpty, problem.name != ".", !problem.name.contains("/"),
      !problem.name.hasControls
    else { throw JournalDefect("'\(problem.name.escapingControls)' cannot name a problem") }
    self.init(
      name: try fields.text("name"), title: try fields.text("title"), spec: "",
      specDigest: try fields.text("spec_digest"), provenance: made, problems: [problem],
      plannedRuns: 1)
  }
}

extension RunColumn {
  /// Reads the column's value of a run.
  fileprivate func read(
    _ fields: JournalFields, into run: inout RunRecord
  ) throws(JournalDefect) {
    // A journal from before there was such a column says nothing about it.
    if !isOfFirstFormat { guard fields.has(name) else { return } }
    switch property {
    case .text(let path): run[keyPath: path] = try fields.text(name)
    case .int32(let path):
      guard let value = Int32(exactly: try fields.integer(name)) else {
        throw JournalDefect("'\(name)' does not fit into 32 bits")
      }
      run[keyPath: path] = Int(value)
    case .int64(let path): run[keyPath: path] = try fields.integer(name)
    case .float64(let path): run[keyPath: path] = try fields.number(name)
    case .flag(let path): run[keyPath: path] = try fields.integer(name) == 1
    }
  }
}

extension RecordedNumbers {
  fileprivate static func none(of number: Quantity.Number) -> RecordedNumbers {
    missing(of: number, count: 0)
  }

  /// What stands where nothing was recorded.
  fileprivate static func missing(of number: Quantity.Number, count: Int) -> RecordedNumbers {
    switch number {
    case .float32: .float32(Array(repeating: .nan, count: count))
    case .float64: .float64(Array(repeating: .nan, count: count))
    case .int8: .int8(Array(repeating: -1, count: count))
    case .int64: .int64(Array(repeating: -1, count: count))
    }
  }
}

extension Quantity.Number {
  fileprivate var isInteger: Bool { self == .int8 || self == .int64 }
}
