import Tensors
import TestSupport
import Testing

/// Layouts, buffers and named arrays.
struct LayoutTests {
  @Test func tensorsLieInOrderWithoutGaps() {
    let layout = ParameterLayout([
      ("hidden.weight", [3, 2], .weight), ("hidden.bias", [3], .bias), ("scale", [], .norm),
      ("table", [5, 1], .embedding),
    ])
    #expect(layout.count == 15)
    #expect(layout.tensors.map(\.offset) == [0, 6, 9, 10])
    #expect(layout.tensors.map(\.count) == [6, 3, 1, 5])
    #expect(layout.tensor(at: 5)?.name == "hidden.weight")
    #expect(layout.tensor(at: 6)?.name == "hidden.bias")
    #expect(layout.tensor(at: 9)?.role == .norm)
    #expect(layout.tensor(at: 14)?.name == "table")
    #expect(layout.tensor(at: 15) == nil && layout.tensor(at: -1) == nil)
    #expect(ParameterLayout([]).count == 0)
  }

  @Test func aNegativeSizeTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = ParameterLayout([("weight", [3, -2], .weight)])
    }
  }

  @Test(arguments: [0, 1, 1000])
  func buffersAreAlignedToCacheLinesAndFilled(count: Int) {
    let buffer = FloatBuffer(count: count, repeating: 2.5)
    #expect(Int(bitPattern: buffer.pointer) % 64 == 0)
    #expect(buffer.values == Array(repeating: 2.5, count: count))
    buffer.fill(-1)
    #expect(buffer.values == Array(repeating: -1, count: count))
    let values = (0..<count).map(Float.init)
    buffer.copy(from: values)
    #expect(buffer.values == values && FloatBuffer(values).values == values)
  }

  @Test func aCopyOfNamedArraysHasMemoryOfItsOwn() {
    let original = NamedArrays(
      arrays: [("momentum", 3), ("variance", 2)], repeating: 1, numbers: [("beta", 0.5)])
    original[1][0] = 9
    var copy = original.copy()
    copy[0][2] = -4
    copy.numbers[0] = 7
    #expect(original.array(named: "momentum")?.values == [1, 1, 1])
    #expect(copy.array(named: "momentum")?.values == [1, 1, -4])
    #expect(copy.array(named: "variance")?.values == [9, 1])
    #expect(original.numbers == [0.5] && copy.numbers == [7])
    #expect(copy.names == original.names && copy.numberNames == ["beta"])
    #expect(original.array(named: "velocity") == nil)
    #expect(NamedArrays.empty.arrays.isEmpty)
  }

  @Test func denormalsVanishOnlyWhileTheModeIsOn() {
    #if arch(x86_64) || arch(arm64)
      let (flushed, kept, flushedAgain) = FloatingPointMode.flushingDenormals {
        let before = denormalProduct()
        let kept = FloatingPointMode.flushingDenormals(false) { denormalProduct() }
        return (before, kept, denormalProduct())
      }
      #expect(flushed == 0 && flushedAgain == 0)
      #expect(kept > 0)
    #endif
    #expect(denormalProduct() > 0)
  }

  /// A product below the smallest normal number, out of the compiler's sight.
  private func denormalProduct() -> Float {
    let buffer = FloatBuffer(count: 16, repeating: .leastNormalMagnitude)
    Vector.scale(buffer.pointer, by: 0.5, into: buffer.pointer, count: 16)
    return buffer.values[3]
  }
}
