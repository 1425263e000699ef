internal import CHDF5

/// A dataset of an open file: an array of numbers or texts. A *row* is what one index of the first
/// dimension selects; reading and writing go by rows.
public struct HDF5Dataset: ~Copyable, HDF5Object {
  private let handle: HDF5Handle
  public let file: String
  public let path: String
  /// The extent of each dimension.
  public let shape: [Int]

  init(handle: consuming HDF5Handle, file: String, path: String) throws(HDF5Error) {
    shape = try extents(of: handle.id, file: file, object: path)
    self.handle = handle
    self.file = file
    self.path = path
  }

  public var identifier: Int64 { handle.id }

  /// The number of rows.
  public var rows: Int { shape.first ?? 1 }

  /// The number of values in one row.
  public var rowSize: Int { shape.dropFirst().reduce(1, *) }

  /// Writes the given rows; by default all.
  public func write<Element: HDF5Element>(
    _ values: [Element], rows selected: Range<Int>? = nil
  ) throws(HDF5Error) {
    let selected = selected ?? 0..<rows
    precondition(
      values.count == selected.count * rowSize,
      "\(values.count) values for \(selected.count) rows of \(rowSize) in \(path)")
    guard !values.isEmpty else { return }
    try select(selected, to: "write") { memory, stored in
      H5Dwrite(
        identifier, Element.elementType.native, memory, stored, chdf5_default_properties(), values)
    }
  }

  /// Reads the given rows, by default all, one row after the other.
  public func read<Element: HDF5Element>(
    as type: Element.Type, rows selected: Range<Int>? = nil
  ) throws(HDF5Error) -> [Element] {
    let selected = selected ?? 0..<rows
    let count = selected.count * rowSize
    guard count > 0 else { return [] }
    var values: [Element] = []
    try select(selected, to: "read") { memory, stored in
      var status: herr_t = 0
      values = [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        status = H5Dread(
          identifier, type.elementType.native, memory, stored, chdf5_default_properties(),
          buffer.baseAddress)
        initializedCount = status >= 0 ? count : 0
      }
      return status
    }
    return values
  }

  /// Writes texts into the given rows of a one-dimensional dataset; by default all.
  public func write(
    texts: [String], rows selected: Range<Int>? = nil
  ) throws(HDF5Error) {
    let selected = selected ?? 0..<rows
    precondition(texts.count == selected.count, "\(texts.count) texts for \(selected.count) rows")
    guard !texts.isEmpty else { return }
    let type = try textType(file: file, object: path)
    let transfer = try textTransfer(selected.count, file: file, object: path)
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for text in texts {
      offsets.append(bytes.count)
      bytes += text.utf8.map { CChar(bitPattern: $0) }
      bytes.append(0)
    }
    try select(selected, to: "write") { memory, stored in
      bytes.withUnsafeBufferPointer { bytes in
        let pointers = offsets.map { bytes.baseAddress?.advanced(by: $0) }
        return H5Dwrite(identifier, type.id, memory, stored, transfer.id, pointers)
      }
    }
  }

  /// Reads the texts in the given rows of a one-dimensional dataset; by default all.
  public func readTexts(rows selected: Range<Int>? = nil) throws(HDF5Error) -> [String] {
    let selected = selected ?? 0..<rows
    guard !selected.isEmpty else { return [] }
    let type = try textType(file: file, object: path)
    let transfer = try textTransfer(selected.count, file: file, object: path)
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: selected.count)
    try select(selected, to: "read") { memory, stored in
      H5Dread(identifier, type.id, memory, stored, transfer.id, &pointers)
    }
    let texts = pointers.map { $0.map { String(cString: $0) } ?? "" }
    let space = try memorySpace([hsize_t(pointers.count)])
    try check(chdf5_reclaim(type.id, space.id, &pointers), "read", file: file, object: path)
    return texts
  }

  /// Closes the dataset.
  public consuming func close() throws(HDF5Error) {
    let (file, path) = (file, path)
    try handle.close(file: file, object: path)
  }
}

extension HDF5Group {
  /// Creates a dataset of numbers in this group; what is never written reads as `fill`, or as 0.
  public func createDataset<Element: HDF5Element>(
    _ name: String, of type: Element.Type, shape: [Int], layout: HDF5Layout = .contiguous,
    fill: Element? = nil
  ) throws(HDF5Error) -> HDF5Dataset {
    let object = childPath(name)
    let creation = try datasetCreation(layout, file: file, object: object)
    if var fill {
      let status = H5Pset_fill_value(creation.id, type.elementType.native, &fill)
      try check(status, "create", file: file, object: object)
    }
    return try createDataset(name, type.elementType.stored, shape, creation.id)
  }

  /// Creates a one-dimensional dataset of UTF-8 texts of variable length in this group.
  public func createTextDataset(_ name: String, count: Int) throws(HDF5Error) -> HDF5Dataset {
    let object = childPath(name)
    let creation = try datasetCreation(.contiguous, file: file, object: object)
    let type = try textType(file: file, object: object)
    return try createDataset(name, type.id, [count], creation.id)
  }

  private func createDataset(
    _ name: String, _ type: hid_t, _ shape: [Int], _ creation: hid_t
  ) throws(HDF5Error) -> HDF5Dataset {
    let object = childPath(name)
    let space = try HDF5Handle(
      H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), closedBy: H5Sclose,
      operation: "create", file: file, object: object)
    let handle = try HDF5Handle(
      H5Dcreate2(
        identifier, name, type, space.id, chdf5_default_properties(), creation,
        chdf5_default_properties()),
      closedBy: H5Dclose, operation: "create", file: file, object: object)
    return try HDF5Dataset(handle: handle, file: file, path: object)
  }
}

extension HDF5Dataset {
  /// Transfers the values in `rows`: `body` gets the dataspaces in memory and in the file. The whole
  /// dataset goes without a selection, which costs more than the transfer of a few values.
  private func select(
    _ rows: Range<Int>, to operation: String,
    _ body: (_ memory: hid_t, _ stored: hid_t) -> herr_t
  ) throws(HDF5Error) {
    guard rows.lowerBound >= 0, rows.upperBound <= self.rows else {
      throw HDF5Error(
        operation: "\(operation) rows \(rows) of", file: file, object: path,
        detail: "it has \(self.rows) rows")
    }
    if rows.count == self.rows {
      let status = body(chdf5_whole_space(), chdf5_whole_space())
      return try check(status, operation, file: file, object: path)
    }
    let stored = try HDF5Handle(
      H5Dget_space(identifier), closedBy: H5Sclose, operation: operation, file: file, object: path)
    var start = shape.map { _ in hsize_t(0) }
    var count = shape.map { hsize_t($0) }
    start[0] = hsize_t(rows.lowerBound)
    count[0] = hsize_t(rows.count)
    let selected = H5Sselect_hyperslab(stored.id, H5S_SELECT_SET, start, nil, count, nil)
    try check(selected, operation, file: file, object: path)
    // Of the shape of the selection: of another, the library takes every value for itself.
    let memory = try memorySpace(count)
    try check(body(memory.id, stored.id), operation, file: file, object: path)
  }

  /// The dataspace of values in memory, one row after the other.
  private func memorySpace(_ shape: [hsize_t]) throws(HDF5Error) -> HDF5Handle {
    try HDF5Handle(
      H5Screate_simple(Int32(shape.count), shape, nil), closedBy: H5Sclose,
      operation: "select from", file: file,
      object: path)
  }
}

/// UTF-8 text of variable length.
private func textType(file: String, object: String) throws(HDF5Error) -> HDF5Handle {
  let type = try HDF5Handle(
    H5Tcopy(chdf5_c_string()), closedBy: H5Tclose, operation: "create", file: file, object: object)
  try check(H5Tset_size(type.id, chdf5_variable_length()), "create", file: file, object: object)
  try check(H5Tset_cset(type.id, H5T_CSET_UTF8), "create", file: file, object: object)
  return type
}

/// How texts are transferred: through a conversion buffer made for `count` texts. The library's own
/// is 1 MB, zeroed for every call, which is a millisecond.
private func textTransfer(
  _ count: Int, file: String, object: String
) throws(HDF5Error) -> HDF5Handle {
  let properties = try HDF5Handle(
    H5Pcreate(chdf5_transfer()), closedBy: H5Pclose, operation: "transfer", file: file,
    object: object)
  let size = min(max(count, 64) * 64, 1 << 20)
  try check(
    H5Pset_buffer(properties.id, size, nil, nil), "transfer", file: file, object: object)
  return properties
}

/// The extent of each dimension, with their product known to be within reach: a damaged file must
/// not make the reader trap.
private func extents(
  of dataset: hid_t, file: String, object: String
) throws(HDF5Error) -> [Int] {
  let space = try HDF5Handle(
    H5Dget_space(dataset), closedBy: H5Sclose, operation: "open", file: file, object: object)
  let rank = H5Sget_simple_extent_ndims(space.id)
  try check(rank, "open", file: file, object: object)
  var extents = [hsize_t](repeating: 0, count: Int(rank))
  try check(
    H5Sget_simple_extent_dims(space.id, &extents, nil), "open", file: file, object: object)
  var total: hsize_t = 1
  for extent in extents where extent > 0 {
    let (product, overflow) = total.multipliedReportingOverflow(by: extent)
    guard !overflow, product < 1 << 40 else {
      throw HDF5Error(
        operation: "open", file: file, object: object,
        detail: "its shape \(extents) is not plausible; the file is damaged")
    }
    total = product
  }
  return extents.map { Int($0) }
}
