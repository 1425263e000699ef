internal import Tensors

/// A place of up to sixteen neighbouring elements, the same in each flat vector of a step.
///
/// An optimizer states its rule once for lanes; the last elements of a vector, fewer than sixteen,
/// go through the same arithmetic with the missing lanes at zero. So an element's result does not
/// depend on where in the vector it lies.
protocol LanePlace {
  func load(_ x: UnsafePointer<Float>) -> Lanes
  func load(_ x: UnsafeMutablePointer<Float>) -> Lanes
  func store(_ lanes: Lanes, _ x: UnsafeMutablePointer<Float>)
}

/// Sixteen elements from `index` on.
struct WholeLanes: LanePlace {
  let index: Int

  @inline(__always)
  func load(_ x: UnsafePointer<Float>) -> Lanes { Vector.load(x, index) }

  @inline(__always)
  func load(_ x: UnsafeMutablePointer<Float>) -> Lanes { Vector.load(x, index) }

  @inline(__always)
  func store(_ lanes: Lanes, _ x: UnsafeMutablePointer<Float>) { Vector.store(lanes, x, index) }
}

/// The `count` elements from `index` on, fewer than sixteen: lanes beyond them load as zero and are
/// not stored.
struct PartialLanes: LanePlace {
  let index: Int
  let count: Int

  @inline(__always)
  func load(_ x: UnsafePointer<Float>) -> Lanes {
    var lanes = Lanes.zero
    for lane in 0..<count { lanes[lane] = x[index + lane] }
    return lanes
  }

  @inline(__always)
  func load(_ x: UnsafeMutablePointer<Float>) -> Lanes { load(UnsafePointer(x)) }

  @inline(__always)
  func store(_ lanes: Lanes, _ x: UnsafeMutablePointer<Float>) {
    for lane in 0..<count { x[index + lane] = lanes[lane] }
  }
}
