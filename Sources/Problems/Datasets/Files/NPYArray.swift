extension NumericArray {
  /// The array in a file of NumPy's `.npy` format, versions 1 to 3 (Kern, NEP 1): C or Fortran order,
  /// either byte order, the types f2, f4, f8, i1 to i8, u1 to u8 and b1.
  ///
  /// Everything that the header claims is compared with the bytes that are there before anything is
  /// allocated.
  ///
  /// - Parameter place: Where the bytes come from, for errors.
  package init(npy bytes: [UInt8], of place: String) throws(ProblemError) {
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    guard bytes.count >= 10, bytes.starts(with: magic), (1...3).contains(bytes[6]) else {
      throw ProblemError(file: place, "is no NumPy array of format version 1, 2 or 3")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let start = 8 + lengthBytes
    guard bytes.count >= start else {
      throw ProblemError(file: place, "is truncated: its header is not whole")
    }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - start else {
      throw ProblemError(
        file: place,
        "is truncated: its header claims \(length) bytes, \(bytes.count - start) are there")
    }
    let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
    guard let header = NPYHeader(text) else {
      throw ProblemError(file: place, "its header cannot be understood: \(text.prefix(100))")
    }
    guard let type = NPYType(header.type) else {
      throw ProblemError(
        file: place,
        "has elements of type '\(header.type)'; allowed: f2, f4, f8, i1 to i8, u1 to u8, b1; "
          + NPYType.remedy(for: header.type))
    }
    let data = bytes[(start + length)...]
    guard let needed = elementCount(of: header.shape, times: type.size), needed == data.count else {
      throw ProblemError(
        file: place,
        "its header says \(header.shape) elements of \(type.size) bytes, but \(data.count) bytes "
          + "follow; it is damaged")
    }
    let elements = type.elements(data)
    self =
      header.isFortranOrder
      ? NumericArray(shape: header.shape.reversed(), elements: elements).reversingAxes()
      : NumericArray(shape: header.shape, elements: elements)
  }
}

/// The type of an array's elements, such as `<f4`: byte order, kind and bytes.
private struct NPYType {
  let size: Int
  private let kind: Character
  private let isBigEndian: Bool

  /// Nil for a type that is not read.
  init?(_ text: String) {
    guard text.count == 3, let order = text.first, "<>|=".contains(order), let last = text.last,
      let size = last.wholeNumberValue
    else { return nil }
    let kind = text[text.index(after: text.startIndex)]
    let sizes = ["b": [1], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "f": [2, 4, 8]][kind] ?? []
    guard sizes.contains(size) else { return nil }
    self.size = size
    self.kind = kind
    isBigEndian = order == ">"
  }

  /// What to do about an array of another type.
  static func remedy(for type: String) -> String {
    switch type.dropFirst().first {
    case "U", "S", "O":
      "these are texts or objects: number classes with numpy.unique(labels, return_inverse=True)[1]"
    default: "save it with array.astype('<f4')"
    }
  }

  func elements(_ data: ArraySlice<UInt8>) -> NumericArray.Elements {
    data.withUnsafeBytes { raw in
      switch (kind, size) {
      case ("b", _): .bytes(data.map { $0 == 0 ? 0 : 1 })
      case ("u", 1): .bytes(Array(data))
      case ("i", 1): .floats(data.map { Float(Int8(bitPattern: $0)) })
      case ("i", 2): .floats(numbers(raw, Int16.self).map { Float($0) })
      case ("u", 2): .floats(numbers(raw, UInt16.self).map { Float($0) })
      case ("i", 4): .integers(numbers(raw, Int32.self).map { Int64($0) })
      case ("u", 4): .integers(numbers(raw, UInt32.self).map { Int64($0) })
      case ("i", 8): .integers(numbers(raw, Int64.self))
      case ("u", 8): .unsigned(numbers(raw, UInt64.self))
      case ("f", 2): .floats(numbers(raw, UInt16.self).map { Float(halfBits: $0) })
      case ("f", 4): .floats(numbers(raw, UInt32.self).map { Float(bitPattern: $0) })
      default: .doubles(numbers(raw, UInt64.self).map { Double(bitPattern: $0) })
      }
    }
  }

  private func numbers<Value: FixedWidthInteger>(
    _ raw: UnsafeRawBufferPointer, _: Value.Type
  ) -> [Value] {
    (0..<raw.count / size).map { index in
      let value = raw.loadUnaligned(fromByteOffset: index * size, as: Value.self)
      return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
    }
  }
}

extension Float {
  /// The value of a 16-bit float (IEEE 754 binary16), which is exact.
  init(halfBits bits: UInt16) {
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    let magnitude: Float =
      switch exponent {
      case 0: Float(sign: .plus, exponent: -24, significand: fraction)
      case 31: fraction == 0 ? .infinity : .nan
      default: Float(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
      }
    self = bits >> 15 == 0 ? magnitude : -magnitude
  }
}

/// The header of a `.npy` file: a Python dictionary of three keys.
private struct NPYHeader {
  let type: String
  let isFortranOrder: Bool
  let shape: [Int]

  init?(_ text: String) {
    var scanner = Scanner(rest: Array(text.utf8)[...])
    var type: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    guard scanner.take("{") else { return nil }
    while !scanner.take("}") {
      guard let key = scanner.quoted(), scanner.take(":") else { return nil }
      switch key {
      case "descr": type = scanner.quoted()
      case "fortran_order": isFortranOrder = scanner.boolean()
      case "shape": shape = scanner.tuple()
      default: return nil
      }
      if !scanner.take(",") {
        guard scanner.take("}") else { return nil }
        break
      }
    }
    guard scanner.isAtEnd, let type, let isFortranOrder, let shape else { return nil }
    self.type = type
    self.isFortranOrder = isFortranOrder
    self.shape = shape
  }

  /// Takes Python literals from the front of a text.
  private struct Scanner {
    var rest: ArraySlice<UInt8>

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return rest.isEmpty
      }
    }

    mutating func skipSpace() { rest = rest.drop { $0 == 0x20 || $0 == 0x0A } }

    mutating func take(_ text: StaticString) -> Bool {
      skipSpace()
      let wanted = Array("\(text)".utf8)
      guard rest.starts(with: wanted) else { return false }
      rest = rest.dropFirst(wanted.count)
      return true
    }

    mutating func quoted() -> String? {
      let quote: UInt8
      if take("'") {
        quote = UInt8(ascii: "'")
      } else if take("\"") {
        quote = UInt8(ascii: "\"")
      } else {
        return nil
      }
      guard let end = rest.firstIndex(of: quote) else { return nil }
      defer { rest = rest[(end + 1)...] }
      return String(decoding: rest[..<end], as: UTF8.self)
    }

    mutating func boolean() -> Bool? {
      if take("True") { return true }
      return take("False") ? false : nil
    }

    mutating func tuple() -> [Int]? {
      guard take("(") else { return nil }
      var numbers: [Int] = []
      while !take(")") {
        skipSpace()
        let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        numbers.append(number)
        rest = rest.dropFirst(digits.count)
        if !take(",") { return take(")") ? numbers : nil }
      }
      return numbers
    }
  }
}
