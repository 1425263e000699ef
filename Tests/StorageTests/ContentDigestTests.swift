import Records
import Storage
import Testing

/// What the content digest covers, and what equality of runs does: everything but times, memory and
/// where the runs were made. The lists of changes are held against the records' stored properties,
/// so that a property without a change fails as one without a place in the digest does.
@Suite struct ContentDigestTests {
  /// One change to a value, and whether it is one of what differs between repetitions.
  private struct Change<Value: Sendable>: Sendable {
    let name: String
    var isIrreproducible = false
    let apply: @Sendable (inout Value) -> Void
  }

  @Test func eachPropertyOfARunChangesItsDigestAndItsEquality() {
    // An exploded run with a flight recording and norms per tensor: nothing in it is missing.
    var run = SampleExperiment.run(problem: "digits", index: 1, recordsTensors: true)
    run.trajectory.further = [RecordedSeries(.clipSkipped, run.trajectory[.loss])]
    let changes = Self.columns + Self.series + Self.metrics + Self.others
    for change in changes {
      var other = run
      change.apply(&other)
      #expect(!changedLeaves(run, other).isEmpty, "\(change.name) changes nothing")
      #expect(
        (other.contentDigest == run.contentDigest) == change.isIrreproducible, "\(change.name)")
      #expect((other == run) == change.isIrreproducible, "\(change.name)")
    }
    expectEachLeafIsChanged(of: run, by: changes)
  }

  @Test func eachPropertyOfAProblemChangesTheDigestOfTheExperiment() {
    let sample = SampleExperiment()
    let changes: [Change<ProblemRecord>] = [
      Change(name: "name") { $0.name += "x" },
      Change(name: "summary", isIrreproducible: true) { $0.summary += "x" },
      Change(name: "digest") { $0.digest += "x" },
      Change(name: "dataPlace", isIrreproducible: true) { $0.dataPlace += "x" },
      // Its examples are under the problem's own digest.
      Change(name: "dataDigest", isIrreproducible: true) { $0.dataDigest += "x" },
      Change(name: "parameterCount") { $0.parameterCount += 1 },
      Change(name: "layout") { $0.layout += " " },
      Change(name: "lowerBound") { $0.lowerBound = $0.lowerBound.nextDown },
      // A function of what the problem's own digest covers.
      Change(name: "referenceLoss", isIrreproducible: true) { $0.referenceLoss = 1.5 },
      Change(name: "lossUnit") { $0.lossUnit = $0.lossUnit.nextUp },
      Change(name: "targetMetric") { $0.targetMetric += "x" },
      Change(name: "targetValue") { $0.targetValue = $0.targetValue.nextUp },
      Change(name: "targetRule", isIrreproducible: true) { $0.targetRule += "x" },
      Change(name: "steps") { $0.steps += 1 },
      Change(name: "stepsPerEpoch") { $0.stepsPerEpoch += 1 },
      // Where numbers were written down changes none of them.
      Change(name: "recordedBy", isIrreproducible: true) { $0.recordedBy += "x" },
    ]
    for change in changes {
      var other = sample
      change.apply(&other.header.problems[0])
      #expect(
        (other.record.contentDigest == sample.record.contentDigest) == change.isIrreproducible,
        "\(change.name)")
    }
    expectEachLeafIsChanged(of: sample.header.problems[0], by: changes)
  }

  @Test func theRunsAndTheirOrderChangeTheDigestOfTheExperimentAndItsPlaceOfMakingDoesNot() {
    let sample = SampleExperiment()
    func changesDigest(_ change: (inout SampleExperiment) -> Void) -> Bool {
      var other = sample
      change(&other)
      return other.record.contentDigest != sample.record.contentDigest
    }
    #expect(changesDigest { $0.runs.swapAt(0, 1) })
    #expect(changesDigest { $0.runs.removeLast() })
    #expect(changesDigest { $0.header.specDigest = "0" })
    #expect(changesDigest { $0.header.problems.removeLast() })
    #expect(changesDigest { $0.header.problems.swapAt(0, 1) })
    #expect(!changesDigest { $0.header.provenance.cpu = "another" })
    #expect(!changesDigest { $0.header.provenance.created = "2027-01-01T00:00:00Z" })
  }

  /// A hyperparameter that no method of the problem has is stored as NaN.
  @Test func aHyperparameterThatIsNotANumberCountsAsNone() {
    let run = SampleExperiment.run(problem: "digits", index: 1)
    var other = run
    other.hyperparameters.append((name: "beta", value: .nan))
    #expect(other.contentDigest == run.contentDigest)
  }

  private static let columns = RunColumn.all.map { column in
    Change<RunRecord>(
      name: column.name,
      // The identity is a digest of what determines the run, which the content digest covers itself.
      isIrreproducible: [
        "wall_seconds", "training_seconds", "peak_memory_bytes", "run_identity",
        "gradient_difference", "objective_messages",
      ].contains(column.name)
    ) { run in
      switch column.property {
      case .text(let path):
        run[keyPath: path] = column.name == "outcome" ? "stalled" : run[keyPath: path] + "x"
      case .int32(let path): run[keyPath: path] += 1
      case .int64(let path): run[keyPath: path] += 1
      case .float64(let path): run[keyPath: path] = run[keyPath: path].nextUp
      case .flag(let path): run[keyPath: path].toggle()
      }
    }
  }

  /// What is not one value per run.
  private static let others: [Change<RunRecord>] = [
    Change(name: "key.problem") { $0.key = RunKey(problem: "x", run: $0.key.run) },
    Change(name: "key.run") { $0.key = RunKey(problem: $0.key.problem, run: "x") },
    Change(name: "hyperparameters: a value") { $0.hyperparameters[0].value = 0.5 },
    Change(name: "hyperparameters: a name") { $0.hyperparameters[1].name += "x" },
    Change(name: "clipFired") { $0.trajectory.clipFired[0] = 0 },
    Change(name: "further") { $0.trajectory.further = [] },
    Change(name: "further: a value") { $0.trajectory.further[0].values[3] += 1 },
    Change(name: "evaluations.steps") { $0.evaluations.steps[4] += 1 },
    Change(name: "evaluations.gradientEvaluations") {
      $0.evaluations.gradientEvaluations[4] += 1
    },
    Change(name: "evaluations.elapsedSeconds", isIrreproducible: true) {
      $0.evaluations.elapsedSeconds[4] += 1
    },
    Change(name: "provenance", isIrreproducible: true) { $0.provenance = Provenance() },
    Change(name: "flight") { $0.flight = nil },
    Change(name: "flight.steps") { $0.flight?.steps[2] += 1 },
    Change(name: "flight.tensors") { $0.flight?.tensors[1] += "x" },
    Change(name: "flight[.gradientNorm]") { $0.flight?[.gradientNorm][5] += 1 },
    Change(name: "flight[.updateNorm]") { $0.flight?[.updateNorm][5] += 1 },
    Change(name: "flight[.parameterNorm]") { $0.flight?[.parameterNorm][5] += 1 },
    Change(name: "tensors") { $0.tensors = nil },
    Change(name: "tensors.tensors") { $0.tensors?.tensors[1] += "x" },
    Change(name: "tensors[.gradientNorm]") { $0.tensors?[.gradientNorm][5] += 1 },
    Change(name: "tensors[.updateNorm]") { $0.tensors?[.updateNorm][5] += 1 },
    Change(name: "tensors[.parameterNorm]") { $0.tensors?[.parameterNorm][5] += 1 },
  ]

  private static let series = StepSeries.allCases.map { series in
    Change<RunRecord>(name: series.rawValue) { $0.trajectory[series][7].negate() }
  }

  private static let metrics = EvaluationMetric.allCases.map { metric in
    Change<RunRecord>(name: metric.rawValue) { $0.evaluations[metric][2].negate() }
  }

  private func expectEachLeafIsChanged<Value: Sendable>(
    of value: Value, by changes: [Change<Value>]
  ) {
    var untouched = Set(leaves(of: value).keys)
    for change in changes {
      var other = value
      change.apply(&other)
      untouched.subtract(changedLeaves(value, other))
    }
    #expect(untouched.sorted() == [], "no change tries these properties")
  }

  private func changedLeaves(_ a: Any, _ b: Any) -> Set<String> {
    let (a, b) = (leaves(of: a), leaves(of: b))
    return Set(a.keys.filter { a[$0] != b[$0] })
  }

  /// The stored properties by path, those of nested records apart, lists of lists by position.
  private func leaves(of value: Any, path: String = "") -> [String: String] {
    let mirror = Mirror(reflecting: value)
    let isNested =
      switch mirror.displayStyle {
      case .struct, .optional: mirror.children.count > 0
      case .collection: value is [[Float]]
      default: false
      }
    guard isNested else { return [path: String(describing: value)] }
    var found: [String: String] = [:]
    for (index, child) in mirror.children.enumerated() {
      let name = child.label ?? String(index)
      found.merge(leaves(of: child.value, path: "\(path).\(name)")) { $1 }
    }
    return found
  }
}
