/// A message of protocol buffers, read by the numbers of its fields. What is not well formed ends it: nothing
/// behind is read.
struct ProtocolMessage {
  private enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  private var fields: [(number: Int, value: Value)] = []

  init(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while let key = Self.varint(&rest) {
      let number = Int(truncatingIfNeeded: key >> 3)
      switch key & 7 {
      case 0:
        guard let value = Self.varint(&rest) else { return }
        fields.append((number, .varint(value)))
      case 1:
        guard rest.count >= 8 else { return }
        fields.append((number, .fixed64(Self.word(rest.prefix(8)))))
        rest = rest.dropFirst(8)
      case 2:
        guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return }
        fields.append((number, .bytes(rest.prefix(Int(length)))))
        rest = rest.dropFirst(Int(length))
      case 5:
        guard rest.count >= 4 else { return }
        fields.append((number, .fixed32(Self.word(rest.prefix(4)))))
        rest = rest.dropFirst(4)
      default: return
      }
    }
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      guard shift < 64 else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  private static func word<Integer: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Integer {
    bytes.reversed().reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
  }

  private func values(_ number: Int) -> [Value] {
    fields.filter { $0.number == number }.map(\.value)
  }

  /// The last value of a field, as protocol buffers have it.
  private func value(_ number: Int) -> Value? { fields.last { $0.number == number }?.value }

  func integer(_ number: Int) -> Int? {
    switch value(number) {
    case .varint(let value): return Int(truncatingIfNeeded: value)
    case .bytes(var packed): return Self.varint(&packed).map { Int(truncatingIfNeeded: $0) }
    default: return nil
    }
  }

  func float(_ number: Int) -> Float? {
    if case .fixed32(let bits) = value(number) { Float(bitPattern: bits) } else { nil }
  }

  func double(_ number: Int) -> Double? {
    if case .fixed64(let bits) = value(number) { Double(bitPattern: bits) } else { nil }
  }

  /// The first of repeated numbers, packed or not.
  func packedFloat(_ number: Int) -> Float? {
    switch values(number).first {
    case .fixed32(let bits): return Float(bitPattern: bits)
    case .bytes(let packed) where packed.count == 4:
      return Float(bitPattern: Self.word(packed))
    default: return nil
    }
  }

  func packedDouble(_ number: Int) -> Double? {
    switch values(number).first {
    case .fixed64(let bits): return Double(bitPattern: bits)
    case .bytes(let packed) where packed.count == 8:
      return Double(bitPattern: Self.word(packed))
    default: return nil
    }
  }

  func bytes(_ number: Int) -> ArraySlice<UInt8>? {
    if case .bytes(let bytes) = value(number) { bytes } else { nil }
  }

  func text(_ number: Int) -> String? {
    if case .bytes(let bytes)? = values(number).first {
      String(decoding: bytes, as: UTF8.self)
    } else {
      nil
    }
  }

  func message(_ number: Int) -> ProtocolMessage? { bytes(number).map { ProtocolMessage($0) } }

  func messages(_ number: Int) -> [ProtocolMessage] {
    values(number).compactMap {
      if case .bytes(let bytes) = $0 { ProtocolMessage(bytes) } else { nil }
    }
  }
}
