/// The sizes of a pooling of images `[rows, height, width, channels]`.
struct PoolingShape {
  let height: Int
  let width: Int
  let channels: Int
  /// Height, width and stride of the window.
  let window: (height: Int, width: Int)
  let stride: Int
  /// The window's places from top to bottom and from left to right.
  let rows: WindowPlaces
  let columns: WindowPlaces

  var inputCount: Int { height * width * channels }
  var outputCount: Int { rows.count * columns.count * channels }

  /// Calls `body` for each place of the window, in the order of the outputs, with the pixels of the
  /// image that it sees.
  @inline(__always)
  func forEachPlace(_ body: (_ place: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
    var place = 0
    for row in 0..<rows.count {
      let top = row * stride - rows.before
      let visibleRows = max(top, 0)..<min(top + window.height, height)
      for column in 0..<columns.count {
        let left = column * stride - columns.before
        body(place, visibleRows, max(left, 0)..<min(left + window.width, width))
        place += 1
      }
    }
  }
}
