internal import CHDF5

/// How the elements of a dataset are typed.
public enum HDF5ElementKind: Sendable, Equatable {
  case integer(bits: Int, isSigned: Bool)
  case real
  /// No numbers; what they are, in words.
  case other(String)
}

/// A filter that a dataset needs to be read, such as a compression.
public struct HDF5Filter: Sendable, Equatable {
  /// The number in The HDF Group's registry.
  public let number: Int
  /// The name in the file, or the registry's; empty where neither has one.
  public let name: String
  /// Whether this program can apply it.
  public let isAvailable: Bool
}

/// What a dataset is made of, as far as a reader must know before it believes the values.
extension HDF5Dataset {
  public func elementKind() throws(HDF5Error) -> HDF5ElementKind {
    let type = try HDF5Handle(
      H5Dget_type(identifier), closedBy: H5Tclose, operation: "read", file: file, object: path)
    switch H5Tget_class(type.id) {
    case H5T_INTEGER:
      return .integer(
        bits: 8 * H5Tget_size(type.id), isSigned: H5Tget_sign(type.id) != H5T_SGN_NONE)
    // Booleans are enumerations of small integers.
    case H5T_ENUM: return .integer(bits: 8 * H5Tget_size(type.id), isSigned: true)
    case H5T_FLOAT: return .real
    case H5T_STRING: return .other("texts")
    case H5T_COMPOUND: return .other("compound values")
    case H5T_REFERENCE: return .other("references")
    case H5T_VLEN: return .other("lists of different lengths")
    case H5T_ARRAY: return .other("arrays as elements")
    case H5T_OPAQUE: return .other("opaque bytes")
    case H5T_BITFIELD: return .other("bit fields")
    default: return .other("elements of an unknown type")
    }
  }

  /// The filters that the dataset's chunks went through.
  public func filters() throws(HDF5Error) -> [HDF5Filter] {
    let creation = try creationProperties()
    let count = H5Pget_nfilters(creation.id)
    try check(count, "read the filters of", file: file, object: path)
    var filters: [HDF5Filter] = []
    for index in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var values = 0
      var bytes = [CChar](repeating: 0, count: 64)
      let number = H5Pget_filter2(
        creation.id, index, &flags, &values, nil, bytes.count, &bytes, nil)
      try check(number, "read the filters of", file: file, object: path)
      let stored = String(
        decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      filters.append(
        HDF5Filter(
          number: Int(number), name: registeredNames[Int(number)] ?? stored,
          isAvailable: H5Zfilter_avail(number) > 0))
    }
    _ = H5Eclear2(chdf5_error_stack())
    return filters
  }

  /// Whether the values lie in other datasets, which need not be there.
  public func isVirtual() throws(HDF5Error) -> Bool {
    let creation = try creationProperties()
    let layout = H5Pget_layout(creation.id)
    guard layout != H5D_LAYOUT_ERROR else {
      throw .fromStack(operation: "read the layout of", file: file, object: path)
    }
    return layout == H5D_VIRTUAL
  }

  /// Whether nothing was ever written: reading gives the fill value.
  public func isUnwritten() -> Bool { H5Dget_storage_size(identifier) == 0 }

  /// The value of elements that were never written, where the file's author chose one.
  public func fillValue() throws(HDF5Error) -> Double? {
    let creation = try creationProperties()
    var state = H5D_FILL_VALUE_UNDEFINED
    guard H5Pfill_value_defined(creation.id, &state) >= 0, state == H5D_FILL_VALUE_USER_DEFINED
    else { return nil }
    var value = 0.0
    let status = H5Pget_fill_value(creation.id, HDF5ElementType.float64.native, &value)
    try check(status, "read the fill value of", file: file, object: path)
    return value
  }

  private func creationProperties() throws(HDF5Error) -> HDF5Handle {
    try HDF5Handle(
      H5Dget_create_plist(identifier), closedBy: H5Pclose, operation: "open", file: file,
      object: path)
  }
}

/// The filters that people meet, of The HDF Group's registry.
private let registeredNames: [Int: String] = [
  1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 305: "lzo",
  307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp",
  32015: "zstd", 32017: "sz", 32024: "sz3", 32026: "blosc2",
]
