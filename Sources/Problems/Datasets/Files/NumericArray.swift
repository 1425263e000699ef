/// An array of numbers from a file, row-major.
package struct NumericArray: Sendable {
  /// The extent of each dimension.
  package let shape: [Int]
  package let elements: Elements

  /// The numbers, in the type in which they take least memory.
  package enum Elements: Sendable {
    case bytes([UInt8])
    case floats([Float])
    case doubles([Double])
    case integers([Int64])
    case unsigned([UInt64])
  }

  init(shape: [Int], elements: Elements) {
    self.shape = shape
    self.elements = elements
  }

  /// The number of elements.
  var count: Int { shape.reduce(1, *) }

  /// The same array with its dimensions in the opposite order: what programs that store the first
  /// index fastest meant.
  func reversingAxes() -> NumericArray {
    guard shape.count > 1 else { return self }
    let elements: Elements =
      switch elements {
      case .bytes(let values): .bytes(transposed(values))
      case .floats(let values): .floats(transposed(values))
      case .doubles(let values): .doubles(transposed(values))
      case .integers(let values): .integers(transposed(values))
      case .unsigned(let values): .unsigned(transposed(values))
      }
    return NumericArray(shape: shape.reversed(), elements: elements)
  }

  private func transposed<Value>(_ values: [Value]) -> [Value] {
    let extents = Array(shape.reversed())
    var strides = [1]
    for extent in extents.dropLast() { strides.append(strides[strides.count - 1] * extent) }
    var place = [Int](repeating: 0, count: extents.count)
    var source = 0
    var result: [Value] = []
    result.reserveCapacity(values.count)
    for _ in values.indices {
      result.append(values[source])
      var axis = extents.count - 1
      while axis >= 0 {
        place[axis] += 1
        source += strides[axis]
        guard place[axis] == extents[axis] else { break }
        source -= place[axis] * strides[axis]
        place[axis] = 0
        axis -= 1
      }
    }
    return result
  }

  /// The numbers as floats.
  ///
  /// - Parameter place: Where they come from, for the error if one is not finite.
  package func floats(of place: String) throws(ProblemError) -> [Float] {
    let values: [Float] =
      switch elements {
      case .bytes(let bytes): bytes.map { Float($0) }
      case .floats(let floats): floats
      case .doubles(let doubles): doubles.map { Float($0) }
      case .integers(let integers): integers.map { Float($0) }
      case .unsigned(let integers): integers.map { Float($0) }
      }
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw ProblemError(
        file: place,
        "element \(index(of: position)) is \(element(at: position)), no finite number within the "
          + "range of 32-bit floats")
    }
    return values
  }

  /// The numbers as integers from 0.
  ///
  /// - Parameter place: Where they come from, for the error if one is no class.
  package func classes(of place: String, most: Int) throws(ProblemError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(count)
    for position in 0..<count {
      let value = element(at: position)
      guard value >= 0, value < Double(most), value == value.rounded() else {
        throw ProblemError(
          file: place,
          "element \(index(of: position)) is \(value); classes are integers from 0 to \(most - 1) "
            + "(for numbers to be met use 'task: values')")
      }
      result.append(Int32(value))
    }
    return result
  }

  /// The element at a position in memory order.
  func element(at position: Int) -> Double {
    switch elements {
    case .bytes(let bytes): Double(bytes[position])
    case .floats(let floats): Double(floats[position])
    case .doubles(let doubles): doubles[position]
    case .integers(let integers): Double(integers[position])
    case .unsigned(let integers): Double(integers[position])
    }
  }

  /// The place of an element in NumPy's notation: `[3, 17]`.
  func index(of position: Int) -> String {
    var rest = position
    var indices: [Int] = []
    for extent in shape.reversed() {
      indices.append(rest % extent)
      rest /= extent
    }
    return "\(Array(indices.reversed()))"
  }
}

/// The product of `shape`'s extents and `size`; nil if one is negative or the product overflows.
func elementCount(of shape: [Int], times size: Int = 1) -> Int? {
  var product = size
  for extent in shape {
    let (next, overflows) = product.multipliedReportingOverflow(by: extent)
    guard extent >= 0, !overflows else { return nil }
    product = next
  }
  return product
}
