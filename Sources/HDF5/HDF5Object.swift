internal import CHDF5

/// A group or a dataset: what can carry attributes.
public protocol HDF5Object: ~Copyable {
  /// The library's identifier, valid as long as the object is.
  var identifier: Int64 { get }
  /// The path of the file.
  var file: String { get }
  /// The path within the file, such as `/digits/loss`.
  var path: String { get }
}

extension HDF5Object where Self: ~Copyable {
  /// Adds or replaces a text attribute: UTF-8 of fixed length.
  ///
  /// Fixed length, padded with null bytes, is what netCDF itself writes; Octave cannot read texts of
  /// variable length. HDF5 has no text of length 0, so an empty one is one null byte.
  public func setAttribute(_ name: String, _ text: String) throws(HDF5Error) {
    try setAttribute(name, texts: [text], isList: false)
  }

  /// Adds or replaces an attribute that is a list of texts.
  public func setAttribute(_ name: String, _ texts: [String]) throws(HDF5Error) {
    try setAttribute(name, texts: texts, isList: true)
  }

  /// Adds or replaces a number attribute.
  public func setAttribute<Element: HDF5Element>(
    _ name: String, _ value: Element
  ) throws(HDF5Error) {
    let space = try HDF5Handle(
      H5Screate(H5S_SCALAR), closedBy: H5Sclose, operation: "create", file: file, object: path)
    try withUnsafePointer(to: value) { value throws(HDF5Error) in
      try writeAttribute(
        name, stored: Element.elementType.stored, native: Element.elementType.native,
        space: space.id, value)
    }
  }

  /// Whether there is an attribute called `name`.
  public func hasAttribute(_ name: String) throws(HDF5Error) -> Bool {
    let answer = H5Aexists(identifier, name)
    try check(answer, "look for the attribute \(name) of", file: file, object: path)
    return answer > 0
  }

  /// The value of a number attribute.
  public func attribute<Element: HDF5Element>(
    _ name: String, as type: Element.Type
  ) throws(HDF5Error) -> Element {
    let attribute = try openAttribute(name)
    let count = try valueCount(of: attribute.id, name)
    guard count == 1 else { throw unexpected(name, "has \(count) values instead of one") }
    return try withUnsafeTemporaryAllocation(of: Element.self, capacity: 1) {
      buffer throws(HDF5Error) in
      let status = H5Aread(attribute.id, type.elementType.native, buffer.baseAddress)
      try check(status, "read the attribute \(name) of", file: file, object: path)
      return buffer[0]
    }
  }

  /// The values of a number attribute, one or a list; nil if it is missing or holds no numbers.
  public func numbers(inAttribute name: String) throws(HDF5Error) -> [Double]? {
    guard try hasAttribute(name) else { return nil }
    let attribute = try openAttribute(name)
    let type = try HDF5Handle(
      H5Aget_type(attribute.id), closedBy: H5Tclose, operation: "read", file: file, object: path)
    guard [H5T_INTEGER, H5T_FLOAT].contains(H5Tget_class(type.id)) else { return nil }
    let count = try valueCount(of: attribute.id, name)
    guard (1...1024).contains(count) else { return nil }
    var values = [Double](repeating: 0, count: count)
    let status = H5Aread(attribute.id, HDF5ElementType.float64.native, &values)
    try check(status, "read the attribute \(name) of", file: file, object: path)
    return values
  }

  /// The value of a text attribute, whether of fixed or of variable length.
  public func textAttribute(_ name: String) throws(HDF5Error) -> String {
    let attribute = try openAttribute(name)
    let type = try HDF5Handle(
      H5Aget_type(attribute.id), closedBy: H5Tclose, operation: "read", file: file, object: path)
    let count = try valueCount(of: attribute.id, name)
    guard H5Tget_class(type.id) == H5T_STRING, count == 1 else {
      throw unexpected(name, "is not one text")
    }
    if H5Tis_variable_str(type.id) > 0 {
      var text: UnsafeMutablePointer<CChar>?
      let status = H5Aread(attribute.id, type.id, &text)
      try check(status, "read the attribute \(name) of", file: file, object: path)
      defer { _ = H5free_memory(text) }
      return text.map { String(cString: $0) } ?? ""
    }
    var bytes = [UInt8](repeating: 0, count: H5Tget_size(type.id))
    let status = H5Aread(attribute.id, type.id, &bytes)
    try check(status, "read the attribute \(name) of", file: file, object: path)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private func setAttribute(
    _ name: String, texts: [String], isList: Bool
  ) throws(HDF5Error) {
    let length = max(1, texts.map(\.utf8.count).max() ?? 1)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length * texts.count)
    for text in texts {
      bytes += text.utf8
      bytes += repeatElement(0, count: length - text.utf8.count)
    }
    let type = try HDF5Handle(
      H5Tcopy(chdf5_c_string()), closedBy: H5Tclose, operation: "create", file: file, object: path)
    try check(H5Tset_size(type.id, length), "create", file: file, object: path)
    try check(H5Tset_strpad(type.id, H5T_STR_NULLPAD), "create", file: file, object: path)
    try check(H5Tset_cset(type.id, H5T_CSET_UTF8), "create", file: file, object: path)
    var count = hsize_t(texts.count)
    let space = try HDF5Handle(
      isList ? H5Screate_simple(1, &count, nil) : H5Screate(H5S_SCALAR), closedBy: H5Sclose,
      operation: "create", file: file, object: path)
    try writeAttribute(name, stored: type.id, native: type.id, space: space.id, &bytes)
  }

  private func writeAttribute(
    _ name: String, stored: hid_t, native: hid_t, space: hid_t, _ value: UnsafeRawPointer
  ) throws(HDF5Error) {
    let operation = "write the attribute \(name) of"
    if try hasAttribute(name) {
      try check(H5Adelete(identifier, name), operation, file: file, object: path)
    }
    let attribute = try HDF5Handle(
      H5Acreate2(
        identifier, name, stored, space, chdf5_default_properties(), chdf5_default_properties()),
      closedBy: H5Aclose, operation: operation, file: file, object: path)
    try check(H5Awrite(attribute.id, native, value), operation, file: file, object: path)
    try attribute.close(file: file, object: path)
  }

  private func openAttribute(_ name: String) throws(HDF5Error) -> HDF5Handle {
    guard try hasAttribute(name) else { throw unexpected(name, "is missing") }
    return try HDF5Handle(
      H5Aopen(identifier, name, chdf5_default_properties()), closedBy: H5Aclose,
      operation: "read the attribute \(name) of", file: file, object: path)
  }

  private func valueCount(of attribute: hid_t, _ name: String) throws(HDF5Error) -> Int {
    let space = try HDF5Handle(
      H5Aget_space(attribute), closedBy: H5Sclose, operation: "read the attribute \(name) of",
      file: file, object: path)
    return Int(H5Sget_simple_extent_npoints(space.id))
  }

  private func unexpected(_ name: String, _ problem: String) -> HDF5Error {
    HDF5Error(
      operation: "read", file: file, object: path, detail: "the attribute \(name) \(problem)")
  }
}
