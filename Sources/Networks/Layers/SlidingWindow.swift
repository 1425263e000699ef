/// A square window that slides over images.
public struct SlidingWindow: Sendable, Equatable {
  /// Height and width.
  public let size: Int
  /// The pixels from one place to the next.
  public let stride: Int
  public let padding: Padding

  /// A window of positive size and stride.
  public init(size: Int, stride: Int = 1, padding: Padding = .pixels(0)) {
    precondition(size > 0 && stride > 0, "no window of \(size) at stride \(stride)")
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// The window in a phrase: `3×3, stride 2, padding same`.
  var label: String {
    "\(size)×\(size)\(stride == 1 ? "" : ", stride \(stride)")\(padding.label)"
  }

  /// The window's places along an edge of `length` pixels.
  ///
  /// - Throws: Why there are none.
  func places(along length: Int) throws(ShapeMismatch) -> WindowPlaces {
    let (before, behind) = paddings(along: length)
    guard before < size else {
      throw ShapeMismatch(
        "a window of \(size) pixels sees nothing but padding where it is padded by \(before); "
          + "the padding must be below \(size)")
    }
    guard length + before + behind >= size else {
      throw ShapeMismatch(
        "a window of \(size) pixels does not fit \(length) pixels"
          + (before + behind > 0 ? " and \(before + behind) of padding" : "")
          + "; use a smaller window or more padding")
    }
    return WindowPlaces(
      count: (length + before + behind - size) / stride + 1, before: before, behind: behind)
  }

  private func paddings(along length: Int) -> (before: Int, behind: Int) {
    switch padding {
    case .pixels(let count): return (count, count)
    case .same:
      let count = (length + stride - 1) / stride
      let total = max(0, (count - 1) * stride + size - length)
      return (total / 2, total - total / 2)
    }
  }
}

/// The places of a window along one edge of an image.
struct WindowPlaces: Equatable {
  let count: Int
  /// The padding at the near and at the far end.
  let before: Int
  let behind: Int
}

/// The height, width and channels of images that a layer takes.
///
/// - Throws: That the shape is no image's.
func imageSizes(
  _ shape: [Int]
) throws(ShapeMismatch) -> (height: Int, width: Int, channels: Int) {
  guard shape.count == 3 else {
    throw ShapeMismatch("takes images [height, width, channels], but gets \(shapeLabel(shape))")
  }
  return (shape[0], shape[1], shape[2])
}
