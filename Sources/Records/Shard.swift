/// A part of an experiment's runs, which trains on its own: every n-th run of a round of the plan.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
  /// From 0.
  public let index: Int
  public let count: Int

  /// The most shards of an experiment.
  public static let most = 100_000

  /// Nil unless `index` is one of `count` shards.
  public init?(index: Int, of count: Int) {
    guard (1...Self.most).contains(count), (0..<count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// The shard that `text` names, such as `3/8`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
    self.init(index: index, of: count)
  }

  /// `3/8`.
  public var description: String { "\(index)/\(count)" }

  /// Whether the run at `position` of a round, from 0, belongs to the shard, whatever is finished already.
  public func takes(_ position: Int) -> Bool { position % count == index }

  /// Where the shard's own result lies, `results/e.shards/3-of-8.h5` for `results/e.h5`.
  public func path(of result: String) -> String {
    "\(Self.folder(of: result))/\(index)-of-\(count).h5"
  }

  /// The folder of all shards of a result.
  public static func folder(of result: String) -> String {
    (result.hasSuffix(".h5") ? String(result.dropLast(3)) : result) + ".shards"
  }
}
