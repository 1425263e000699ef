import Digests

/// A file of CIFAR's binary version: for each image one or two label bytes, then 1,024 bytes of red, of
/// green and of blue, each row by row.
///
/// CIFAR-100 has two labels, the superclass before the class.
package struct CIFARRecords {
  /// Images of `[32, 32, 3]`, one byte a value, the channels of a pixel side by side.
  package let pixels: [UInt8]
  package let labels: [UInt8]

  private static let plane = 32 * 32

  /// Reads a file of `count` records.
  ///
  /// - Parameters:
  ///   - labelBytes: The labels of an image.
  ///   - labelPosition: Which of them is used.
  ///   - md5: The file's MD5 as published, in lower-case hexadecimal; nil if it is not to be checked.
  package init(
    path: String, labelBytes: Int, labelPosition: Int, count: Int, classes: Int, md5: String?
  ) throws(ProblemError) {
    let record = labelBytes + 3 * Self.plane
    let bytes = try DataFile.bytes(of: path, key: "path", size: count * record)
    if let md5, let found = Digest.md5(of: bytes) {
      guard found == md5 else {
        throw ProblemError(
          file: path,
          "its MD5 is \(found), the published file's is \(md5); it is damaged or another file: fetch "
            + "it again")
      }
    }
    var labels: [UInt8] = []
    var pixels = [UInt8](repeating: 0, count: count * 3 * Self.plane)
    for index in 0..<count {
      let start = index * record
      let label = bytes[start + labelPosition]
      guard label < classes else {
        throw ProblemError(
          file: path, "label \(label) of image \(index); allowed: 0 to \(classes - 1)")
      }
      labels.append(label)
      let target = index * 3 * Self.plane
      for channel in 0..<3 {
        let source = start + labelBytes + channel * Self.plane
        for place in 0..<Self.plane { pixels[target + 3 * place + channel] = bytes[source + place] }
      }
    }
    self.labels = labels
    self.pixels = pixels
  }
}
