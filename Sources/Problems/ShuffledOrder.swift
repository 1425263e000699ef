import Settings
import Tensors

/// How the training examples are ordered.
enum DataOrder: String, CaseIterable {
  /// Shuffled anew for each epoch; the last batch of an epoch may be smaller, as in PyTorch's
  /// `DataLoader(shuffle=True)`.
  case reshuffle
  /// Shuffled once, then the same batches in each epoch; the last partial batch is left out.
  case fixed

  /// The order at a place in an experiment file; reshuffled where the file says nothing.
  static func read(_ setting: Setting?) throws(SettingsError) -> DataOrder {
    let name = try setting?.choice(of: allCases.map(\.rawValue), kind: "data order")
    return name.flatMap { DataOrder(rawValue: $0) } ?? .reshuffle
  }
}

/// Batches in an order drawn from `RandomStream(seed:, name: "data-order")`: 0..<count, shuffled by
/// Fisher–Yates from the end (`RandomStream.shuffle`); the next epoch shuffles the result again.
final class ShuffledOrder: BatchOrder {
  private let order: UnsafeMutableBufferPointer<Int32>
  private let batchSize: Int
  private let kind: DataOrder
  private var stream: RandomStream
  private var position: Int
  private var step = 0
  private var isShuffled = false

  init(count: Int, batchSize: Int, kind: DataOrder, seed: UInt64) {
    precondition(count >= batchSize && batchSize > 0, "batches of \(batchSize) of \(count)")
    self.batchSize = batchSize
    self.kind = kind
    stream = RandomStream(seed: seed, name: "data-order")
    order = .allocate(capacity: count)
    for index in 0..<count { order.initializeElement(at: index, to: Int32(index)) }
    position = count
  }

  deinit { order.deallocate() }

  /// The batches of one epoch.
  static func stepsPerEpoch(count: Int, batchSize: Int, kind: DataOrder) -> Int {
    kind == .fixed ? count / batchSize : (count + batchSize - 1) / batchSize
  }

  func next() -> Batch {
    startEpochIfNeeded()
    let size = min(batchSize, order.count - position)
    defer {
      position += size
      step += 1
    }
    return Batch(
      step: step, indices: UnsafeBufferPointer(rebasing: order[position..<position + size]))
  }

  /// Shuffles once for each epoch on the way.
  func skip(to step: Int) {
    precondition(step >= self.step, "the batch of step \(step) has been drawn")
    while self.step < step {
      startEpochIfNeeded()
      let batches = (order.count - position + batchSize - 1) / batchSize
      let whole = kind == .fixed ? (order.count - position) / batchSize : batches
      let skipped = min(step - self.step, whole)
      position = min(order.count, position + skipped * batchSize)
      self.step += skipped
    }
  }

  private func startEpochIfNeeded() {
    let left = order.count - position
    if left == 0 || (kind == .fixed && left < batchSize) { startEpoch() }
  }

  private func startEpoch() {
    position = 0
    guard kind == .reshuffle || !isShuffled else { return }
    isShuffled = true
    // The stream by itself: as a property it would be checked for exclusive access at every number.
    var numbers = stream
    for index in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(index, numbers.integer(below: index + 1))
    }
    stream = numbers
  }
}
