/// A fixed-size array of `Float`, aligned to 64 bytes, that kernels reach through a pointer.
///
/// A reference type on purpose: the trainer owns the buffers of a run for its whole life, and no
/// assignment in a training loop may copy or count references behind its back.
public final class FloatBuffer {
  /// The first element; valid for `count` elements as long as the buffer lives, which a buffer without
  /// a name does not do until the call that uses its pointer.
  public let pointer: UnsafeMutablePointer<Float>
  /// The number of elements.
  public let count: Int

  /// A buffer of `count` elements, each equal to `value`.
  public init(count: Int, repeating value: Float = 0) {
    precondition(count >= 0, "a buffer cannot have \(count) elements")
    self.count = count
    let raw = LargeMemory.allocate(byteCount: Self.byteCount(count))
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    // Zeros stay untouched: they are there already.
    if value.bitPattern != 0 { pointer.update(repeating: value, count: count) }
  }

  private static func byteCount(_ count: Int) -> Int {
    max(count, 1) * MemoryLayout<Float>.stride
  }

  /// A buffer with the given elements.
  public convenience init(_ values: [Float]) {
    self.init(count: values.count)
    copy(from: values)
  }

  deinit { LargeMemory.free(pointer, byteCount: Self.byteCount(count)) }

  /// The elements as an array.
  public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Replaces the elements; `values` has as many as the buffer.
  public func copy(from values: [Float]) {
    precondition(values.count == count, "\(values.count) values for a buffer of \(count)")
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      pointer.update(from: base, count: count)
    }
  }

  /// Sets every element to `value`.
  public func fill(_ value: Float) { pointer.update(repeating: value, count: count) }
}
