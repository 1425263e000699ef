package import Optimizers

/// An optimizer with a clipping strategy, a schedule and a learning rate: what a run trains with.
package struct Method: Sendable {
  var optimizer: any Optimizer
  var clipping: ClippingStrategy
  var schedule: any Schedule
  /// The learning rate before the schedule.
  var baseLearningRate: Double

  package init(
    optimizer: any Optimizer, clipping: ClippingStrategy, schedule: any Schedule,
    baseLearningRate: Double
  ) {
    self.optimizer = optimizer
    self.clipping = clipping
    self.schedule = schedule
    self.baseLearningRate = baseLearningRate
  }
}
