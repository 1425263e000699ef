import Experiments
import Foundation
import Settings

/// An experiment file and what the command line says in place of it.
struct ExperimentChoice {
  let file: String
  var seeds: String?
  var overrides: [String] = []
  var mostRuns: Int?

  func spec() throws -> ExperimentSpec {
    let seeds = try self.seeds.map(SeedList.init)
    var text = try readText(file)
    for override in overrides {
      text = try SettingOverride(override).applied(to: text, file: file)
    }
    let place = overrides.isEmpty ? file : "\(file) with --set"
    return try ExperimentSpec(text, file: place, seeds: seeds?.values)
  }

  func plan(_ spec: ExperimentSpec) throws -> ExperimentPlan {
    try ExperimentPlan(
      spec, baseDirectory: URL(fileURLWithPath: file).deletingLastPathComponent().path,
      mostRuns: mostRuns ?? ExperimentPlan.defaultMostRuns)
  }
}
