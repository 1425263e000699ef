internal import CHDF5

/// A number that datasets hold.
public protocol HDF5Element: BitwiseCopyable, Sendable {
  static var elementType: HDF5ElementType { get }
}

/// The kinds of numbers that datasets hold, stored little-endian.
public enum HDF5ElementType: Sendable {
  case int8, int32, int64, uint64, float32, float64

  /// The type in the file.
  var stored: hid_t {
    switch self {
    case .int8: chdf5_stored_int8()
    case .int32: chdf5_stored_int32()
    case .int64: chdf5_stored_int64()
    case .uint64: chdf5_stored_uint64()
    case .float32: chdf5_stored_float()
    case .float64: chdf5_stored_double()
    }
  }

  /// The type in memory.
  var native: hid_t {
    switch self {
    case .int8: chdf5_native_int8()
    case .int32: chdf5_native_int32()
    case .int64: chdf5_native_int64()
    case .uint64: chdf5_native_uint64()
    case .float32: chdf5_native_float()
    case .float64: chdf5_native_double()
    }
  }
}

extension Int8: HDF5Element {
  public static var elementType: HDF5ElementType { .int8 }
}

extension Int32: HDF5Element {
  public static var elementType: HDF5ElementType { .int32 }
}

extension Int64: HDF5Element {
  public static var elementType: HDF5ElementType { .int64 }
}

extension UInt64: HDF5Element {
  public static var elementType: HDF5ElementType { .uint64 }
}

extension Float: HDF5Element {
  public static var elementType: HDF5ElementType { .float32 }
}

extension Double: HDF5Element {
  public static var elementType: HDF5ElementType { .float64 }
}
