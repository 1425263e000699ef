internal import Records

/// What there is to say of a run journal after every block of it has been read.
public struct JournalVerification: Sendable, CustomStringConvertible {
  /// Whether nothing in it is damaged.
  public var isWhole: Bool { damage.isEmpty }
  private var finished = 0
  private var unfinished = 0
  private var damage: [String] = []

  /// - Throws: If it cannot be read or is no journal.
  public init(_ path: String) throws(StorageError) {
    var reader = try JournalReader(path)
    while let item = try reader.next() {
      switch item {
      case .run: finished += 1
      case .unfinished(_, _, let range):
        do throws(StorageError) {
          _ = try JournalReader.checkpoint(in: path, at: range)
          unfinished += 1
        } catch {
          damage.append(error.detail)
        }
      case .damage(let error): damage.append(error.detail)
      }
    }
  }

  public var description: String {
    let runs = "\(finished) finished runs, \(unfinished) with a checkpoint"
    guard let first = damage.first else { return "whole: \(runs)" }
    let others = damage.count - 1
    return first + (others > 0 ? ", and \(others) more places" : "") + "; intact are \(runs)"
  }
}
