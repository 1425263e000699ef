import Networks
import Settings
import Tensors

/// Synthetic images in the shape of CIFAR-10, for trying out a convolutional network where the data
/// set itself is missing. They are no photographs, and results on them say nothing about CIFAR-10.
///
/// Each class has a pattern: for each channel a sum of four cosine waves of random direction and
/// phase, with one to four periods over the image. An image is its class' pattern, moved around the
/// edges by random amounts, at a random contrast from ½ to 1, plus noise, in bytes:
/// 128 + contrast·pattern·48 + noise·(b₁ + b₂ − 255) with two random bytes.
struct SyntheticImages: ExampleGenerator {
  let classes: Int
  let noise: Double

  private static let side = 32
  private static let channels = 3
  private static let waves = 4

  var name: String { "synthetic-images" }
  var title: String { "synthetic images in the shape of CIFAR, \(classes) classes" }
  var exampleShape: [Int] { [Self.side, Self.side, Self.channels] }
  var targets: TargetKind { .classes(classes) }

  /// Classes take turns; each example takes its move, its contrast and a word for each two values.
  func makeExamples(
    count: Int, structure: inout RandomStream, stream: inout RandomStream
  ) -> ExampleTable {
    let (side, channels) = (Self.side, Self.channels)
    let size = side * side * channels
    let patterns = (0..<classes).map { _ in pattern(&structure) }
    var bytes = [UInt8](repeating: 0, count: count * size)
    var labels: [Int32] = []
    let strength = Float(noise)
    for example in 0..<count {
      let label = example % classes
      labels.append(Int32(label))
      let pattern = patterns[label]
      let (down, right) = (stream.integer(below: side), stream.integer(below: side))
      let contrast = Float(0.5 + 0.5 * stream.uniform())
      var word: UInt32 = 0
      for index in 0..<size {
        word = index & 1 == 0 ? stream.nextWord() : word >> 16
        let (row, column, channel) = (
          index / (side * channels), index / channels % side, index % channels
        )
        let source = ((row + down) % side * side + (column + right) % side) * channels + channel
        let dither = Float(Int(word & 0xFF) + Int(word >> 8 & 0xFF) - 255)
        let value = 128 + contrast * pattern[source] * 48 + strength * dither
        bytes[example * size + index] = UInt8(min(max(value.rounded(), 0), 255))
      }
    }
    return ExampleTable(
      count: count, features: .bytes(bytes, divisor: 255), columns: size,
      targets: .classes(labels))
  }

  /// A class' pattern, of variance about 1.
  private func pattern(_ structure: inout RandomStream) -> [Float] {
    let (side, channels) = (Self.side, Self.channels)
    var result = [Float](repeating: 0, count: side * side * channels)
    let amplitude = (2 / Double(Self.waves)).squareRoot()
    for channel in 0..<channels {
      for _ in 0..<Self.waves {
        let across = Double(1 + structure.integer(below: 4))
        let along = Double(structure.integer(below: 9) - 4)
        let phase = 2 * Double.pi * structure.uniform()
        for row in 0..<side {
          for column in 0..<side {
            let angle =
              2 * Double.pi * (across * Double(column) + along * Double(row)) / Double(side)
            result[(row * side + column) * channels + channel] += Float(
              amplitude * cosine(angle + phase))
          }
        }
      }
    }
    return result
  }

  static let entry = GeneratedDataset.entry(
    name: "synthetic-images",
    summary: "synthetic images in the shape of CIFAR-10, 32×32×3: no photographs",
    reference: "", sizes: (5000, 1000, 1000),
    options: [
      Hyperparameter("classes", .integer(2...100), default: .integer(10), "patterns"),
      Hyperparameter(
        "noise", .number(.nonnegative), default: .number(0.25),
        "strength of the noise; 0.5 is as strong as a pattern"),
    ]
  ) { SyntheticImages(classes: $0.integer("classes"), noise: $0.number("noise")) }
}
