import Tensors

/// Moves features between the order of the layers, `[rows, time, parts, heads, depth]`, and that of
/// attention, in which the matrix of each head is contiguous: `[parts, rows, heads, time, depth]`.
///
/// Both lie row-major in memory that is followed by `activationSlack` floats: what spills over the
/// end of a piece is written after.
struct HeadTransposition {
  let rows: Int
  let timeSteps: Int
  let heads: Int
  let depth: Int
  /// 3 for queries, keys and values, 1 for one of them.
  let parts: Int

  private var width: Int { parts * heads * depth }
  private var partSize: Int { rows * heads * timeSteps * depth }

  /// headwise ← (flat + bias), the first part times `scale`. `bias` has a row's elements and slack.
  func split(
    _ flat: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    into headwise: UnsafeMutablePointer<Float>, scale: Float
  ) {
    for part in 0..<parts {
      let factor = Lanes(repeating: part == 0 ? scale : 1)
      for row in 0..<rows {
        for head in 0..<heads {
          let feature = (part * heads + head) * depth
          let target = headwise + part * partSize + (row * heads + head) * timeSteps * depth
          for time in 0..<timeSteps {
            let source = flat + (row * timeSteps + time) * width + feature
            for index in stride(from: 0, to: depth, by: 16) {
              let sum = Vector.load(source, index) + Vector.load(bias, feature + index)
              Vector.store(sum * factor, target + time * depth, index)
            }
          }
        }
      }
    }
  }

  /// flat ← headwise, the first part times `scale`.
  func merge(
    _ headwise: UnsafePointer<Float>, into flat: UnsafeMutablePointer<Float>, scale: Float
  ) {
    for row in 0..<rows {
      for time in 0..<timeSteps {
        for part in 0..<parts {
          let factor = Lanes(repeating: part == 0 ? scale : 1)
          for head in 0..<heads {
            let source =
              headwise + part * partSize + ((row * heads + head) * timeSteps + time) * depth
            let target = flat + (row * timeSteps + time) * width + (part * heads + head) * depth
            for index in stride(from: 0, to: depth, by: 16) {
              Vector.store(Vector.load(source, index) * factor, target, index)
            }
          }
        }
      }
    }
  }
}
