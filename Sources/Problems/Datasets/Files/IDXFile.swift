/// Files in the IDX format of LeCun, Cortes & Burges' MNIST: a magic number, the sizes, then bytes;
/// compressed by gzip where the name ends in `.gz`.
///
/// The reader knows what it expects and compares the header with it before it allocates anything.
package enum IDXFile {
  /// `count` images of the given shape, one byte a pixel, in order.
  package static func images(
    at path: String, count: Int, height: Int, width: Int
  ) throws(ProblemError) -> [UInt8] {
    try read(path, magic: 0x0803, sizes: [count, height, width], kind: "images")
  }

  /// `count` labels, each below `classes`.
  package static func labels(at path: String, count: Int, classes: Int) throws(ProblemError)
    -> [UInt8]
  {
    let labels = try read(path, magic: 0x0801, sizes: [count], kind: "labels")
    if let position = labels.firstIndex(where: { $0 >= classes }) {
      throw ProblemError(
        file: path,
        "label \(labels[position]) at position \(position); allowed: 0 to \(classes - 1)")
    }
    return labels
  }

  private static func read(
    _ path: String, magic: Int, sizes: [Int], kind: String
  ) throws(ProblemError) -> [UInt8] {
    let headerSize = 4 * (1 + sizes.count)
    let size = sizes.reduce(1, *)
    guard path.hasSuffix(".gz") else {
      let bytes = try DataFile.bytes(of: path, key: "path", size: headerSize + size)
      try check(Array(bytes.prefix(headerSize)), path, magic: magic, sizes: sizes, kind: kind)
      return Array(bytes.dropFirst(headerSize))
    }
    let file = try GzipFile(path: path)
    let header = try file.read(headerSize, of: "header")
    try check(header, path, magic: magic, sizes: sizes, kind: kind)
    let bytes = try file.read(size, of: kind)
    try file.expectEnd()
    return bytes
  }

  private static func check(
    _ header: [UInt8], _ path: String, magic: Int, sizes: [Int], kind: String
  ) throws(ProblemError) {
    let numbers = stride(from: 0, to: header.count, by: 4).map { start in
      header[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard numbers[0] == magic else {
      throw ProblemError(
        file: path,
        "starts with the number \(hexadecimal(numbers[0])), not with the \(hexadecimal(magic)) "
          + "of an IDX file of \(kind)")
    }
    guard Array(numbers.dropFirst()) == sizes else {
      throw ProblemError(
        file: path,
        "its header says \(label(numbers.dropFirst())) \(kind), the data set has "
          + "\(label(sizes[...])); this is another data set or a damaged file")
    }
  }

  private static func label(_ sizes: ArraySlice<Int>) -> String {
    sizes.map(String.init).joined(separator: "×")
  }

  private static func hexadecimal(_ number: Int) -> String { "0x" + String(number, radix: 16) }
}
