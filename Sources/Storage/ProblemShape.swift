internal import Records

/// What the datasets of one problem must have room for: the union of what its runs recorded.
struct ProblemShape: Equatable, Sendable {
  /// The hyperparameters along `run`, in order of appearance.
  var hyperparameters: [String] = []
  /// The places at which the runs were made.
  var origins: [Provenance] = []
  /// Room for each of `RecordingKind.all`, in its order.
  var rooms = RecordingKind.all.map { _ in RecordingRoom() }

  /// The steps of the longest run.
  var steps: Int { rooms[0].rowCount }

  /// Room for nothing.
  init() {}

  /// Room for one run.
  init(_ run: RunRecord) {
    hyperparameters = run.hyperparameters.map(\.name)
    if let provenance = run.provenance { origins = [provenance] }
    rooms = RecordingKind.all.map { RecordingRoom($0, run) }
  }

  /// Makes room for what `other` has room for.
  mutating func formUnion(_ other: ProblemShape) {
    hyperparameters += other.hyperparameters.filter { !hyperparameters.contains($0) }
    origins += other.origins.filter { !origins.contains($0) }
    for (index, kind) in RecordingKind.all.enumerated() {
      rooms[index].formUnion(other.rooms[index], kind)
    }
  }
}
