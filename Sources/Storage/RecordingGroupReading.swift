internal import HDF5
internal import Records

extension RecordingGroup {
  /// What the group of a problem has room for.
  static func room(
    of kind: RecordingKind, in problem: borrowing HDF5Group
  ) throws(HDF5Error) -> RecordingRoom {
    var room = RecordingRoom()
    if kind.group.isEmpty {
      room.isPresent = true
      room.rowCount = try problem.dataset("step").rows
      room.add(try kind.builtIn + declared(in: problem))
      return room
    }
    guard try problem.contains(kind.group) else { return room }
    let group = try problem.group(kind.group)
    room.isPresent = true
    switch kind.rows {
    case .steps: room.rowCount = try problem.dataset("step").rows
    case .evaluations:
      room.steps = try group.dataset(kind.axis ?? "").read(as: Int32.self)
      room.rowCount = room.steps.count
    case .lastSteps: room.rowCount = try group.dataset(kind.axis ?? "").rows
    }
    if kind.isPerTensor { room.tensors = try group.dataset("tensor").readTexts() }
    for quantity in kind.builtIn where try group.contains(quantity.name) {
      room.add([quantity])
    }
    room.add(try declared(in: group))
    return room
  }

  private static func declared(in group: borrowing HDF5Group) throws(HDF5Error) -> [Quantity] {
    guard try group.hasAttribute(declaration) else { return [] }
    var quantities: [Quantity] = []
    for name in try group.textAttribute(declaration).split(separator: " ").map(String.init) {
      let dataset = try group.dataset(name)
      quantities.append(
        Quantity(
          name: name, longName: try dataset.textAttribute("long_name"),
          units: try dataset.textAttribute("units")))
    }
    return quantities
  }

  /// Gives the runs in `rows` their recordings.
  ///
  /// - Parameter lengths: The steps of each run.
  func read(
    into runs: inout [RunRecord], rows: Range<Int>, lengths: [Int],
    from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard room.isPresent else { return }
    if kind.group.isEmpty {
      return try readQuantities(
        into: &runs, rows: rows, places: lengths.map { Array(0..<$0) }, from: problem)
    }
    let group = try problem.group(kind.group)
    let width = room.rowCount
    let places: [[Int]?]
    switch kind.rows {
    case .steps:
      let isRecorded = try group.numbers(Self.recorded.name, as: Int8.self, rows: rows)
      places = zip(isRecorded, lengths).map { $0 == 1 ? Array(0..<$1) : nil }
    case .evaluations:
      let counts = try group.numbers(
        "evaluation_gradient_evaluations", as: Int64.self, rows: rows, rowShape: [width])
      places = runs.indices.map { run in (0..<width).filter { counts[run * width + $0] >= 0 } }
    case .lastSteps:
      let steps = try group.numbers(
        Self.flightStep.name, as: Int32.self, rows: rows, rowShape: [width])
      places = runs.indices.map { run in
        let count = (0..<width).prefix { steps[run * width + $0] >= 0 }.count
        return count == 0 ? nil : Array(0..<count)
      }
      try readQuantities(
        into: &runs, rows: rows, places: places,
        steps: { run, place in steps[run * width + place] }, from: group)
      return
    }
    try readQuantities(
      into: &runs, rows: rows, places: places,
      steps: { [room] _, place in room.steps.isEmpty ? Int32(place) : room.steps[place] },
      from: group)
  }

  /// - Parameters:
  ///   - places: The rows that each run has; nil where it has no such recording.
  ///   - steps: The step of a run's row.
  private func readQuantities(
    into runs: inout [RunRecord], rows: Range<Int>, places: [[Int]?],
    steps: (Int, Int) -> Int32 = { _, place in Int32(place) }, from group: borrowing HDF5Group
  ) throws(HDF5Error) {
    var recordings = runs.indices.map { run in
      places[run].map { own in
        Recording(steps: own.map { steps(run, $0) }, tensors: room.tensors, series: [])
      }
    }
    let each = kind.isPerTensor ? room.tensors.count : 1
    let shape = kind.isPerTensor ? [room.rowCount, each] : [room.rowCount]
    func read<Element: HDF5Element>(
      _ quantity: Quantity, _ has: (Int) -> Bool, from group: borrowing HDF5Group,
      _ numbers: ([Element]) -> RecordedNumbers
    ) throws(HDF5Error) {
      let values = try group.numbers(
        quantity.name, as: Element.self, rows: rows, rowShape: shape)
      for run in recordings.indices where has(run) {
        guard let own = places[run] else { continue }
        let start = run * room.rowCount
        let isWhole = own.count == (own.last ?? -1) + 1
        let kept =
          isWhole
          ? Array(values[start * each..<(start + own.count) * each])
          : own.flatMap { values[(start + $0) * each..<(start + $0 + 1) * each] }
        recordings[run]?.series.append(RecordedSeries(quantity, numbers(kept)))
      }
    }
    let (builtIn, further) = room.ordered(kind)
    for quantity in builtIn {
      let all = { (_: Int) in true }
      switch quantity.number {
      case .float32: try read(quantity, all, from: group) { .float32($0) }
      case .float64: try read(quantity, all, from: group) { .float64($0) }
      case .int8: try read(quantity, all, from: group) { .int8($0) }
      case .int64: try read(quantity, all, from: group) { .int64($0) }
      }
    }
    if !further.isEmpty {
      let names = try group.texts(Self.declaration, rows: rows).map { $0.split(separator: " ") }
      for quantity in further {
        let has = { (run: Int) in names[run].contains(Substring(quantity.name)) }
        try read(quantity, has, from: group) { .float32($0) }
      }
    }
    for run in runs.indices {
      if let recording = recordings[run] { kind.take(recording, &runs[run]) }
    }
  }
}
