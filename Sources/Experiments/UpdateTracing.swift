internal import Analysis
internal import LinearAlgebra
internal import Optimizers
package import Records
internal import Settings
internal import Tensors

extension ExperimentPlan {
  /// What each method makes of the fixed sequence of `UpdateTrace`, by the trainer's own steps: without
  /// its schedule, at the catalog's learning rate for its optimizer, 0.01 at least, so that a step stands
  /// out from the rounding of a parameter.
  ///
  /// - Parameter altered: Puts another method in the place of a run's.
  package func updateTraces(
    altered: (PlannedRun, Method) -> Method = { $1 }
  ) -> [UpdateTrace] {
    Threads.useOneThread()
    var traces: [UpdateTrace] = []
    var known: Set<[Int]> = []
    for run in runs where known.insert([run.optimizer, run.variant, run.clipping]).inserted {
      let optimizer = spec.optimizers[run.optimizer]
      var method = method(for: run)
      method.schedule = ScheduleChoice.constant.schedule
      method.baseLearningRate = max(0.01, optimizer.defaultLearningRate)
      let setting = RunSetting(
        optimizer.variants[run.variant].values.map {
          RunSetting.Value(name: $0.name, text: $0.value.label)
        })
      let trace = FloatingPointMode.flushingDenormals {
        UpdateTrace(
          of: altered(run, method), optimizer: optimizer.label,
          clipping: spec.clippings[run.clipping].label, setting: setting.description)
      }
      if let trace { traces.append(trace) }
    }
    return traces
  }
}

extension UpdateTrace {
  /// Makes the steps of `method`; goes on whatever happens.
  fileprivate init?(of method: Method, optimizer: String, clipping: String, setting: String) {
    let problem = UpdateTraceProblem(isCurved: method.optimizer.demand.isElsewhere)
    guard
      var run = try? TrainingRun(
        problem: problem, method: method,
        plan: TrainingPlan(steps: Self.steps, evaluateEvery: Self.steps), seed: 0)
    else { return nil }
    let judge = OutcomeJudge(
      initialLoss: .nan, lowerBound: problem.lowerBound, lossUnit: problem.lossUnit,
      explosionFactor: .infinity)
    var parameters = run.parameters.values
    for step in 0..<Self.steps {
      _ = run.advance(step, judge: judge)
      parameters += run.parameters.values
    }
    self.init(
      optimizer: optimizer, clipping: clipping, setting: setting, parameters: parameters)
  }
}
