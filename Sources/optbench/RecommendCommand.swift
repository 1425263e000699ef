import Analysis
import ArgumentParser
import Foundation
import Records
import Reports
import Settings
import Storage

/// `optbench recommend`: which method to take for a model like these.
struct RecommendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend",
    abstract:
      "Says which optimizer, clip and learning rate to take, from results of the robust protocol.",
    discussion: """
      First what must not go wrong: at a multiple of its tuned learning rate a method has to stay useful \
      in a share of runs, with 95% confidence. Of the methods that do, the one with the lowest tuned loss \
      is named, with what the seeds cannot tell from it, what was left out and why, and how many more \
      seeds would settle what is open. The results come from experiment files with protocol: robust.

      EXAMPLES
        optbench recommend results/digits-depth.h5
        optbench recommend results/*.h5 --useful-at 4 --share 0.5
        optbench recommend results/digits-depth.h5 --problem digits-depth-6
      """)

  @Argument(help: "Result files (HDF5).", completion: .file(extensions: ["h5"]))
  var files: [String]

  @Option(
    help: "The multiple of its tuned rate at which a method has to stay useful: 1, 2, 4 or 10.")
  var usefulAt = 2.0

  @Option(help: "In which share of runs, above 0 and below 1.")
  var share = 0.7

  @Option(help: "Only this problem.")
  var problem: String?

  func run() throws {
    try reportingErrors {
      let constraint = try constraint()
      var texts: [String] = []
      var all: [Recommendation] = []
      var names: [String] = []
      for file in files {
        let record = try RunArchive.read(file)
        let analysis = ExperimentAnalysis(of: record)
        guard analysis.isRobust else {
          let reason =
            "\(file): its runs are those of a grid, whose rankings depend on the grid; recommend takes "
            + "results of experiment files with 'protocol: robust' (docs/protocol.md)"
          guard files.count > 1 else { throw CommandFailure(reason) }
          printDiagnostic(reason + "; left out")
          continue
        }
        for problem in analysis.problems {
          names.append(problem.problem.name)
          guard self.problem.map({ $0 == problem.problem.name }) ?? true,
            let robust = problem.robust
          else { continue }
          let recommendation = Recommendation(of: robust, constraint: constraint)
          all.append(recommendation)
          texts.append(
            RecommendationText.render(
              recommendation, training: training(problem.problem.steps, record.header.spec)))
        }
      }
      guard !texts.isEmpty else {
        guard let problem, !names.isEmpty else {
          throw CommandFailure("none of these files holds results of the robust protocol")
        }
        throw CommandFailure(
          "--problem \(problem): no such problem; there are: \(names.joined(separator: ", "))"
        )
      }
      if let everywhere = RecommendationText.everywhere(all) { texts.append(everywhere) }
      try printAnswer((texts + [RecommendationText.limits]).joined(separator: "\n\n"))
    }
  }

  private func constraint() throws -> Recommendation.Constraint {
    let allowed = StressLadder.multiples.filter { $0 >= 1 }
    guard allowed.contains(usefulAt) else {
      throw CommandFailure(
        "--useful-at \(numberLabel(usefulAt)): every method was run at multiples of its rate; allowed: "
          + allowed.map { numberLabel($0) }.joined(separator: ", "))
    }
    guard share > 0, share < 1 else {
      throw CommandFailure("--share \(numberLabel(share)): give a share above 0 and below 1")
    }
    var constraint = Recommendation.Constraint()
    constraint.multiple = usefulAt
    constraint.usefulShare = share
    return constraint
  }

  /// How the runs of a problem trained.
  private func training(_ steps: Int, _ spec: String) -> String {
    let setting = try? Setting.parse(spec, file: "spec")
    let schedule = setting?.value(of: "schedule")?.canonicalJSON ?? "cosine"
    return "\(steps) steps, schedule \(schedule.filter { $0 != "\"" })"
  }
}
