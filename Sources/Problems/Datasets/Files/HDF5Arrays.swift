internal import HDF5
internal import Processes

/// Arrays of numbers in an HDF5 file, with the conventions of those who write such files:
///
/// - netCDF (CF): `scale_factor` and `add_offset` are applied, `_Unsigned` is heeded; an element that is
///   `_FillValue` or `missing_value`, outside `valid_range`, `valid_min` or `valid_max`, or netCDF's own
///   fill value, is missing and ends the reading.
/// - MATLAB 7.3 and Octave: their arrays lie with the axes in the opposite order, which is undone.
///
/// A dataset that needs a filter which is not there, lies in other files, was never written, or holds
/// no numbers is refused by name.
package enum HDF5Arrays {
  /// The arrays called `names` in the file at `path`.
  package static func read(
    _ names: [String], from path: String
  ) throws(ProblemError) -> [String: NumericArray] {
    let size = try DataFile.size(of: path, key: "path")
    try requireSignature(path, size: size)
    return try DataFile.unchanged(path, key: "path") { () throws(ProblemError) in
      try HDF5Library.exclusively { () throws(ProblemError) -> [String: NumericArray] in
        do {
          // Nobody vouches for a data set, and the library has faults in its structures' readers.
          return try ResourceLimits.endingOnFault(
            exitCode: 2,
            "optbench: \(path): the HDF5 library fails in the middle of the file, which is damaged; make it anew, or give the data as npz\n"
          ) { () throws(any Error) -> [String: NumericArray] in
            let file = try HDF5File.open(path)
            let root = try file.root()
            var arrays: [String: NumericArray] = [:]
            for name in names {
              arrays[name] = try array(name, in: root, of: path, fileSize: size)
            }
            return arrays
          }
        } catch let error as HDF5Error {
          let place = error.object.isEmpty ? path : "\(path): \(error.object)"
          throw ProblemError(file: place, "cannot \(error.operation) it: \(error.detail)")
        } catch let error as ProblemError {
          throw error
        } catch {
          throw ProblemError(file: path, "\(error)")
        }
      }
    }
  }

  /// HDF5 begins at the start of a file or behind a block of the user's, at a power of two from 512.
  private static func requireSignature(_ path: String, size: Int) throws(ProblemError) {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    var offset = 0
    while offset < max(size, 1) {
      if try DataFile.bytes(signature.count, at: offset, of: path) == signature { return }
      offset = max(512, offset * 2)
    }
    let kind = FileSignature.description(of: try DataFile.bytes(64, at: 0, of: path))
    throw ProblemError(file: path, kind.map { "is no HDF5 file: it \($0)" } ?? "is no HDF5 file")
  }

  private static func array(
    _ name: String, in root: borrowing HDF5Group, of path: String, fileSize: Int
  ) throws -> NumericArray {
    let place = "\(path): \(name)"
    guard root.kind(of: name) == .dataset else {
      throw try missing(name, in: root, of: path)
    }
    let dataset = try root.dataset(name)
    let kind = try dataset.elementKind()
    if case .other(let words) = kind {
      throw ProblemError(
        file: place,
        "holds \(words), no numbers; "
          + (words == "texts"
            ? "number classes from 0, for example with numpy.unique(labels, return_inverse=True)[1]"
            : "save numbers, for example each field as a dataset of its own"))
    }
    let axes = try AxisOrder(of: dataset, called: name, in: root, place: place)
    try requireReadable(dataset, place: place)
    let shape = dataset.shape
    // HDF5's gzip filter expands 1032-fold at most.
    guard let bytes = elementCount(of: shape, times: MemoryLayout<Double>.size),
      bytes / 8 <= fileSize * 1032
    else {
      throw ProblemError(
        file: place,
        "claims the shape \(shape), more than the file's \(fileSize) bytes can hold")
    }
    try DataFile.requireMemory(bytes, for: place)
    let elements: NumericArray.Elements
    do {
      elements =
        switch kind {
        case .integer(bits: 64, isSigned: false): .unsigned(try dataset.read(as: UInt64.self))
        case .integer: .integers(try dataset.read(as: Int64.self))
        default: .doubles(try dataset.read(as: Double.self))
        }
    } catch {
      // Not before: chunks may have left out a filter that the program does not have.
      throw try missingFilter(of: dataset, place: place) ?? error
    }
    let raw = NumericArray(shape: shape, elements: elements)
    let array = try Packing(of: dataset, kind: kind).unpacked(raw, place: place)
    return axes == .reversed ? array.reversingAxes() : array
  }

  private static func missing(
    _ name: String, in root: borrowing HDF5Group, of path: String
  ) throws -> ProblemError {
    let isGroup = root.kind(of: name) == .group
    if isGroup, try root.group(name).hasAttribute("MATLAB_sparse") {
      return ProblemError(
        file: "\(path): \(name)", "is a sparse matrix of MATLAB; save full(\(name)) in its place")
    }
    let paths = root.datasetPaths().map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
    let list = paths.isEmpty ? "no datasets" : paths.prefix(20).joined(separator: ", ")
    return ProblemError(
      file: path,
      (isGroup ? "'\(name)' is a group, no dataset" : "has no dataset '\(name)'")
        + "; it has: \(list)")
  }

  private static func missingFilter(
    of dataset: borrowing HDF5Dataset, place: String
  ) throws -> ProblemError? {
    guard let filter = try dataset.filters().first(where: { !$0.isAvailable }) else { return nil }
    let name = filter.name.isEmpty ? "" : "'\(filter.name)', "
    return ProblemError(
      file: place,
      "needs the filter \(name)number \(filter.number) of HDF5's registry, which this program does "
        + "not have; save it with gzip, for example by h5py's create_dataset(…, compression='gzip')"
    )
  }

  private static func requireReadable(
    _ dataset: borrowing HDF5Dataset, place: String
  ) throws {
    if try dataset.isVirtual() {
      throw ProblemError(
        file: place,
        "is a virtual dataset, whose values lie elsewhere and read as fill values where they are "
          + "missing; save a copy of the values")
    }
    if dataset.isUnwritten(), dataset.shape.allSatisfy({ $0 > 0 }) {
      let size = dataset.shape
      throw ProblemError(
        file: place, "claims the shape \(size), but was never written: it holds fill values only")
    }
  }
}

/// The order in which a dataset's axes lie.
private enum AxisOrder {
  case asGiven, reversed

  init(
    of dataset: borrowing HDF5Dataset, called name: String, in root: borrowing HDF5Group,
    place: String
  ) throws {
    if try dataset.hasAttribute("MATLAB_class") {
      let kind = try dataset.textAttribute("MATLAB_class")
      let numbers = [
        "double", "single", "logical", "int8", "int16", "int32", "int64", "uint8", "uint16",
        "uint32", "uint64",
      ]
      guard numbers.contains(kind) else {
        throw ProblemError(file: place, "is a MATLAB \(kind); save an array of numbers")
      }
      if try dataset.hasAttribute("MATLAB_empty") {
        throw ProblemError(file: place, "is an empty MATLAB array: no examples")
      }
      self = .reversed
      return
    }
    // Octave's variable is a group of a type and a value.
    let parent = name.split(separator: "/").dropLast().joined(separator: "/")
    let isOctave =
      try !parent.isEmpty && root.group(parent).hasAttribute("OCTAVE_NEW_FORMAT")
    self = isOctave ? .reversed : .asGiven
  }
}

/// How netCDF's attributes say what the stored numbers mean.
private struct Packing {
  private let scale: Double
  private let offset: Double
  private let isScaled: Bool
  /// The bits of integers that are unsigned although their type is not.
  private let unsignedBits: Int?
  private let missing: [Double]
  private let valid: ClosedRange<Double>

  /// netCDF's fill values (netcdf.h) of types of more than one byte.
  private static let defaultFills: Set<Double> = [
    -32767, 65535, -2_147_483_647, 4_294_967_295, -0x1p63, 0x1p64, 9.969_209_968_386_869e36,
  ]

  init(of dataset: borrowing HDF5Dataset, kind: HDF5ElementKind) throws(HDF5Error) {
    scale = try dataset.numbers(inAttribute: "scale_factor")?.first ?? 1
    offset = try dataset.numbers(inAttribute: "add_offset")?.first ?? 0
    isScaled = scale != 1 || offset != 0
    var bits = 64
    if case .integer(let width, isSigned: true) = kind, width < 64,
      try dataset.hasAttribute("_Unsigned"),
      try dataset.textAttribute("_Unsigned").lowercased() == "true"
    {
      bits = width
    }
    unsignedBits = bits < 64 ? bits : nil
    let wrap = { (value: Double) in bits < 64 && value < 0 ? value + Double(1 << bits) : value }
    var missing: [Double] = []
    for name in ["_FillValue", "missing_value"] {
      missing += try dataset.numbers(inAttribute: name) ?? []
    }
    if missing.isEmpty, let fill = try dataset.fillValue(), Self.defaultFills.contains(fill) {
      missing = [fill]
    }
    self.missing = missing.map(wrap)
    let range = try dataset.numbers(inAttribute: "valid_range") ?? []
    let least = try dataset.numbers(inAttribute: "valid_min")?.first
    let greatest = try dataset.numbers(inAttribute: "valid_max")?.first
    let lower = wrap(range.count == 2 ? range[0] : least ?? -.infinity)
    let upper = wrap(range.count == 2 ? range[1] : greatest ?? .infinity)
    valid = lower...max(lower, upper)
  }

  /// The numbers that are meant.
  func unpacked(_ array: NumericArray, place: String) throws(ProblemError) -> NumericArray {
    let isChecked = !missing.isEmpty || valid != -.infinity ... .infinity
    guard isScaled || isChecked || unsignedBits != nil else { return array }
    var values: [Double] = []
    values.reserveCapacity(array.count)
    for position in 0..<array.count {
      var value = array.element(at: position)
      if let unsignedBits, value < 0 { value += Double(1 << unsignedBits) }
      if isChecked, missing.contains(value) || value < valid.lowerBound || value > valid.upperBound
      {
        throw ProblemError(
          file: place,
          "element \(array.index(of: position)) is \(value), "
            + (missing.contains(value) ? "the fill value" : "outside its valid range")
            + ": it is missing; fill it in, or leave out the example")
      }
      values.append(isScaled ? value * scale + offset : value)
    }
    return NumericArray(shape: array.shape, elements: .doubles(values))
  }
}
