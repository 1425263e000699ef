import Tensors

/// Maximum and mean over the windows of images `[rows, height, width, channels]`, forward and
/// backward, sixteen channels at a time.
///
/// Outputs are followed by fifteen floats that may be written: the last channels of a place reach
/// into the next place, which comes afterwards.
enum Pooling {
  /// y ← the largest of each window, and the pixel of the image where it lies, for the gradient.
  ///
  /// Of equal ones the first counts, and NaN is larger than all: as in PyTorch. Padding never wins.
  static func maximum(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    winners: UnsafeMutablePointer<Int32>?, _ shape: PoolingShape, rows: Int
  ) {
    let channels = shape.channels
    for row in 0..<rows {
      let image = x + row * shape.inputCount
      let outputs = row * shape.outputCount
      shape.forEachPlace { place, lines, columns in
        var channel = 0
        while channel < channels {
          var largest = Lanes(repeating: -.infinity)
          var winner = Words(
            repeating: Int32(
              truncatingIfNeeded: lines.lowerBound * shape.width + columns.lowerBound))
          for line in lines {
            for pixel in line * shape.width + columns.lowerBound..<line * shape.width
              + columns.upperBound
            {
              let value = Vector.load(image, pixel * channels + channel)
              let wins = (value .> largest) .| (value .!= value)
              largest.replace(with: value, where: wins)
              winner.replace(
                with: Words(repeating: Int32(truncatingIfNeeded: pixel)), where: wins)
            }
          }
          let output = outputs + place * channels + channel
          Vector.store(largest, y, output)
          if let winners {
            UnsafeMutableRawPointer(winners + output).storeBytes(of: winner, as: Words.self)
          }
          channel += 16
        }
      }
    }
  }

  /// The gradient at the inputs: that of each output, at the pixel that won.
  static func maximumGradient(
    _ g: UnsafePointer<Float>, winners: UnsafePointer<Int32>,
    into gradient: UnsafeMutablePointer<Float>, _ shape: PoolingShape, rows: Int
  ) {
    spread(g, into: gradient, shape, rows: rows) { value, pixel, output in
      let winner = UnsafeRawPointer(winners + output).loadUnaligned(as: Words.self)
      return Lanes.zero.replacing(
        with: value, where: winner .== Words(repeating: Int32(truncatingIfNeeded: pixel)))
    }
  }

  /// y ← the mean of each window, in which padding counts as zeros: PyTorch's default,
  /// `count_include_pad=True`.
  static func mean(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ shape: PoolingShape, rows: Int
  ) {
    let channels = shape.channels
    let size = Lanes(repeating: Float(shape.window.height * shape.window.width))
    for row in 0..<rows {
      let image = x + row * shape.inputCount
      let outputs = row * shape.outputCount
      shape.forEachPlace { place, lines, columns in
        var channel = 0
        while channel < channels {
          var sum = Lanes.zero
          for line in lines {
            for pixel in line * shape.width + columns.lowerBound..<line * shape.width
              + columns.upperBound
            {
              sum += Vector.load(image, pixel * channels + channel)
            }
          }
          Vector.store(sum / size, y, outputs + place * channels + channel)
          channel += 16
        }
      }
    }
  }

  /// The gradient at the inputs: each pixel's share of those of the outputs.
  static func meanGradient(
    _ g: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, _ shape: PoolingShape,
    rows: Int
  ) {
    let size = Lanes(repeating: Float(shape.window.height * shape.window.width))
    spread(g, into: gradient, shape, rows: rows) { value, _, _ in value / size }
  }

  private typealias Words = SIMD16<Int32>

  /// Adds to each pixel that a window sees what `part` says of the output's gradient.
  @inline(__always)
  private static func spread(
    _ g: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, _ shape: PoolingShape,
    rows: Int, part: (_ value: Lanes, _ pixel: Int, _ output: Int) -> Lanes
  ) {
    let channels = shape.channels
    let whole = channels & ~15
    let tail = Tail(count: channels - whole)
    for row in 0..<rows {
      let image = gradient + row * shape.inputCount
      let outputs = row * shape.outputCount
      // One image at a time stays in the cache while it is added to.
      image.update(repeating: 0, count: shape.inputCount)
      shape.forEachPlace { place, lines, columns in
        var channel = 0
        while channel < channels {
          let output = outputs + place * channels + channel
          let loaded = Vector.load(g, output)
          // The next place's channels behind the last ones are left alone: they get zeros added.
          let value = channel < whole ? loaded : tail.join(loaded, behind: Lanes.zero)
          for line in lines {
            for pixel in line * shape.width + columns.lowerBound..<line * shape.width
              + columns.upperBound
            {
              let index = pixel * channels + channel
              Vector.store(
                Vector.load(image, index) + part(value, pixel, output), image, index)
            }
          }
          channel += 16
        }
      }
    }
  }
}
