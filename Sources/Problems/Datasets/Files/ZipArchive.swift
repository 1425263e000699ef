internal import CZlib

/// A ZIP archive in memory (PKWARE's APPNOTE 6.3), with members stored or deflated, as NumPy's `savez`
/// and `savez_compressed` write it.
///
/// Sizes are taken from the central directory and compared with the file before anything is
/// allocated: deflate expands 1032-fold at most. Members' checksums are verified.
package struct ZipArchive {
  private let bytes: [UInt8]
  private let path: String
  private let members: [Member]

  private struct Member {
    let name: String
    let method: Int
    let checksum: UInt32
    let storedSize: Int
    let size: Int
    let headerOffset: Int
  }

  private static let greatestExpansion = 1032
  /// The most bytes behind the directory's end: a comment has 16 bits.
  private static let endSize = 22
  private static let longestComment = 65_535

  package init(path: String) throws(ProblemError) {
    self.path = path
    let bytes = try DataFile.bytes(of: path, key: "path")
    self.bytes = bytes
    members = try Self.directory(bytes, path: path)
  }

  /// The names of the members, in the order of the directory.
  package var names: [String] { members.map(\.name) }

  /// The content of the member called `name`; nil if there is none.
  package func content(of name: String) throws(ProblemError) -> [UInt8]? {
    let named = members.filter { $0.name == name }
    guard let member = named.first else { return nil }
    let place = "\(path): \(name)"
    guard named.count == 1 else {
      throw ProblemError(file: place, "is there \(named.count) times; save the archive again")
    }
    // The local header repeats the name and has fields of its own before the data.
    guard let local = Fields(bytes, at: member.headerOffset, count: 30),
      local.word(0) == 0x0403_4B50
    else { throw damaged(place, "its header is not where the directory says") }
    let start = member.headerOffset + 30 + local.half(26) + local.half(28)
    guard start <= bytes.count, member.storedSize <= bytes.count - start else {
      throw damaged(
        place, "\(member.storedSize) bytes from \(start), the archive has \(bytes.count)")
    }
    let stored = bytes[start..<start + member.storedSize]
    let content: [UInt8]
    switch member.method {
    case 0:
      guard member.size == member.storedSize else {
        throw damaged(place, "it is stored in \(member.storedSize) bytes but claims \(member.size)")
      }
      content = Array(stored)
    case 8:
      guard member.size <= (member.storedSize + 1) * Self.greatestExpansion else {
        throw damaged(
          place,
          "\(member.storedSize) bytes cannot expand to the \(member.size) that it claims")
      }
      try DataFile.requireMemory(member.size, for: place)
      content = try inflate(stored, size: member.size, place: place)
    default:
      throw ProblemError(
        file: place, "is compressed by method \(member.method); allowed: stored and deflated")
    }
    guard checksum(of: content) == member.checksum else {
      throw damaged(place, "its checksum does not fit")
    }
    return content
  }

  private func damaged(_ place: String, _ detail: String) -> ProblemError {
    ProblemError(file: place, "is damaged: \(detail); save it again")
  }

  private func inflate(
    _ stored: ArraySlice<UInt8>, size: Int, place: String
  ) throws(ProblemError) -> [UInt8] {
    var stream = z_stream()
    // 15 bits of window, negative for deflate without a header.
    let started = inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib cannot start: \(started)")
    defer { inflateEnd(&stream) }
    var isWhole = false
    let content = stored.withUnsafeBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: size) { output, filled in
        var spare: UInt8 = 0
        withUnsafeMutablePointer(to: &spare) { spare in
          var taken = 0
          while true {
            // zlib counts in 32 bits. With nothing left to write it needs a place for one byte more.
            let room = min(size - filled, Int(Int32.max))
            let given = min(input.count - taken, Int(Int32.max))
            stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + taken) }
            stream.avail_in = UInt32(given)
            stream.next_out = room > 0 ? output.baseAddress.map { $0 + filled } : spare
            stream.avail_out = UInt32(max(room, 1))
            let status = CZlib.inflate(&stream, Z_NO_FLUSH)
            taken += given - Int(stream.avail_in)
            let written = max(room, 1) - Int(stream.avail_out)
            if room > 0 { filled += written }
            if status == Z_STREAM_END { isWhole = filled == size && (room > 0 || written == 0) }
            guard status == Z_OK, room > 0 || written == 0 else { return }
          }
        }
      }
    }
    guard isWhole else { throw damaged(place, "it does not expand to the \(size) bytes it claims") }
    return content
  }

  private func checksum(of content: [UInt8]) -> UInt32 {
    var value = crc32(0, nil, 0)
    content.withUnsafeBufferPointer { buffer in
      for start in stride(from: 0, to: buffer.count, by: 1 << 30) {
        let count = min(buffer.count - start, 1 << 30)
        value = crc32(value, buffer.baseAddress.map { $0 + start }, UInt32(count))
      }
    }
    return UInt32(truncatingIfNeeded: value)
  }

  /// The members that the central directory lists.
  private static func directory(_ bytes: [UInt8], path: String) throws(ProblemError) -> [Member] {
    let first = max(0, bytes.count - endSize - longestComment)
    let candidates = stride(from: bytes.count - endSize, through: first, by: -1)
    guard bytes.count >= endSize,
      let end = candidates.lazy.compactMap({ Fields(bytes, at: $0, count: endSize) })
        .first(where: { $0.word(0) == 0x0605_4B50 })
    else {
      let start = bytes.prefix(64)
      let kind = start.starts(with: Array("PK".utf8)) ? nil : FileSignature.description(of: start)
      throw ProblemError(
        file: path,
        kind.map { "is no ZIP archive: it \($0)" } ?? "is no ZIP archive, or its end is missing")
    }
    let count = end.half(10)
    var offset = end.word(16)
    var members: [Member] = []
    for _ in 0..<count {
      guard let fields = Fields(bytes, at: offset, count: 46), fields.word(0) == 0x0201_4B50,
        let name = Fields(
          bytes, at: offset + 46, count: fields.half(28) + fields.half(30) + fields.half(32))
      else {
        throw ProblemError(
          file: path, "is damaged: its directory of \(count) members is not whole; save it again")
      }
      guard fields.half(8) & 1 == 0 else {
        throw ProblemError(file: path, "is encrypted; save it without a password")
      }
      let sizes = [fields.word(20), fields.word(24), fields.word(42)]
      guard !sizes.contains(Int(UInt32.max)) else {
        throw ProblemError(
          file: path, "has members of several GB, which are not read from ZIP archives; use HDF5")
      }
      members.append(
        Member(
          name: name.text(fields.half(28)), method: fields.half(10),
          checksum: UInt32(fields.word(16)), storedSize: sizes[0], size: sizes[1],
          headerOffset: sizes[2]))
      offset += 46 + name.count
    }
    return members
  }

  /// A stretch of the archive that is known to be there.
  private struct Fields {
    private let bytes: [UInt8]
    private let start: Int
    let count: Int

    init?(_ bytes: [UInt8], at start: Int, count: Int) {
      guard start >= 0, start <= bytes.count, count <= bytes.count - start else { return nil }
      self.bytes = bytes
      self.start = start
      self.count = count
    }

    /// 16 bits, little-endian.
    func half(_ offset: Int) -> Int {
      Int(bytes[start + offset]) | Int(bytes[start + offset + 1]) << 8
    }

    /// 32 bits, little-endian.
    func word(_ offset: Int) -> Int { half(offset) | half(offset + 2) << 16 }

    func text(_ count: Int) -> String {
      String(decoding: bytes[start..<start + count], as: UTF8.self)
    }
  }
}
