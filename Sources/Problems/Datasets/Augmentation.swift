import Digests
import Tensors

/// Random changes to the images of training batches that leave their class what it is: a shift, and
/// a reflection.
///
/// The image is padded with `padding` black pixels on each side and cut back to its size at a random
/// place, then reflected left to right with probability ½ (Krizhevsky et al., 2012; He et al., 2016).
///
/// The noise is a function of the run's seed, the step and the example's place in the batch: image i
/// of step t uses block i of `RandomStream(seed:, name: "augmentation", part: t)`, a word each for
/// the row, the column and the reflection. All methods meet the same images, and two gradients of
/// one step do as well.
struct Augmentation: Sendable, Equatable {
  let padding: Int
  let reflects: Bool
  let height: Int
  let width: Int
  let channels: Int

  /// Changes `count` images in place.
  ///
  /// - Parameters:
  ///   - black: What a black pixel's features are after scaling, for the whole image; nil means 0.
  ///   - scratch: Memory for one image.
  func apply(
    to images: UnsafeMutablePointer<Float>, count: Int, black: [Float]?, seed: UInt64, step: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var stream = RandomStream(
      seed: seed, name: "augmentation", part: UInt32(truncatingIfNeeded: step))
    let size = height * width * channels
    for index in 0..<count {
      stream.jump(toBlock: UInt64(index))
      // The words are used directly: `integer(below:)` may take several.
      let down = shift(stream.nextWord())
      let right = shift(stream.nextWord())
      let isReflected = reflects && stream.nextWord() & 1 == 1
      guard down != 0 || right != 0 || isReflected else { continue }
      let image = images + index * size
      scratch.update(from: image, count: size)
      for row in 0..<height {
        for column in 0..<width {
          let target = (row * width + column) * channels
          let sourceRow = row + down
          let place = isReflected ? width - 1 - column : column
          let sourceColumn = place + right
          let isInside =
            sourceRow >= 0 && sourceRow < height && sourceColumn >= 0 && sourceColumn < width
          let source = (sourceRow * width + sourceColumn) * channels
          for channel in 0..<channels {
            image[target + channel] =
              isInside ? scratch[source + channel] : black?[target + channel] ?? 0
          }
        }
      }
    }
  }

  /// A shift from −padding to padding; the bias of 2·padding + 1 in 2³² is below 10⁻⁷.
  private func shift(_ word: UInt32) -> Int {
    Int((UInt64(word) * UInt64(2 * padding + 1)) >> 32) - padding
  }

  func add(to digest: inout Digest) {
    for number in [padding, reflects ? 1 : 0, height, width, channels] { digest.add(number) }
  }
}
