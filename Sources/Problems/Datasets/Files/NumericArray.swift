/// An array of numbers from a file, row-major.
package struct NumericArray {
  /// The extent of each dimension.
  package let shape: [Int]
  package let elements: Elements

  /// The numbers, in the type in which they take least memory.
  package enum Elements {
    case bytes([UInt8])
    case floats([Float])
    case doubles([Double])
    case integers([Int64])
  }

  init(shape: [Int], elements: Elements) {
    self.shape = shape
    self.elements = elements
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
      }
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw ProblemError(
        file: place,
        "element \(index(of: position)) is \(element(at: position)), no finite number within the "
          + "range of 32-bit floats")
    }
    return values
  }

  /// The numbers as classes from 0.
  ///
  /// - Parameter place: Where they come from, for the error if one is no class.
  package func classes(of place: String, most: Int) throws(ProblemError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(shape.reduce(1, *))
    for position in 0..<shape.reduce(1, *) {
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

  private func element(at position: Int) -> Double {
    switch elements {
    case .bytes(let bytes): Double(bytes[position])
    case .floats(let floats): Double(floats[position])
    case .doubles(let doubles): doubles[position]
    case .integers(let integers): Double(integers[position])
    }
  }

  /// The place of an element in NumPy's notation: `[3, 17]`.
  private func index(of position: Int) -> String {
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
