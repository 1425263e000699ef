import ArgumentParser
import Experiments
import Records
import Storage

/// Where `optbench run` keeps its runs: in the experiment's result, or in a shard's.
enum ResultStore {
  case whole(RunArchive)
  case shard(ShardArchive, Shard)

  init(
    _ path: String, _ shard: Shard?, header: ExperimentHeader, keepsRuns: Bool
  ) throws(StorageError) {
    if let shard {
      self = .shard(
        try ShardArchive(shard, of: path, header: header, keepsRuns: keepsRuns), shard)
    } else {
      self = .whole(try RunArchive(path: path, header: header, keepsRuns: keepsRuns))
    }
  }

  var path: String {
    switch self {
    case .whole(let archive): archive.path
    case .shard(let archive, _): archive.path
    }
  }

  var warnings: [String] {
    switch self {
    case .whole(let archive): archive.warnings
    case .shard(let archive, _): archive.warnings
    }
  }

  func say(_ progress: WriterProgress) {
    switch self {
    case .whole(let archive): archive.say(progress)
    case .shard(let archive, _): archive.say(progress)
    }
  }

  /// Trains what is to be kept here.
  func run(
    by runner: ExperimentRunner, report: @escaping @Sendable (ExperimentProgress) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> ExperimentEnd {
    switch self {
    case .whole(let archive):
      try runner.run(into: archive, report: report, isCancelled: isCancelled)
        ? .complete : .cancelled
    case .shard(let archive, let shard):
      try runner.run(shard, into: archive, report: report, isCancelled: isCancelled)
    }
  }
}

extension ExitCode {
  /// EX_TEMPFAIL of sysexits.h: the same command goes on, or has better luck, another time.
  static let tryAgain = ExitCode(75)
}
