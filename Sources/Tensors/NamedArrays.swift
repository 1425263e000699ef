/// The state of an optimizer, a clipping transform or a model's buffers: named arrays and named
/// numbers that the trainer owns, so that they can be stored, resumed and inspected without the
/// owner's help.
///
/// The algorithm reaches them by position, in the order in which it declared them.
public struct NamedArrays {
  /// The arrays' names, in declaration order.
  public let names: [String]
  /// The numbers' names, in declaration order.
  public let numberNames: [String]
  /// The arrays, in declaration order.
  public let arrays: [FloatBuffer]
  /// The numbers, in declaration order.
  public var numbers: [Double]
  /// The states of what the owner is built around, such as a wrapper's base optimizer.
  public var parts: [NamedArrays]

  /// Arrays of the given sizes and numbers, each array filled with `value`.
  public init(
    arrays: [(name: String, count: Int)] = [], repeating value: Float = 0,
    numbers: [(name: String, value: Double)] = [], parts: [NamedArrays] = []
  ) {
    names = arrays.map(\.name)
    self.arrays = arrays.map { FloatBuffer(count: $0.count, repeating: value) }
    numberNames = numbers.map(\.name)
    self.numbers = numbers.map(\.value)
    self.parts = parts
  }

  /// State without arrays or numbers.
  public static var empty: NamedArrays { NamedArrays() }

  /// The array at `position` in the declaration.
  @inlinable
  public subscript(position: Int) -> UnsafeMutablePointer<Float> { arrays[position].pointer }

  /// The array called `name`, if there is one.
  public func array(named name: String) -> FloatBuffer? {
    names.firstIndex(of: name).map { arrays[$0] }
  }

  /// The same arrays and numbers in memory of their own.
  public func copy() -> NamedArrays {
    let result = NamedArrays(
      arrays: zip(names, arrays).map { ($0, $1.count) },
      numbers: zip(numberNames, numbers).map { ($0, $1) }, parts: parts.map { $0.copy() })
    for (target, source) in zip(result.arrays, arrays) {
      target.pointer.update(from: source.pointer, count: source.count)
    }
    return result
  }

  /// Takes the contents of `other`, which has the same arrays and numbers, into the memory that is
  /// there. Allocates nothing.
  public mutating func assign(_ other: NamedArrays) {
    for index in arrays.indices {
      arrays[index].pointer.update(from: other.arrays[index].pointer, count: arrays[index].count)
    }
    // One by one: a copy of the array would share its memory and be allocated at the next change.
    for index in numbers.indices { numbers[index] = other.numbers[index] }
    for index in parts.indices { parts[index].assign(other.parts[index]) }
  }
}
