/// What a file is by its first bytes, for the error where it is not what was expected.
enum FileSignature {
  /// What begins with `bytes` and what to do about it, such as `is compressed by gzip; unpack it`; nil
  /// for what is not known.
  static func description(of bytes: some Collection<UInt8>) -> String? {
    if bytes.isEmpty { return "is empty" }
    return all.first { bytes.starts(with: $0.start) }?.description
  }

  private static let csv = "save it as comma-separated values (CSV)"

  private static let all: [(start: [UInt8], description: String)] = [
    ([0x1F, 0x8B], "is compressed by gzip; unpack it with gunzip"),
    ([0x42, 0x5A, 0x68], "is compressed by bzip2; unpack it with bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "is compressed by xz; unpack it with unxz"),
    ([0x28, 0xB5, 0x2F, 0xFD], "is compressed by zstd; unpack it with unzstd"),
    (
      [0x89] + Array("HDF".utf8), "is an HDF5 file; read it with the data set hdf5"
    ),
    (
      [0x93] + Array("NUMPY".utf8),
      "is a single NumPy array; save features and labels together with numpy.savez and read them "
        + "with the data set npz"
    ),
    (
      Array("PK".utf8) + [3, 4],
      "is a ZIP archive; unpack it, or read NumPy's .npz with the data set npz (of a spreadsheet, "
        + "\(csv))"
    ),
    (
      Array("CDF".utf8),
      "is a netCDF file of the classic format; convert it with nccopy -k nc4 and read it with the "
        + "data set hdf5"
    ),
    (
      Array("MATLAB 5.0 MAT-file".utf8),
      "is a MATLAB file of version 7 or earlier; save it with '-v7.3' and read it with the data set "
        + "hdf5"
    ),
    ([0xD0, 0xCF, 0x11, 0xE0], "is a document of an office program; \(csv)"),
    (Array("PAR1".utf8), "is a Parquet file; \(csv)"),
    (Array("ARROW1".utf8), "is a Feather file; \(csv)"),
    (Array("version https://git-lfs".utf8), "is a pointer of Git LFS; fetch it with git lfs pull"),
    (Array("<!DOCTYPE".utf8), "is a web page in the place of the data; fetch the file itself"),
    (Array("<html".utf8), "is a web page in the place of the data; fetch the file itself"),
  ]
}
