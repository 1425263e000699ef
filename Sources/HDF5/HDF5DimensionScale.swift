internal import CHDF5

/// A pointer to an object, as it stands in other objects of the same file.
public struct HDF5Reference: Sendable {
  var address: hobj_ref_t = 0
}

/// A dataset and the dimension of it that a scale belongs to.
public struct HDF5DimensionUse: Sendable {
  public let dataset: HDF5Reference
  public let dimension: Int

  public init(dataset: HDF5Reference, dimension: Int) {
    self.dataset = dataset
    self.dimension = dimension
  }
}

// HDF5 Dimension Scales 1.0, what netCDF-4 calls coordinate variables: a dataset's `DIMENSION_LIST`
// points to its scales, a scale's `REFERENCE_LIST` back to its datasets. The library's own
// H5DSattach_scale rewrites the second for every dataset, which took a third of the time of writing
// a file of fifty small datasets; here both are written once.
extension HDF5Dataset {
  /// Makes the dataset a dimension scale, the coordinates of a dimension called `name`.
  public func makeDimensionScale(_ name: String) throws(HDF5Error) {
    try check(H5DSset_scale(identifier, name), "make a dimension of", file: file, object: path)
  }

  /// A pointer to this dataset.
  public func reference() throws(HDF5Error) -> HDF5Reference {
    var reference = HDF5Reference()
    try check(
      chdf5_refer(identifier, &reference.address), "refer to", file: file, object: path)
    return reference
  }

  /// Names the dimensions of this dataset by one scale each, outermost first.
  ///
  /// The scales must be told by `setDimensionUses`.
  public func setDimensionScales(_ scales: [HDF5Reference]) throws(HDF5Error) {
    precondition(scales.count == shape.count, "\(scales.count) scales for the shape \(shape)")
    let type = try HDF5Handle(
      H5Tvlen_create(chdf5_object_reference()), closedBy: H5Tclose,
      operation: "name the dimensions of", file: file, object: path)
    let status = scales.withUnsafeBufferPointer { scales in
      let lists = scales.indices.map { index in
        hvl_t(len: 1, p: UnsafeMutableRawPointer(mutating: scales.baseAddress?.advanced(by: index)))
      }
      return chdf5_write_list_attribute(
        identifier, chdf5_dimension_list(), type.id, hsize_t(lists.count), lists)
    }
    try check(status, "name the dimensions of", file: file, object: path)
  }

  /// Records which dimensions of which datasets this scale belongs to: all of them, at once.
  public func setDimensionUses(_ uses: [HDF5DimensionUse]) throws(HDF5Error) {
    guard !uses.isEmpty else { return }
    let entries = uses.map {
      chdf5_dimension_use(dataset: $0.dataset.address, dimension: UInt32($0.dimension))
    }
    let type = try HDF5Handle(
      chdf5_dimension_use_type(), closedBy: H5Tclose, operation: "name a dimension by", file: file,
      object: path)
    let status = chdf5_write_list_attribute(
      identifier, chdf5_reference_list(), type.id, hsize_t(entries.count), entries)
    try check(status, "name a dimension by", file: file, object: path)
  }
}
