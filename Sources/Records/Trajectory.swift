/// What a run recorded at each of its steps, from step 0 up to and including the last one, which is
/// the failing one if the run failed.
public struct Trajectory: Sendable, Equatable {
  /// One array per `StepSeries`, in its order, all of the same length.
  public var series: [[Float]]
  /// Whether the clipping strategy changed the step's gradient, its update or its parameters, or
  /// refused the step: 1 or 0. Gradients that a rule asks for besides do not count.
  public var clipFired: [Int8]
  /// What else the run recorded at every step, each of the same length. What a run did not record,
  /// or a file was written without, is not among them.
  public var further: [RecordedSeries]

  public init() {
    series = Array(repeating: [], count: StepSeries.allCases.count)
    clipFired = []
    further = []
  }

  /// The number of steps recorded.
  public var steps: Int { clipFired.count }

  public subscript(_ name: StepSeries) -> [Float] {
    get { series[name.index] }
    set { series[name.index] = newValue }
  }

  /// The values of a further quantity; nil where the run did not record it.
  public subscript(_ quantity: Quantity) -> [Float]? {
    further.first { $0.quantity.name == quantity.name }?.values
  }

  public static func == (a: Trajectory, b: Trajectory) -> Bool { a.recording == b.recording }
}

extension Trajectory {
  init(_ recording: Recording) {
    self.init()
    for column in recording.series {
      switch column.numbers {
      case .int8(let values): clipFired = values
      case .float32(let values):
        if let builtIn = StepSeries(rawValue: column.quantity.name) {
          self[builtIn] = values
        } else {
          further.append(column)
        }
      case .float64, .int64: break
      }
    }
  }

  var recording: Recording {
    Recording(
      steps: (0..<steps).map(Int32.init),
      series: StepSeries.allCases.map { RecordedSeries($0.quantity, self[$0]) }
        + [RecordedSeries(.clipFired, .int8(clipFired))] + further)
  }
}

/// What a run measured between its steps: before the first, every k steps, after the last.
public struct Evaluations: Sendable, Equatable {
  /// The number of updates done before each evaluation, increasing from 0.
  public var steps: [Int32]
  /// One array per `EvaluationMetric`, in its order; NaN where the problem has no such metric.
  ///
  /// Losses are Float32 numbers; accuracies, fractions of counts, are kept whole, so that one that
  /// equals a target such as 0.9 equals it for every reader.
  public var values: [[Double]]
  /// Seconds since the run began, evaluations included. Not part of the content digest.
  public var elapsedSeconds: [Double]
  /// Gradient evaluations spent before each evaluation.
  public var gradientEvaluations: [Int64]
  /// What else was measured at each evaluation.
  public var further: [RecordedSeries]

  public init() {
    steps = []
    values = Array(repeating: [], count: EvaluationMetric.allCases.count)
    elapsedSeconds = []
    gradientEvaluations = []
    further = []
  }

  public subscript(_ metric: EvaluationMetric) -> [Double] {
    get { values[metric.index] }
    set { values[metric.index] = newValue }
  }

  public static func == (a: Evaluations, b: Evaluations) -> Bool { a.recording == b.recording }
}

extension Evaluations {
  init(_ recording: Recording) {
    self.init()
    steps = recording.steps
    elapsedSeconds = steps.map { _ in .nan }
    for metric in EvaluationMetric.allCases { self[metric] = steps.map { _ in .nan } }
    for column in recording.series {
      let metric = EvaluationMetric(rawValue: column.quantity.name)
      switch (metric, column.numbers) {
      case (let metric?, .float64(let values)): self[metric] = values
      case (let metric?, .float32(let values)): self[metric] = values.map(Double.init)
      case (nil, .float64(let values)): elapsedSeconds = values
      case (nil, .int64(let values)): gradientEvaluations = values
      case (nil, .float32): further.append(column)
      case (_, .int8), (_?, .int64): break
      }
    }
  }

  var recording: Recording {
    let metrics = EvaluationMetric.allCases.map { metric in
      RecordedSeries(
        metric.quantity,
        metric.isAccuracy ? .float64(self[metric]) : .float32(self[metric].map(Float.init)))
    }
    return Recording(
      steps: steps,
      series: metrics + [
        RecordedSeries(.elapsedSeconds, .float64(elapsedSeconds)),
        RecordedSeries(.gradientEvaluations, .int64(gradientEvaluations)),
      ] + further)
  }
}

/// Per-tensor detail of the last steps of a run that failed, or of every step where the spec asks.
extension Recording {
  /// The most steps that the flight recorder keeps.
  public static let flightCapacity = 64
}
