import Digests
import Tensors

/// Examples with their targets, in memory: what a data set's files hold before any split.
///
/// Bytes stay bytes and become floats when a batch is gathered, which keeps the memory at a quarter.
/// The rows of a table may overlap, as the windows of a text do: row i starts at element i·stride of
/// the features and of the targets.
final class ExampleTable: Sendable {
  let count: Int
  /// The floats of one example as a model sees it.
  let width: Int
  /// The targets of one example: 1, or one for each time step.
  let targetsPerExample: Int
  /// SHA-256 of features and targets.
  let digest: String
  private let bytes: [UInt8]
  /// Features that are not bytes.
  private let wideFeatures: ExampleFeatures?
  private let labels: [Int32]
  private let values: [Float]
  private let stride: Int
  private let targetStride: Int
  /// The labels, or the values, of one example.
  let targetWidth: Int
  private let coarseScale: Float
  private let fineScale: Float

  /// A table of `labels.count` examples of bytes with a class each.
  ///
  /// - Parameter divisor: What a byte is divided by: its greatest value, from 1 to 255.
  init(bytes: [UInt8], labels: [UInt8], width: Int, divisor: Int) {
    precondition(bytes.count == labels.count * width, "\(bytes.count) features")
    self.bytes = LargeMemory.copy(of: bytes)
    wideFeatures = nil
    self.labels = labels.map { Int32($0) }
    values = []
    self.width = width
    count = labels.count
    targetsPerExample = 1
    stride = width
    targetStride = 1
    targetWidth = 1
    (coarseScale, fineScale) = Self.scales(divisor: divisor)
    var digest = Digest()
    digest.add(count)
    digest.add(width)
    digest.add(divisor)
    bytes.withUnsafeBytes { digest.add($0) }
    labels.withUnsafeBytes { digest.add($0) }
    self.digest = digest.finish()
  }

  /// A table of examples of any kind.
  ///
  /// - Parameters:
  ///   - columns: The stored elements of one example.
  ///   - stride: The elements from the start of one example to that of the next, in the features and
  ///     in the targets; nil where the examples do not overlap.
  init(
    count: Int, features: ExampleFeatures, columns: Int, targets: ExampleTargets,
    targetsPerExample: Int = 1, stride: Int? = nil
  ) {
    precondition(stride == nil || targetsPerExample == columns, "targets do not move with features")
    let span = { (width: Int, stride: Int) in count == 0 ? 0 : (count - 1) * stride + width }
    self.count = count
    self.stride = stride ?? columns
    self.targetsPerExample = targetsPerExample
    var digest = Digest()
    digest.add(count)
    digest.add(columns)
    digest.add(self.stride)
    let needed = span(columns, self.stride)
    switch features {
    case .bytes(let bytes, let divisor):
      precondition(bytes.count == needed, "\(bytes.count) features, not \(needed)")
      self.bytes = LargeMemory.copy(of: bytes)
      wideFeatures = nil
      width = columns
      (coarseScale, fineScale) = Self.scales(divisor: divisor)
      digest.add("bytes")
      digest.add(divisor)
      bytes.withUnsafeBytes { digest.add($0) }
    case .floats(let floats):
      precondition(floats.count == needed, "\(floats.count) features, not \(needed)")
      bytes = []
      wideFeatures = features
      width = columns
      (coarseScale, fineScale) = (1, 0)
      digest.add("floats")
      floats.withUnsafeBytes { digest.add($0) }
    case .oneHot(let codes, let kinds):
      precondition(codes.count == needed, "\(codes.count) features, not \(needed)")
      bytes = []
      wideFeatures = features
      width = columns * kinds
      (coarseScale, fineScale) = (1, 0)
      digest.add("one-hot")
      digest.add(kinds)
      codes.withUnsafeBytes { digest.add($0) }
    }
    digest.add(targetsPerExample)
    switch targets {
    case .classes(let labels):
      self.labels = labels
      values = []
      targetWidth = targetsPerExample
      targetStride = stride ?? targetWidth
      precondition(labels.count == span(targetWidth, targetStride), "\(labels.count) labels")
      digest.add("classes")
      digest.add(labels)
    case .values(let values, let width):
      self.values = values
      labels = []
      targetWidth = targetsPerExample * width
      targetStride = targetWidth
      precondition(values.count == count * targetWidth, "\(values.count) target values")
      digest.add("values")
      digest.add(width)
      digest.add(values)
    }
    self.digest = digest.finish()
  }

  /// The same examples with other classes; the features are shared.
  private init(_ table: ExampleTable, labels: [Int32], digest: String) {
    count = table.count
    width = table.width
    targetsPerExample = table.targetsPerExample
    bytes = table.bytes
    wideFeatures = table.wideFeatures
    self.labels = labels
    values = table.values
    stride = table.stride
    targetStride = table.targetStride
    targetWidth = table.targetWidth
    coarseScale = table.coarseScale
    fineScale = table.fineScale
    self.digest = digest
  }

  /// The same examples, with the classes in `chosen` numbered from 0 in that order and all others −1.
  func renumbered(_ chosen: [Int]) -> ExampleTable {
    var digest = Digest()
    digest.add(self.digest)
    digest.add(chosen.map { Int32($0) })
    let labels = labels.map { label in
      Int32(chosen.firstIndex(of: Int(label)) ?? -1)
    }
    return ExampleTable(self, labels: labels, digest: digest.finish())
  }

  /// byte/divisor, rounded as a division rounds it, for the price of two products: the coarse scale
  /// has 16 bits, so that its product with a byte is exact.
  private static func scales(divisor: Int) -> (coarse: Float, fine: Float) {
    let scale = 1 / Double(divisor)
    let coarse = Float(bitPattern: Float(scale).bitPattern & ~0xFF)
    return (coarse, Float(scale - Double(coarse)))
  }

  /// Announces that example `row` will be copied soon.
  func prepare(_ row: Int) {
    guard wideFeatures == nil else { return }
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, row >= 0 && row < count else { return }
      prefetch(start + row * stride, byteCount: width)
    }
  }

  /// Writes the features of example `row` to `features` as floats.
  func copyFeatures(of row: Int, to target: UnsafeMutablePointer<Float>) {
    precondition(row >= 0 && row < count, "no example \(row) of \(count)")
    guard wideFeatures == nil else { return copyWideFeatures(of: row, to: target) }
    bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress.map({ $0 + row * stride }) else { return }
      for column in 0..<width {
        let byte = Float(start[column])
        target[column] = byte * coarseScale + byte * fineScale
      }
    }
  }

  private func copyWideFeatures(of row: Int, to target: UnsafeMutablePointer<Float>) {
    let start = row * stride
    switch wideFeatures {
    case .floats(let floats):
      floats.withUnsafeBufferPointer { floats in
        guard let base = floats.baseAddress else { return }
        target.update(from: base + start, count: width)
      }
    case .oneHot(let codes, let kinds):
      target.update(repeating: 0, count: width)
      for step in 0..<width / kinds { target[step * kinds + Int(codes[start + step])] = 1 }
    case .bytes, nil: return
    }
  }

  /// The class of example `row`, which has one.
  func label(of row: Int) -> Int32 { labels[row] }

  /// Writes the classes of example `row`, one for each of its targets.
  func copyLabels(of row: Int, to target: UnsafeMutablePointer<Int32>) {
    for index in 0..<targetWidth { target[index] = labels[row * targetStride + index] }
  }

  /// Writes the values of example `row`'s targets.
  func copyValues(of row: Int, to target: UnsafeMutablePointer<Float>) {
    for index in 0..<targetWidth { target[index] = values[row * targetStride + index] }
  }

  /// Whether the targets are values, not classes.
  var hasValues: Bool { !values.isEmpty }
}

/// The features of a table as they are stored.
enum ExampleFeatures: Sendable {
  case bytes([UInt8], divisor: Int)
  case floats([Float])
  /// Codes from 0 to `kinds` − 1, each of which a model sees as a vector of zeros with a one.
  case oneHot([Int32], kinds: Int)
}

/// The targets of a table.
enum ExampleTargets: Sendable {
  /// A class from 0 for each target.
  case classes([Int32])
  /// `width` values for each target.
  case values([Float], width: Int)
}
