package import Records

/// How a run is kept on its way.
package struct Checkpointing {
  /// Gives from where it goes on, nil for the beginning; asked once, as a state may be large.
  package var latest: () -> RunCheckpoint?
  /// Between two checkpoints; one more is made where the run is stopped.
  package var seconds: Double
  /// Keeps a checkpoint, whose arrays change with the next step.
  package var keep: (RunCheckpoint) -> Void

  package init(
    latest: @escaping () -> RunCheckpoint? = { nil }, seconds: Double,
    keep: @escaping (RunCheckpoint) -> Void
  ) {
    self.latest = latest
    self.seconds = seconds
    self.keep = keep
  }
}

/// When the next checkpoint of a run is due.
struct CheckpointTimer {
  private let checkpointing: Checkpointing
  private let clock = ContinuousClock()
  private var kept: ContinuousClock.Instant
  private var keptStep: Int

  /// - Parameter step: After which the run goes on.
  init(_ checkpointing: Checkpointing, after step: Int) {
    self.checkpointing = checkpointing
    kept = clock.now
    keptStep = step
  }

  /// Whether the state after `step` updates is to be kept.
  func isDue(after step: Int, isStopping: Bool) -> Bool {
    step > keptStep
      && (isStopping || (clock.now - kept) / .seconds(1) >= checkpointing.seconds)
  }

  mutating func keep(_ checkpoint: RunCheckpoint) {
    checkpointing.keep(checkpoint)
    kept = clock.now
    keptStep = checkpoint.step
  }
}
