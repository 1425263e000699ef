internal import CHDF5

/// What a name in a file leads to.
public enum HDF5ObjectKind: Sendable {
  case group, dataset, other, none
}

/// A group of an open file.
public struct HDF5Group: ~Copyable, HDF5Object {
  private let handle: HDF5Handle
  public let file: String
  public let path: String

  init(handle: consuming HDF5Handle, file: String, path: String) {
    self.handle = handle
    self.file = file
    self.path = path
  }

  public var identifier: Int64 { handle.id }

  /// Creates a group in this one.
  public func createGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
    let object = childPath(name)
    let creation = try HDF5Handle(
      H5Pcreate(chdf5_group_creation()), closedBy: H5Pclose, operation: "create", file: file,
      object: object)
    try check(orderCreation(creation.id), "create", file: file, object: object)
    let handle = try HDF5Handle(
      H5Gcreate2(
        identifier, name, chdf5_default_properties(), creation.id, chdf5_default_properties()),
      closedBy: H5Gclose, operation: "create", file: file, object: object)
    return HDF5Group(handle: handle, file: file, path: object)
  }

  /// Opens a group in this one.
  public func group(_ name: String) throws(HDF5Error) -> HDF5Group {
    let object = childPath(name)
    let handle = try HDF5Handle(
      H5Gopen2(identifier, name, chdf5_default_properties()), closedBy: H5Gclose,
      operation: "open", file: file, object: object)
    return HDF5Group(handle: handle, file: file, path: object)
  }

  /// Opens a dataset in this group.
  public func dataset(_ name: String) throws(HDF5Error) -> HDF5Dataset {
    let object = childPath(name)
    let handle = try HDF5Handle(
      H5Dopen2(identifier, name, chdf5_default_properties()), closedBy: H5Dclose,
      operation: "open", file: file, object: object)
    return try HDF5Dataset(handle: handle, file: file, path: object)
  }

  /// Whether the group holds an object called `name`.
  public func contains(_ name: String) throws(HDF5Error) -> Bool {
    let answer = H5Lexists(identifier, name, chdf5_default_properties())
    try check(answer, "look for", file: file, object: childPath(name))
    return answer > 0
  }

  /// The names of the groups in this one, in the order in which they were created.
  public func groupNames() throws(HDF5Error) -> [String] { try names(of: H5I_GROUP) }

  /// The names of the datasets in this group, in the order in which they were created.
  public func datasetNames() throws(HDF5Error) -> [String] { try names(of: H5I_DATASET) }

  /// Lets `name` in this group stand for the object called so in `owner` (a soft link).
  public func link(_ name: String, to owner: borrowing HDF5Group) throws(HDF5Error) {
    let status = H5Lcreate_soft(
      owner.childPath(name), identifier, name, chdf5_default_properties(),
      chdf5_default_properties())
    try check(status, "link", file: file, object: childPath(name))
  }

  /// The paths of the datasets in this group and in those within it, to a depth of four.
  public func datasetPaths(depth: Int = 4) -> [String] {
    defer { _ = H5Eclear2(chdf5_error_stack()) }
    var info = H5G_info_t()
    guard H5Gget_info(identifier, &info) >= 0 else { return [] }
    var paths: [String] = []
    for position in 0..<min(info.nlinks, 1000) {
      guard let name = try? linkName(position, H5_INDEX_NAME) else { continue }
      switch kind(of: name) {
      case .dataset: paths.append(childPath(name))
      case .group where depth > 0:
        if let group = try? group(name) { paths += group.datasetPaths(depth: depth - 1) }
      default: continue
      }
    }
    return paths
  }

  /// What is at `path`, seen from this group.
  public func kind(of path: String) -> HDF5ObjectKind {
    defer { _ = H5Eclear2(chdf5_error_stack()) }
    guard
      let object = try? HDF5Handle(
        H5Oopen(identifier, path, chdf5_default_properties()), closedBy: H5Oclose,
        operation: "open", file: file, object: path)
    else { return .none }
    switch H5Iget_type(object.id) {
    case H5I_DATASET: return .dataset
    case H5I_GROUP: return .group
    default: return .other
    }
  }

  /// Closes the group.
  public consuming func close() throws(HDF5Error) {
    let (file, path) = (file, path)
    try handle.close(file: file, object: path)
  }

  func childPath(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

  private func names(of kind: H5I_type_t) throws(HDF5Error) -> [String] {
    var info = H5G_info_t()
    try check(H5Gget_info(identifier, &info), "list", file: file, object: path)
    // A group written by another program may lack the order of creation.
    let order = try hasCreationOrder() ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME
    var names: [String] = []
    for position in 0..<info.nlinks {
      let object = try HDF5Handle(
        H5Oopen_by_idx(
          identifier, ".", order, H5_ITER_INC, position, chdf5_default_properties()),
        closedBy: H5Oclose, operation: "list", file: file, object: path)
      if H5Iget_type(object.id) == kind { names.append(try linkName(position, order)) }
    }
    return names
  }

  private func hasCreationOrder() throws(HDF5Error) -> Bool {
    let creation = try HDF5Handle(
      H5Gget_create_plist(identifier), closedBy: H5Pclose, operation: "list", file: file,
      object: path)
    var flags: UInt32 = 0
    try check(
      H5Pget_link_creation_order(creation.id, &flags), "list", file: file, object: path)
    return flags == chdf5_creation_order()
  }

  private func linkName(_ position: hsize_t, _ order: H5_index_t) throws(HDF5Error) -> String {
    let length = H5Lget_name_by_idx(
      identifier, ".", order, H5_ITER_INC, position, nil, 0, chdf5_default_properties())
    guard length >= 0 else { throw .fromStack(operation: "list", file: file, object: path) }
    var bytes = [CChar](repeating: 0, count: length + 1)
    let written = H5Lget_name_by_idx(
      identifier, ".", order, H5_ITER_INC, position, &bytes, bytes.count,
      chdf5_default_properties())
    guard written >= 0 else { throw .fromStack(operation: "list", file: file, object: path) }
    return String(decoding: bytes.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
