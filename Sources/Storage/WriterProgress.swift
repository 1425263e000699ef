/// How far the process is that writes a result, as its lock file says for others.
public struct WriterProgress: Sendable, Equatable {
  /// Runs finished, those of earlier calls included.
  public var finished: Int
  /// Runs planned so far: a plan in rounds grows.
  public var planned: Int
  /// Runs trained at the same time.
  public var jobs: Int
  public var elapsedSeconds: Double
  /// NaN before the first run has finished.
  public var remainingSeconds: Double

  public init(
    finished: Int, planned: Int, jobs: Int, elapsedSeconds: Double, remainingSeconds: Double?
  ) {
    self.finished = finished
    self.planned = planned
    self.jobs = jobs
    self.elapsedSeconds = elapsedSeconds
    self.remainingSeconds = remainingSeconds ?? .nan
  }

  /// One line.
  var text: String { "\(finished) \(planned) \(jobs) \(elapsedSeconds) \(remainingSeconds)" }

  /// What `text` wrote; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 5, let finished = Int(parts[0]), let planned = Int(parts[1]),
      let jobs = Int(parts[2]), let elapsed = Double(parts[3]), let remaining = Double(parts[4]),
      (0...planned).contains(finished)
    else { return nil }
    self.init(
      finished: finished, planned: planned, jobs: jobs, elapsedSeconds: elapsed,
      remainingSeconds: remaining)
  }
}
