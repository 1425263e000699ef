import Analysis
import Records
import Testing

@Suite struct ExactGateTests {
  private let baseline = GateTests.result()

  private func compare(
    policy: GatePolicy = GatePolicy(), _ change: (inout ExperimentRecord) -> Void
  ) -> ExactComparison {
    var current = baseline
    change(&current)
    return ExactComparison(baseline: baseline, current: current, policy: policy)
  }

  @Test func `times and provenance may differ`() {
    let comparison = compare {
      $0.header.provenance.cpu = "another"
      $0.runs[0].wallSeconds = 99
      $0.runs[0].peakMemoryBytes = 1
      $0.runs[0].evaluations.elapsedSeconds = [9, 9, 9]
    }
    #expect(comparison.isPassed && comparison.runs == 40)
  }

  @Test func `what varies among the other runs of a file is no difference of a run`() {
    // A file that has grown holds runs of other methods, and a column for what these have.
    let grown = compare {
      for index in $0.runs.indices {
        $0.runs[index].hyperparameters.insert((name: "betas_1", value: .nan), at: 0)
      }
    }
    #expect(grown.isPassed && grown.runs == 40)
    let other = compare {
      $0.runs[0].hyperparameters = [("betas_1", 0.9), ("momentum", 0.8)]
    }
    #expect(other.differences.map(\.place) == [.summary("hyperparameters")])
  }

  @Test func `the first run, step and series are named with their distance`() throws {
    let comparison = compare {
      $0.runs[3].trajectory[.loss][40] = .nan
      $0.runs[3].trajectory[.gradientNorm][40] = 7
      $0.runs[7].trajectory[.loss][41] = $0.runs[7].trajectory[.loss][41].nextUp.nextUp
      $0.runs[9].trajectory[.gradientNorm][2] = 3
      $0.runs[9].evaluations[.trainLoss][0] = 9
    }
    #expect(!comparison.isPassed && comparison.differences.count == 3)
    #expect(
      comparison.differences.map(\.place) == [
        .evaluation(0, "train_loss"), .step(40, "loss"), .step(41, "loss"),
      ])
    #expect(comparison.differences.map(\.key) == [9, 3, 7].map { baseline.runs[$0].key })
    #expect(comparison.differences.map(\.unitsInLastPlace).last == 2)
    #expect(comparison.differences[1].unitsInLastPlace == nil)
    #expect(comparison.distances.map(\.step) == [2, 40, 41])
    #expect(comparison.distances[1].unitsInLastPlace == .max)
  }

  @Test func `a limit of units lets rounding through and nothing else`() throws {
    let policy = try GatePolicy("gate: 1\nexact: {units_in_last_place: 2}\n", file: "p.yml")
    func shifted(_ units: Int) -> ExactComparison {
      compare(policy: policy) {
        var value = $0.runs[5].trajectory[.loss][10]
        for _ in 0..<units { value = value.nextDown }
        $0.runs[5].trajectory[.loss][10] = value
      }
    }
    #expect(shifted(2).isPassed)
    let three = shifted(3)
    #expect(!three.isPassed && three.distances.map(\.step) == [10])
    #expect(three.distances.first?.unitsInLastPlace == 3 && three.distances.first?.runs == 1)
  }

  @Test func `what has no step is found too`() {
    let order = compare { $0.runs[0].dataOrderDigest = "other" }
    #expect(order.differences.map(\.place) == [.start("order of the examples")])
    let parameters = compare { $0.runs[0].initialParametersDigest = "other" }
    #expect(parameters.differences.map(\.place) == [.start("initial parameters")])
    let outcome = compare { $0.runs[0].outcome = .stalled }
    #expect(outcome.differences.map(\.place) == [.summary("outcome")])
    let spikes = compare { $0.runs[0].spikes += 1 }
    #expect(spikes.differences.map(\.place) == [.summary("spikes")])
    let tensors = compare {
      $0.runs[0].flight = Recording(
        steps: [0], tensors: ["x"],
        series: TensorNorm.allCases.map { RecordedSeries($0.quantity, [1]) })
    }
    #expect(tensors.differences.map(\.place) == [.summary("norms of the tensors")])
    let option = compare {
      $0.runs[0].config = #"{"optimizer": {"name": "sgd", "betas": [0.9, 0.99]}}"#
    }
    #expect(option.differences.map(\.place) == [.summary("config")])
    let evaluation = compare { $0.runs[0].evaluations[.testLoss][1] += 1 }
    #expect(evaluation.differences.map(\.place) == [.evaluation(50, "test_loss")])
    let shorter = compare {
      for series in $0.runs[0].trajectory.series.indices {
        $0.runs[0].trajectory.series[series] = Array(
          $0.runs[0].trajectory.series[series].prefix(60))
      }
      $0.runs[0].trajectory.clipFired = Array($0.runs[0].trajectory.clipFired.prefix(60))
    }
    #expect(shorter.differences.map(\.step) == [60])
  }

  @Test func `NaN equals NaN and differs from every number`() {
    var both = baseline
    both.runs[0].trajectory[.loss][3] = .nan
    #expect(ExactComparison(baseline: both, current: both, policy: GatePolicy()).isPassed)
    #expect(!ExactComparison(baseline: baseline, current: both, policy: GatePolicy()).isPassed)
  }

  @Test func `missing runs and another experiment fail`() {
    let missing = compare { $0.runs.removeLast() }
    #expect(!missing.isPassed && missing.obstacles.count == 2)
    let other = compare {
      $0.header.spec = "optbench: 1\nbudget: {steps: 9}\n"
      $0.header.specDigest = "other"
    }
    #expect(
      other.obstacles == [
        .otherSpec([
          ValueDifference(path: "budget", baseline: nil, current: #"{"steps":9}"#)
        ])
      ])
    #expect(other.runs == 0)
  }
}
