internal import CHDF5

/// An HDF5 file, open for reading or being created.
public struct HDF5File: ~Copyable {
  private let handle: HDF5Handle
  /// The path by which the file was opened.
  public let path: String

  private init(handle: consuming HDF5Handle, path: String) {
    self.handle = handle
    self.path = path
  }

  /// Opens the file at `path` for reading.
  public static func open(_ path: String) throws(HDF5Error) -> HDF5File {
    let access = try fileAccess(path)
    let handle = try HDF5Handle(
      H5Fopen(path, chdf5_read_only(), access.id), closedBy: H5Fclose, operation: "open",
      file: path)
    return HDF5File(handle: handle, path: path)
  }

  /// Creates the file at `path`, in place of one that may be there.
  ///
  /// The format is that of HDF5 1.10, which every current reader knows, with the order of creation
  /// kept, as netCDF-4 demands.
  public static func create(_ path: String) throws(HDF5Error) -> HDF5File {
    let access = try fileAccess(path)
    let creation = try HDF5Handle(
      H5Pcreate(chdf5_file_creation()), closedBy: H5Pclose, operation: "create", file: path)
    try check(orderCreation(creation.id), "create", file: path)
    try check(
      H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110), "create", file: path)
    let handle = try HDF5Handle(
      H5Fcreate(path, chdf5_truncate(), creation.id, access.id), closedBy: H5Fclose,
      operation: "create", file: path)
    return HDF5File(handle: handle, path: path)
  }

  /// The group at the top of the file; it and all within are usable as long as the file is open.
  public func root() throws(HDF5Error) -> HDF5Group {
    let handle = try HDF5Handle(
      H5Gopen2(handle.id, "/", chdf5_default_properties()), closedBy: H5Gclose, operation: "open",
      file: path, object: "/")
    return HDF5Group(handle: handle, file: path, path: "/")
  }

  /// Writes what is still in memory and closes the file with everything in it.
  public consuming func close() throws(HDF5Error) {
    let path = path
    try handle.close(file: path)
  }
}

/// How files are opened: closing one closes what is open in it, so that nothing stays unwritten.
private func fileAccess(_ path: String) throws(HDF5Error) -> HDF5Handle {
  let access = try HDF5Handle(
    H5Pcreate(chdf5_file_access()), closedBy: H5Pclose, operation: "open", file: path)
  try check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), "open", file: path)
  try check(chdf5_disable_file_locking(access.id), "open", file: path)
  return access
}

/// Keeps the order of creation of links and attributes, and keeps both within the object header up
/// to a number that no group of ours exceeds: the indexed form costs kilobytes per group.
func orderCreation(_ properties: hid_t) -> herr_t {
  let results = [
    H5Pset_link_creation_order(properties, chdf5_creation_order()),
    H5Pset_link_phase_change(properties, 128, 96),
    H5Pset_est_link_info(properties, 48, 16),
    orderAttributes(properties),
  ]
  return results.min() ?? 0
}

/// Keeps the order of creation of an object's attributes and leaves out its times, which would make
/// equal content differ.
func orderAttributes(_ properties: hid_t) -> herr_t {
  let results = [
    H5Pset_attr_creation_order(properties, chdf5_creation_order()),
    H5Pset_attr_phase_change(properties, 64, 48),
    H5Pset_obj_track_times(properties, false),
  ]
  return results.min() ?? 0
}
