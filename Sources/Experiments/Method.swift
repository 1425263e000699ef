package import Optimizers

/// An optimizer with a clipping strategy, a schedule and a learning rate: what a run trains with.
package struct Method: Sendable {
  package var optimizer: any Optimizer
  package var clipping: ClippingStrategy
  package var schedule: any Schedule
  /// The learning rate before the schedule.
  package var baseLearningRate: Double

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
