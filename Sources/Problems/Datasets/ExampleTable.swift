import Digests
import Tensors

/// Labelled examples as a data set stores them, one byte a feature; turned into floats when a batch
/// is gathered, which keeps the memory at a quarter.
final class ExampleTable: Sendable {
  let count: Int
  /// The features of one example.
  let width: Int
  /// SHA-256 of features, divisor and labels.
  let digest: String
  private let features: [UInt8]
  private let labels: [UInt8]
  private let coarseScale: Float
  private let fineScale: Float

  /// A table of `labels.count` examples.
  ///
  /// - Parameter divisor: What a byte is divided by: its greatest value, from 1 to 255.
  init(features: [UInt8], labels: [UInt8], width: Int, divisor: Int) {
    precondition(features.count == labels.count * width, "\(features.count) features")
    self.features = features
    self.labels = labels
    self.width = width
    count = labels.count
    // byte/divisor, rounded as a division rounds it, for the price of two products: the coarse
    // scale has 16 bits, so that its product with a byte is exact.
    let scale = 1 / Double(divisor)
    coarseScale = Float(bitPattern: Float(scale).bitPattern & ~0xFF)
    fineScale = Float(scale - Double(coarseScale))
    var digest = Digest()
    digest.add(count)
    digest.add(width)
    digest.add(divisor)
    features.withUnsafeBytes { digest.add($0) }
    labels.withUnsafeBytes { digest.add($0) }
    self.digest = digest.finish()
  }

  /// Announces that example `row` will be copied soon.
  func prepare(_ row: Int) {
    features.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, row >= 0 && row < count else { return }
      prefetch(start + row * width, byteCount: width)
    }
  }

  /// Writes the features of example `row` to `features` as floats.
  func copyFeatures(of row: Int, to target: UnsafeMutablePointer<Float>) {
    precondition(row >= 0 && row < count, "no example \(row) of \(count)")
    features.withUnsafeBufferPointer { features in
      guard let start = features.baseAddress.map({ $0 + row * width }) else { return }
      for column in 0..<width {
        let byte = Float(start[column])
        target[column] = byte * coarseScale + byte * fineScale
      }
    }
  }

  /// The class of example `row`.
  func label(of row: Int) -> Int32 { Int32(labels[row]) }
}
