internal import HDF5

/// A dimension scale, shared by the variables that it belongs to.
final class Scale {
  let dataset: HDF5Dataset
  private let reference: HDF5Reference
  private var uses: [HDF5DimensionUse] = []

  init(_ dataset: consuming HDF5Dataset) throws(HDF5Error) {
    reference = try dataset.reference()
    self.dataset = dataset
  }

  /// Names the dimensions of `variable` by `scales`.
  static func name(
    dimensionsOf variable: borrowing HDF5Dataset, by scales: ArraySlice<Scale>
  ) throws(HDF5Error) {
    let user = try variable.reference()
    try variable.setDimensionScales(scales.map(\.reference))
    for (dimension, scale) in scales.enumerated() {
      scale.uses.append(HDF5DimensionUse(dataset: user, dimension: dimension))
    }
  }

  /// Writes down the variables that the scale belongs to, when all are made.
  func finish() throws(HDF5Error) { try dataset.setDimensionUses(uses) }
}

/// The dimension scales that a group's variables share: `run`, then the further ones.
struct Dimensions {
  let scales: [Scale]
  /// The variables along `run` that tell the runs apart: the CF attribute `coordinates` of each
  /// variable with a further dimension.
  var coordinates: [String] = []

  /// The extents of the first `rank` dimensions.
  func shape(rank: Int) -> [Int] { scales.prefix(rank).map { $0.dataset.rows } }

  /// Names the dimensions of `dataset`.
  func attach(to dataset: borrowing HDF5Dataset) throws(HDF5Error) {
    try Scale.name(dimensionsOf: dataset, by: scales.prefix(dataset.shape.count))
  }
}
