internal import Records

/// What the datasets of one recording must have room for: the union of what the runs of a problem
/// recorded.
struct RecordingRoom: Equatable, Sendable {
  /// Whether any run has the recording.
  var isPresent = false
  /// The rows of the longest one.
  var rowCount = 0
  /// The steps at which any run was evaluated, ascending; empty for other rows.
  var steps: [Int32] = []
  var tensors: [String] = []
  private(set) var quantities: [Quantity] = []
  /// The different orders in which runs recorded them.
  private var orders: [[String]] = []

  /// Room for nothing.
  init() {}

  /// Room for the recording of one run.
  init(_ kind: RecordingKind, _ run: RunRecord) {
    guard let recording = kind.storedRecording(of: run) else { return }
    isPresent = kind.rows != .evaluations || !recording.steps.isEmpty
    rowCount = recording.steps.count
    if kind.rows == .evaluations { steps = recording.steps }
    tensors = recording.tensors
    quantities = recording.series.filter { !kind.isSparse || $0.numbers.hasValues }.map(\.quantity)
    orders = [quantities.map(\.name)]
  }

  /// Makes room for what a file declares, in its order.
  mutating func add(_ declared: [Quantity]) {
    quantities += declared
    orders = [quantities.map(\.name)]
  }

  /// Makes room for what `other` has room for.
  mutating func formUnion(_ other: RecordingRoom, _ kind: RecordingKind) {
    isPresent = isPresent || other.isPresent
    rowCount = max(rowCount, other.rowCount)
    if kind.rows == .evaluations, steps != other.steps {
      steps = Set(steps).union(other.steps).sorted()
    }
    if kind.rows == .evaluations { rowCount = steps.count }
    if tensors.isEmpty { tensors = other.tensors }
    quantities += other.quantities.filter { new in !quantities.contains { $0.name == new.name } }
    orders += other.orders.filter { !orders.contains($0) }
  }

  /// The quantities in the order of the file: the built-in ones as the kind lists them, then others as every
  /// run has them, since that order is part of its digest; those that no run puts in an order as they appeared.
  func ordered(_ kind: RecordingKind) -> (builtIn: [Quantity], further: [Quantity]) {
    let present = Set(quantities.map(\.name))
    let names = Set(kind.builtIn.map(\.name))
    var remaining = quantities.filter { !names.contains($0.name) }
    var further: [Quantity] = []
    while !remaining.isEmpty {
      let left = Set(remaining.map(\.name))
      let next =
        remaining.firstIndex { quantity in
          orders.allSatisfy { order in
            !order.contains(quantity.name) || order.first { left.contains($0) } == quantity.name
          }
        } ?? 0
      further.append(remaining.remove(at: next))
    }
    return (kind.builtIn.filter { present.contains($0.name) }, further)
  }
}
