#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory for arrays of numbers, aligned for vector instructions, in huge pages where that pays; see
/// `docs/decisions/059-huge-pages.md`.
public enum LargeMemory {
  private static let hugePage = 2 << 20

  /// Zeros, aligned to 64 bytes at least; to be freed with `free(_:byteCount:)`. Large memory is taken
  /// from the system page by page as it is touched, so what nobody touches costs nothing.
  static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    #if os(Linux)
      if byteCount >= hugePage { return map(byteCount: byteCount) }
    #endif
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return memory
  }

  /// Gives back what `allocate(byteCount:)` gave.
  static func free(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      if byteCount >= hugePage {
        munmap(memory, byteCount)
        return
      }
    #endif
    memory.deallocate()
  }

  /// The bytes in an array of their own, for a table that is read at random.
  public static func copy(of bytes: [UInt8]) -> [UInt8] {
    Array(unsafeUninitializedCapacity: bytes.count) { buffer, count in
      askForHugePages(UnsafeMutableRawBufferPointer(buffer))
      _ = buffer.initialize(from: bytes)
      count = bytes.count
    }
  }

  #if os(Linux)
    /// Pages of its own that begin at a multiple of a huge page's size.
    private static func map(byteCount: Int) -> UnsafeMutableRawPointer {
      let reserved = byteCount + hugePage
      let whole = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let whole, whole != MAP_FAILED else {
        fatalError("no memory for an array of \(byteCount) bytes")
      }
      let start = whole.alignedUp(toMultipleOf: hugePage)
      if start > whole { munmap(whole, start - whole) }
      let page = Int(getpagesize())
      let end = (start + byteCount).alignedUp(toMultipleOf: page)
      if whole + reserved > end { munmap(end, whole + reserved - end) }
      askForHugePages(UnsafeMutableRawBufferPointer(start: start, count: byteCount))
      return start
    }
  #endif

  /// Asks for huge pages where whole ones fit into memory that nobody has touched yet. The rest stays
  /// in small pages: no byte more is used. A kernel without huge pages refuses without harm.
  private static func askForHugePages(_ memory: UnsafeMutableRawBufferPointer) {
    #if os(Linux)
      guard let start = memory.baseAddress else { return }
      let first = start.alignedUp(toMultipleOf: hugePage)
      let count = (start + memory.count - first) / hugePage
      if count > 0 { madvise(first, count * hugePage, MADV_HUGEPAGE) }
    #endif
  }
}
