internal import CHDF5

/// How the values of a dataset lie in the file.
public enum HDF5Layout: Sendable, Equatable {
  /// In one piece, without a checksum.
  case contiguous
  /// In pieces of the given shape, each with a Fletcher-32 checksum; shuffled and deflated at the
  /// given level (1–9), or stored as they are at level 0.
  case chunked([Int], deflate: Int)
}

/// The creation properties of a dataset.
func datasetCreation(
  _ layout: HDF5Layout, file: String, object: String
) throws(HDF5Error) -> HDF5Handle {
  let properties = try HDF5Handle(
    H5Pcreate(chdf5_dataset_creation()), closedBy: H5Pclose, operation: "create", file: file,
    object: object)
  try check(orderAttributes(properties.id), "create", file: file, object: object)
  switch layout {
  case .contiguous:
    break
  case .chunked(let shape, let level):
    let extents = shape.map { hsize_t($0) }
    try check(
      H5Pset_chunk(properties.id, Int32(extents.count), extents), "create", file: file,
      object: object)
    if level > 0 {
      try check(H5Pset_shuffle(properties.id), "create", file: file, object: object)
      try check(
        H5Pset_deflate(properties.id, UInt32(level)), "create", file: file, object: object)
    }
    try check(H5Pset_fletcher32(properties.id), "create", file: file, object: object)
  }
  return properties
}
