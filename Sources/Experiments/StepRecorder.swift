internal import Records
internal import Tensors

/// Collects what a run records at each step in memory allocated once, before the first step.
struct StepRecorder {
  private let capacity: Int
  private let tensorNames: [String]
  private let values: FloatBuffer
  private let further: [Quantity]
  private let skipped: Int?
  private let askedClipped: Int?
  private var fired: [Int8]
  private(set) var steps = 0
  /// The last steps' per-tensor sums of squares: gradient, update, parameters.
  private var ring: TensorSquares
  /// Every step's per-tensor sums of squares, where the spec asks for them.
  private var all: TensorSquares?

  /// - Parameter further: What is recorded at each step besides `StepSeries`.
  init(plan: TrainingPlan, layout: ParameterLayout, further: [Quantity]) {
    capacity = plan.steps
    self.further = further
    let builtIn = StepSeries.allCases.count
    skipped = further.firstIndex(of: .clipSkipped).map { builtIn + $0 }
    askedClipped = further.firstIndex(of: .askedGradientsClipped).map { builtIn + $0 }
    tensorNames = layout.tensors.map(\.name)
    values = FloatBuffer(count: (builtIn + further.count) * max(plan.steps, 1))
    fired = []
    fired.reserveCapacity(plan.steps)
    ring = TensorSquares(tensors: layout.tensors.count, rows: FlightRecording.capacity)
    all =
      plan.recordsTensors
      ? TensorSquares(tensors: layout.tensors.count, rows: plan.steps) : nil
  }

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
    if let skipped { column[skipped * capacity] = step.isSkipped ? 1 : 0 }
    if let askedClipped { column[askedClipped * capacity] = Float(step.askedGradientsClipped) }
    fired.append(step.clipFired ? 1 : 0)
    steps += 1
  }

  /// Records the per-tensor sums of squares of the step about to be recorded.
  mutating func record(tensorSquares: StepTensorSquares) {
    ring.write(tensorSquares, row: steps % FlightRecording.capacity)
    all?.write(tensorSquares, row: steps)
  }

  /// The series recorded so far.
  func trajectory() -> Trajectory {
    var result = Trajectory()
    for series in StepSeries.allCases { result[series] = recorded(series.index) }
    result.clipFired = fired
    result.further = further.enumerated().map { index, quantity in
      RecordedSeries(quantity, recorded(StepSeries.allCases.count + index))
    }
    return result
  }

  private func recorded(_ row: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: values.pointer + row * capacity, count: steps))
  }

  /// Per-tensor norms of the last steps, oldest first.
  func flightRecording() -> FlightRecording {
    let first = max(0, steps - FlightRecording.capacity)
    let rows = (first..<steps).map { $0 % FlightRecording.capacity }
    return FlightRecording(
      steps: (first..<steps).map(Int32.init), tensors: tensorNames,
      gradientNorm: ring.norms(.gradient, rows: rows),
      updateNorm: ring.norms(.update, rows: rows),
      parameterNorm: ring.norms(.parameters, rows: rows))
  }

  /// Per-tensor norms of every step, if the plan asked for them.
  func tensorRecording() -> TensorRecording? {
    guard let all else { return nil }
    let rows = Array(0..<steps)
    return TensorRecording(
      tensors: tensorNames, gradientNorm: all.norms(.gradient, rows: rows),
      updateNorm: all.norms(.update, rows: rows),
      parameterNorm: all.norms(.parameters, rows: rows))
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

/// A table of per-tensor sums of squares.
private struct TensorSquares {
  enum Quantity: Int { case gradient, update, parameters }

  private let tensors: Int
  private var squares: [Double]

  init(tensors: Int, rows: Int) {
    self.tensors = tensors
    squares = Array(repeating: 0, count: 3 * tensors * rows)
  }

  mutating func write(_ step: StepTensorSquares, row: Int) {
    let start = row * 3 * tensors
    for tensor in 0..<tensors {
      squares[start + tensor] = step.gradient[tensor]
      squares[start + tensors + tensor] = step.update[tensor]
      squares[start + 2 * tensors + tensor] = step.parameters[tensor]
    }
  }

  func norms(_ quantity: Quantity, rows: [Int]) -> [Float] {
    rows.flatMap { row in
      let start = (row * 3 + quantity.rawValue) * tensors
      return squares[start..<(start + tensors)].map { Float($0.squareRoot()) }
    }
  }
}
