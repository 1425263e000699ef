import Experiments
import Optimizers
import Problems
import Records
import Settings

/// Everything that a run is made of, laid open for a mutant to alter.
struct Specimen {
  /// The labels of the experiment file.
  let optimizer: String
  let clipping: String
  let seed: Int
  var problem: any TestProblem
  var method: Method
  var plan: TrainingPlan
  /// What happens to the finished record.
  var recording: @Sendable (inout RunRecord) -> Void = { _ in }

  /// Replaces the optimizer by the catalog's of these words.
  mutating func takeOptimizer(_ words: String) {
    method.optimizer = made(words) { setting throws(SettingsError) in
      try OptimizerChoice.read(setting).optimizer
    }
  }

  /// Replaces the clipping strategy by the catalog's of these words.
  mutating func takeClipping(_ words: String) {
    method.clipping = made(words, ClippingStrategy.read)
  }

  /// Replaces the schedule by the catalog's of these words.
  mutating func takeSchedule(_ words: String) {
    method.schedule = made(words) { setting throws(SettingsError) in
      try scheduleCatalog.make(scheduleCatalog.choice(at: setting), at: setting)
    }
  }

  /// Puts `change` between the trainer and the optimizer.
  mutating func alterOptimizer(_ change: OptimizerChange) {
    method.optimizer = AlteredOptimizer(base: method.optimizer, change: change)
  }

  /// Puts `change` between the trainer and the problem.
  mutating func alterProblem(_ change: ProblemChange) {
    problem = AlteredProblem(base: problem, change: change)
  }
}

/// What the words of an experiment file make; the mutants' words are part of the program.
private func made<Value>(_ words: String, _ read: (Setting) throws(SettingsError) -> Value) -> Value
{
  do {
    return try read(try Setting.parse(words, file: "mutant"))
  } catch {
    preconditionFailure("\(error)")
  }
}
