import Analysis
import Experiments
import Foundation
import Records
import Storage
import TestSupport
import Testing

/// What follows from a result of the robust protocol.
@Suite struct RecommendationTests {
  /// A small experiment, trained once for all tests here.
  private static let analysis: RobustAnalysis? = {
    guard let folder = try? TemporaryFolder(),
      let plan = try? ExperimentPlan(
        ExperimentSpec(
          RobustPlannerTests.text(optimizers: "sgd, momentum, adam, rprop", seeds: "12"),
          file: "robust.yml"), baseDirectory: "."),
      let archive = try? RunArchive(
        path: "\(folder.path)/r.h5", header: plan.header(provenance: Provenance())),
      let isDone = try? ExperimentRunner(plan: plan, jobs: 2).run(
        into: archive, report: { _ in }, isCancelled: { false }), isDone,
      let record = try? RunArchive.read("\(folder.path)/r.h5")
    else { return nil }
    return ExperimentAnalysis(of: record).problems[0].robust
  }()

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
