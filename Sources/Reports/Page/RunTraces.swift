public import Records

/// What runs recorded, small enough for a page: the median and the highest loss and the highest gradient
/// norm of each stretch of steps, so that no explosion is lost, and the last steps of runs that failed.
///
/// The more runs there are, the longer the stretches, and the fewer last steps: the room is fixed. A run
/// of few steps is there whole.
public struct RunTraces: Sendable {
  /// The characters for all curves, and for all last steps.
  private static let curveRoom = 460_000
  private static let flightRoom = 120_000
  /// The fewest and the most stretches of a curve.
  private static let stretches = (least: 8, most: 120)
  /// Last steps with fewer rows or more tensors say little.
  private static let flightShape = (leastSteps: 2, mostSteps: 12, tensors: 16)

  struct Trace: Sendable {
    /// The median and the highest loss of each stretch, alternately; in stretches of one step, the loss.
    let loss: [Float]
    /// The highest norm of the gradient before clipping in each stretch.
    let gradientNorm: [Float]
    let flight: Flight?
  }

  /// Norms by step, then tensor.
  struct Flight: Sendable {
    let steps: [Int32]
    let tensors: [String]
    let gradientNorms: [Float]
    let updateNorms: [Float]
  }

  /// The most stretches of a run, which has as many steps in each as it takes.
  let most: Int
  private let traces: [RunKey: Trace]

  /// Of no run.
  public init() {
    most = Self.stretches.most
    traces = [:]
  }

  public init(_ record: ExperimentRecord) {
    let count = max(1, record.runs.count)
    let most = min(
      max(Self.curveRoom / (count * 3 * PackedNumbers.characters), Self.stretches.least),
      Self.stretches.most)
    self.most = most
    let flights = max(1, record.runs.count { $0.flight?.steps.isEmpty == false })
    let room = Self.flightRoom / flights
    traces = Dictionary(
      record.runs.map { ($0.key, Trace($0, most: most, flightRoom: room)) },
      uniquingKeysWith: { first, _ in first })
  }

  subscript(_ key: RunKey) -> Trace? { traces[key] }

  /// The last steps that fit; nil where none do.
  fileprivate static func flight(_ recording: Recording, room: Int) -> Flight? {
    let width = recording.tensors.count
    let gradients = recording[.gradientNorm]
    let updates = recording[.updateNorm]
    let steps = recording.steps.count
    guard width > 0, gradients.count == steps * width, updates.count == gradients.count else {
      return nil
    }
    let tensors = min(width, flightShape.tensors)
    let fitting = room / (2 * PackedNumbers.characters * tensors)
    let rows = min(steps, fitting, flightShape.mostSteps)
    guard rows >= min(steps, flightShape.leastSteps), rows > 0 else { return nil }
    // Those that were largest at the end: the ones that failed are among them.
    func size(_ tensor: Int) -> Float {
      let last = (steps - 1) * width + tensor
      let size = max(gradients[last], updates[last])
      return size.isFinite ? size : .infinity
    }
    let kept = (0..<width).sorted { (size($1), $0) < (size($0), $1) }.prefix(tensors).sorted()
    let places = (steps - rows..<steps).flatMap { row in kept.map { row * width + $0 } }
    return Flight(
      steps: Array(recording.steps.suffix(rows)), tensors: kept.map { recording.tensors[$0] },
      gradientNorms: places.map { gradients[$0] }, updateNorms: places.map { updates[$0] })
  }
}

extension RunTraces.Trace {
  fileprivate init(_ run: RunRecord, most: Int, flightRoom: Int) {
    let steps = run.trajectory.steps
    let stretch = max(1, (steps + most - 1) / most)
    func parts(_ series: [Float]) -> [[Float]] {
      // What is not finite counts as more than anything that is.
      stride(from: 0, to: series.count, by: stretch).map { start in
        series[start..<min(start + stretch, series.count)]
          .map { $0.isFinite ? $0 : .infinity }.sorted()
      }
    }
    loss = parts(run.trajectory[.loss]).flatMap { part in
      stretch == 1 ? part : [part[part.count / 2], part[part.count - 1]]
    }
    gradientNorm = parts(run.trajectory[.gradientNorm]).map { $0[$0.count - 1] }
    flight = run.flight.flatMap { RunTraces.flight($0, room: flightRoom) }
  }
}

extension RunTraces {
  /// The room that they take as text.
  package var characters: Int {
    traces.values.reduce(0) { sum, trace in
      let flight = trace.flight.map { $0.gradientNorms.count + $0.updateNorms.count } ?? 0
      return sum + PackedNumbers.characters * (trace.loss.count + trace.gradientNorm.count + flight)
    }
  }
}
