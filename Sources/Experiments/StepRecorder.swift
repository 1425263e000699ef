internal import Records
internal import Tensors

/// Collects what a run records at each step in memory allocated once, before the first step.
struct StepRecorder {
  private let capacity: Int
  private let tensorNames: [String]
  private let values: FloatBuffer
  private var fired: [Int8]
  private(set) var steps = 0
  /// The last steps' per-tensor sums of squares.
  private var ring: TensorSquares
  /// Every step's per-tensor sums of squares, where the spec asks for them.
  private var all: TensorSquares?
  private var instruments: InstrumentRecorder

  /// The bytes that a step of any run takes.
  ///
  /// - Parameter tensors: The tensors whose norms are recorded at every step.
  static func bytesPerStep(tensors: Int) -> Int {
    StepSeries.allCases.count * MemoryLayout<Float>.size + MemoryLayout<Int8>.size
      + TensorNorm.allCases.count * tensors * MemoryLayout<Double>.size
  }

  init(plan: TrainingPlan, layout: ParameterLayout, instruments: [any Instrument]) {
    capacity = plan.steps
    tensorNames = layout.tensors.map(\.name)
    values = FloatBuffer(count: StepSeries.allCases.count * max(plan.steps, 1))
    fired = []
    fired.reserveCapacity(plan.steps)
    ring = TensorSquares(tensors: layout.tensors.count, rows: Recording.flightCapacity)
    all =
      plan.recordsTensors
      ? TensorSquares(tensors: layout.tensors.count, rows: plan.steps) : nil
    self.instruments = InstrumentRecorder(instruments, layout: layout, capacity: plan.steps)
  }

  /// Whether somebody wants to see the whole step.
  var isWatched: Bool { !instruments.isEmpty }

  /// Lets the instruments observe the step about to be recorded.
  mutating func record(_ step: StepView) { instruments.record(step) }

  /// Records one step.
  mutating func record(_ step: StepMeasurements) {
    let column = values.pointer + steps
    column[StepSeries.loss.index * capacity] = Float(step.loss)
    column[StepSeries.gradientNorm.index * capacity] = Float(step.gradientNorm)
    column[StepSeries.clippedGradientNorm.index * capacity] = Float(step.clippedGradientNorm)
    column[StepSeries.clipCoefficient.index * capacity] = Float(step.clipCoefficient)
    column[StepSeries.updateNorm.index * capacity] = Float(step.updateNorm)
    column[StepSeries.parameterNorm.index * capacity] = Float(step.parameterNorm)
    column[StepSeries.gradientCosine.index * capacity] = Float(step.gradientCosine)
    column[StepSeries.learningRate.index * capacity] = Float(step.learningRate)
    fired.append(step.clipFired ? 1 : 0)
    steps += 1
  }

  /// Records the per-tensor sums of squares of the step about to be recorded.
  mutating func record(tensorSquares: StepTensorSquares) {
    ring.write(tensorSquares, row: steps % Recording.flightCapacity)
    all?.write(tensorSquares, row: steps)
  }

  /// Whether `record` is of so many steps at which everything was recorded that is recorded here.
  func canResume(from record: RunRecord, after steps: Int) -> Bool {
    let count = tensorNames.count
    let isWhole = { (recording: Recording, rows: Int) in
      recording.tensors == tensorNames && recording.steps.count == rows
        && TensorNorm.allCases.allSatisfy { recording[$0].count == rows * count }
    }
    return steps > 0 && steps <= capacity && record.trajectory.steps == steps
      && StepSeries.allCases.allSatisfy { record.trajectory[$0].count == steps }
      && record.flight.map { isWhole($0, min(steps, Recording.flightCapacity)) } == true
      && (all == nil || record.tensors.map { isWhole($0, steps) } == true)
  }

  /// Goes on where a run stopped that has recorded what `record` holds.
  mutating func resume(from record: RunRecord) {
    steps = record.trajectory.steps
    for series in StepSeries.allCases {
      let start = values.pointer + series.index * capacity
      for (step, value) in record.trajectory[series].enumerated() { start[step] = value }
    }
    fired.append(contentsOf: record.trajectory.clipFired)
    if let flight = record.flight {
      let first = steps - flight.steps.count
      ring.restore(flight) { (first + $0) % Recording.flightCapacity }
    }
    if let tensors = record.tensors { all?.restore(tensors) { $0 } }
    instruments.resume(
      after: steps, from: record.trajectory.further + (record.tensors?.series ?? []))
  }

  /// The series recorded so far.
  func trajectory() -> Trajectory {
    var result = Trajectory()
    for series in StepSeries.allCases {
      let start = values.pointer + series.index * capacity
      result[series] = Array(UnsafeBufferPointer(start: start, count: steps))
    }
    result.clipFired = fired
    result.further = instruments.series(perTensor: false, rows: 0..<steps)
    return result
  }

  /// Per-tensor detail of the last steps, oldest first.
  func flightRecording() -> Recording {
    let rows = max(0, steps - Recording.flightCapacity)..<steps
    return Recording(
      steps: rows.map(Int32.init), tensors: tensorNames,
      series: ring.norms(rows: rows.map { $0 % Recording.flightCapacity })
        + instruments.series(perTensor: true, rows: rows))
  }

  /// Per-tensor detail of every step, if the plan asked for any.
  func tensorRecording() -> Recording? {
    let rows = 0..<steps
    let series =
      (all?.norms(rows: Array(rows)) ?? []) + instruments.series(perTensor: true, rows: rows)
    return series.isEmpty
      ? nil : Recording(steps: rows.map(Int32.init), tensors: tensorNames, series: series)
  }
}

/// What one step measured.
struct StepMeasurements {
  var loss = 0.0
  var gradientNorm = 0.0
  var clippedGradientNorm = 0.0
  var clipCoefficient = 1.0
  var updateNorm = 0.0
  var parameterNorm = 0.0
  var gradientCosine = 0.0
  var learningRate = 0.0
  /// Whether a clip changed gradient, update or parameters, or refused the step.
  var clipFired = false
  /// Gradients that the optimizer asked for and a clip changed.
  var askedGradientsClipped = 0
  /// Whether a clip refused the step: nothing moved.
  var isSkipped = false
}

/// One step's sums of squares by tensor, written in place by the trainer.
struct StepTensorSquares {
  var gradient: [Double]
  var update: [Double]
  var parameters: [Double]

  init(tensors: Int) {
    gradient = Array(repeating: 0, count: tensors)
    update = gradient
    parameters = gradient
  }
}

extension StepTensorSquares {
  fileprivate subscript(_ norm: TensorNorm) -> [Double] {
    switch norm {
    case .gradientNorm: gradient
    case .updateNorm: update
    case .parameterNorm: parameters
    }
  }
}

/// A table of per-tensor sums of squares.
private struct TensorSquares {
  /// Made once: a list that is asked for at every step would be allocated at every step.
  private static let norms = TensorNorm.allCases

  private let tensors: Int
  private var squares: [Double]

  init(tensors: Int, rows: Int) {
    self.tensors = tensors
    squares = Array(repeating: 0, count: Self.norms.count * tensors * rows)
  }

  mutating func write(_ step: StepTensorSquares, row: Int) {
    var place = row * Self.norms.count * tensors
    for norm in Self.norms {
      let own = step[norm]
      for tensor in 0..<tensors { squares[place + tensor] = own[tensor] }
      place += tensors
    }
  }

  /// Puts recorded norms back, the n-th row of them into row `place(n)`. The root of the exact square of
  /// a single-precision number is that number, so that they are recorded again as they were.
  mutating func restore(_ recording: Recording, place: (Int) -> Int) {
    for (index, norm) in Self.norms.enumerated() {
      let values = recording[norm]
      for row in recording.steps.indices {
        for tensor in 0..<tensors {
          let value = Double(values[row * tensors + tensor])
          squares[(place(row) * Self.norms.count + index) * tensors + tensor] = value * value
        }
      }
    }
  }

  /// The norms in the given rows.
  func norms(rows: [Int]) -> [RecordedSeries] {
    Self.norms.enumerated().map { index, norm in
      RecordedSeries(
        norm.quantity,
        rows.flatMap { row in
          let start = (row * Self.norms.count + index) * tensors
          return squares[start..<(start + tensors)].map { Float($0.squareRoot()) }
        })
    }
  }
}
