import Analysis
import Experiments
import Foundation
import Records
import Reports
import Storage
import TestSupport
import Testing

/// What follows from a result of the robust protocol.
@Suite struct RecommendationTests {
  /// A small experiment, trained once for all tests here.
  private static let record: ExperimentRecord? = {
    guard let folder = try? TemporaryFolder(),
      let plan = try? ExperimentPlan(
        ExperimentSpec(
          RobustPlannerTests.text(
            optimizers: "sgd, momentum, adam, rprop",
            problems:
              "{name: bowl, function: {name: quadratic, dimension: 4, condition: 10, gradient_noise: 0.01}}",
            seeds: "12"),
          file: "robust.yml"), baseDirectory: "."),
      let archive = try? RunArchive(
        path: "\(folder.path)/r.h5", header: plan.header(provenance: Provenance())),
      let isDone = try? ExperimentRunner(plan: plan, jobs: 2).run(
        into: archive, report: { _ in }, isCancelled: { false }), isDone,
      let record = try? RunArchive.read("\(folder.path)/r.h5")
    else { return nil }
    return record
  }()

  private static let analysis = record.flatMap { ExperimentAnalysis(of: $0).problems[0].robust }

  @Test func theConstraintComesBeforeTheLoss() throws {
    let analysis = try #require(Self.analysis)
    var constraint = Recommendation.Constraint()
    for multiple in [1.0, 2, 4, 10] {
      constraint.multiple = multiple
      let found = Recommendation(of: analysis, constraint: constraint)
      // Of twelve runs the one-sided bound of all is 0.05^(1/12) = .779, of eleven .661.
      let rung = try #require(StressLadder.multiples.firstIndex(of: multiple))
      let meeting = analysis.methods.filter { $0.ladder?.rungs[rung].useful == 12 }
      let best = meeting.min { $0.tunedPosition < $1.tunedPosition }
      #expect(found.choice?.method.method == best?.method)
      if let choice = found.choice {
        #expect(abs(choice.leastShare - pow(0.05, 1.0 / 12)) < 1e-9)
      }
      let all =
        (found.choice == nil ? 0 : 1) + found.alternatives.count + found.beaten.count
        + found.excluded.count + found.untrained.count
      #expect(all == analysis.methods.count)
      #expect(!found.excluded.contains { $0.leastShare >= 0.7 })
    }
  }

  @Test func whatCannotBeShownNamesTheSeedsThatWould() throws {
    let analysis = try #require(Self.analysis)
    var constraint = Recommendation.Constraint()
    constraint.multiple = 1
    constraint.usefulShare = 0.95
    // 0.95^58 > 0.05 > 0.95^59.
    #expect(Recommendation.seedsNeeded(constraint) == 59)
    let found = Recommendation(of: analysis, constraint: constraint)
    #expect(found.choice == nil)
    let isAllUseful = found.excluded.first.map { $0.rung.useful == $0.rung.runs } ?? false
    #expect(found.seedsNeeded == (isAllUseful ? 59 : nil))
  }

  /// The gate compares the evaluation at multiples of each method's own rate: tuning seeds and the rates
  /// themselves may be others.
  @Test func theGateComparesMultiples() throws {
    let record = try #require(Self.record)
    let trained = try #require(Self.analysis).methods.count { $0.ladder != nil }
    let same = GateComparison(baseline: record, current: record, policy: GatePolicy())
    #expect(same.isPassed && same.seeds == 12 && same.settings == 7 * trained)

    // A method fails at twice its rate, which another tuning has made another one.
    let method = try #require(
      Self.analysis?.methods.first { $0.ladder?.rungs[StressLadder.tuned + 1].failed == 0 }
    ).method
    var current = record
    let purposes = Dictionary(record.header.plan.map { ($0.key, $0.purpose) }) { first, _ in first }
    for index in current.runs.indices where current.runs[index].optimizer == method.optimizer {
      current.runs[index].baseLearningRate *= 1.01
      guard purposes[current.runs[index].key] == .evaluation(multiple: 2) else { continue }
      current.runs[index].outcome = .exploded
    }
    let worse = GateComparison(baseline: record, current: current, policy: GatePolicy())
    #expect(worse.settings == 7 * trained && !worse.isPassed)
    #expect(GateReport(worse).failures.contains { $0.message.contains("2× its tuned rate") })
  }

  @Test func theAuditComparesOrders() throws {
    let analysis = try #require(Self.analysis)
    let audit = RobustAudit(analysis)
    #expect(audit.methods == analysis.methods.count { $0.ladder != nil })
    // A function has one loss only, so that no other could rank.
    #expect(audit.rows.count == 1)
    for row in audit.rows {
      for value in [row.tunedLoss, row.overshootRegret, row.robustProgress] {
        #expect(value.map { (-1.0...1).contains($0) } ?? true)
      }
    }
    #expect(audit.anchorShift.map { $0 >= 0 } == true)
  }
}
