extension NumericArray {
  /// The array in a file of NumPy's `.npy` format, versions 1 to 3 (Kern, NEP 1): C order, little-endian
  /// f4, f8, i1, i2, i4, i8, or u1.
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
    guard !header.isFortranOrder else {
      throw ProblemError(
        file: place, "is in Fortran order; save it with numpy.ascontiguousarray(array)")
    }
    guard let size = header.itemSize else {
      throw ProblemError(
        file: place,
        "has elements of type '\(header.type)'; allowed: <f4, <f8, |i1, <i2, <i4, <i8, |u1; save it "
          + "with array.astype('<f4')")
    }
    let data = bytes[(start + length)...]
    guard let needed = elementCount(of: header.shape, times: size), needed == data.count else {
      throw ProblemError(
        file: place,
        "its header says \(header.shape) elements of \(size) bytes, but \(data.count) bytes follow; "
          + "it is damaged")
    }
    self.init(shape: header.shape, elements: Self.elements(data, type: header.type))
  }

  private static func elements(_ data: ArraySlice<UInt8>, type: String) -> Elements {
    data.withUnsafeBytes { raw in
      func load<Value: FixedWidthInteger>(_ index: Int, as type: Value.Type) -> Value {
        Value(
          littleEndian: raw.loadUnaligned(
            fromByteOffset: index * MemoryLayout<Value>.size, as: type))
      }
      switch type {
      case "|u1": return .bytes(Array(data))
      case "|i1":
        return .floats(data.map { Float(Int8(bitPattern: $0)) })
      case "<i2":
        return .floats((0..<data.count / 2).map { Float(load($0, as: Int16.self)) })
      case "<i4":
        return .integers((0..<data.count / 4).map { Int64(load($0, as: Int32.self)) })
      case "<i8": return .integers((0..<data.count / 8).map { load($0, as: Int64.self) })
      case "<f4":
        return .floats(
          (0..<data.count / 4).map { Float(bitPattern: load($0, as: UInt32.self)) })
      default:
        return .doubles(
          (0..<data.count / 8).map { Double(bitPattern: load($0, as: UInt64.self)) })
      }
    }
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

  /// The bytes of an element; nil for a type that is not read.
  var itemSize: Int? {
    switch type {
    case "|u1", "|i1": 1
    case "<i2": 2
    case "<i4", "<f4": 4
    case "<i8", "<f8": 8
    default: nil
    }
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
