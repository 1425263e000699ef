/// A run on its way: what it has recorded, and what its further steps depend on.
///
/// The names of numbers and arrays belong to the program that trains; a store keeps them as they are.
public struct RunCheckpoint {
  /// The run so far. How it ends is not filled in; its flight recording is that of the last steps.
  public var run: RunRecord
  /// Updates done.
  public var step: Int
  public var integers: [String: Int64] = [:]
  public var numbers: [String: Double] = [:]
  public var arrays: [CheckpointArray] = []

  public init(run: RunRecord, step: Int) {
    self.run = run
    self.step = step
  }

  /// The array called `name`; nil unless there is one, of `count` numbers.
  public func array(_ name: String, count: Int) -> CheckpointArray? {
    let found = arrays.filter { $0.name == name }
    return found.count == 1 && found[0].count == count ? found[0] : nil
  }
}

/// Numbers of a run's state, which may still lie where the run works on them.
public struct CheckpointArray {
  public let name: String
  public let count: Int
  private let memory: UnsafeBufferPointer<Float>
  private let owner: AnyObject

  /// The numbers in `memory`, which lasts as long as `owner`. They are those of the moment at which they
  /// are read: nothing is copied.
  public init(_ name: String, in memory: UnsafeBufferPointer<Float>, of owner: AnyObject) {
    self.name = name
    self.memory = memory
    self.owner = owner
    count = memory.count
  }

  /// Numbers of its own.
  public init(_ name: String, _ values: [Float]) {
    let owner = Values(values)
    self.init(name, in: UnsafeBufferPointer(owner.memory), of: owner)
  }

  public func withValues<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(memory)
  }

  private final class Values {
    let memory: UnsafeMutableBufferPointer<Float>

    init(_ values: [Float]) {
      memory = .allocate(capacity: values.count)
      _ = memory.initialize(from: values)
    }

    deinit { memory.deallocate() }
  }
}
