internal import CCrypto

/// A SHA-256 digest under construction (FIPS 180-4, from libcrypto).
///
/// Numbers are fed as their little-endian bytes and text as its UTF-8 length and bytes, so that the
/// digest of a sequence of values is unambiguous.
public struct Digest: ~Copyable {
  private let context: OpaquePointer

  /// A digest of nothing yet.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto has no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds raw bytes.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    precondition(EVP_DigestUpdate(context, base, bytes.count) == 1, "libcrypto failed")
  }

  /// Adds a text with its length.
  public mutating func add(_ text: String) {
    let bytes = Array(text.utf8)
    add(bytes.count)
    bytes.withUnsafeBytes { add($0) }
  }

  /// Adds an integer as 64 bits.
  public mutating func add(_ value: Int) {
    withUnsafeBytes(of: Int64(value).littleEndian) { add($0) }
  }

  /// Adds a number by its bit pattern; every NaN counts as the same number.
  public mutating func add(_ value: Double) {
    let bits = value.isNaN ? Double.nan.bitPattern : value.bitPattern
    withUnsafeBytes(of: bits.littleEndian) { add($0) }
  }

  /// Adds an array of numbers with its length, by bit patterns; every NaN counts as the same.
  public mutating func add(_ values: [Float]) {
    add(values.count)
    let canonical = values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
    canonical.withUnsafeBytes { add($0) }
  }

  /// Adds an array of integers with its length.
  public mutating func add(_ values: [Int32]) {
    add(values.count)
    values.withUnsafeBytes { add($0) }
  }

  /// The digest in lower-case hexadecimal.
  public consuming func finish() -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    precondition(EVP_DigestFinal_ex(context, &bytes, nil) == 1, "libcrypto failed")
    return Self.hexadecimal(bytes)
  }

  /// The digest of one text's UTF-8 bytes, as `sha256sum` prints it.
  public static func ofText(_ text: String) -> String {
    var digest = Digest()
    Array(text.utf8).withUnsafeBytes { digest.add($0) }
    return digest.finish()
  }

  /// The digest of `bytes`, as `sha256sum` prints it.
  public static func ofBytes(_ bytes: [UInt8]) -> String {
    var digest = Digest()
    bytes.withUnsafeBytes { digest.add($0) }
    return digest.finish()
  }

  /// The MD5 of `bytes` in lower-case hexadecimal, as `md5sum` prints it, for files that were published
  /// with one; nil where the library refuses to compute it, as some hardened systems do.
  public static func md5(of bytes: [UInt8]) -> String? {
    var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &result, &length, EVP_md5(), nil) == 1 else { return nil }
    return hexadecimal(result.prefix(Int(length)))
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
