internal import CHDF5

/// An identifier of the library, closed when the handle ends.
///
/// Whoever writes closes by hand: only `close()` can report that the last bytes did not fit on the
/// disk.
struct HDF5Handle: ~Copyable {
  typealias Closer = @convention(c) (hid_t) -> herr_t

  let id: hid_t
  private let closer: Closer

  /// Takes over `id`; throws what is on the error stack if it is not valid.
  init(
    _ id: hid_t, closedBy closer: Closer, operation: String, file: String, object: String = ""
  ) throws(HDF5Error) {
    guard id >= 0 else {
      throw .fromStack(operation: operation, file: file, object: object)
    }
    self.id = id
    self.closer = closer
  }

  deinit { _ = closer(id) }

  /// Closes the handle; on failure it counts as closed all the same.
  consuming func close(file: String, object: String = "") throws(HDF5Error) {
    let status = closer(id)
    discard self
    guard status >= 0 else { throw .fromStack(operation: "close", file: file, object: object) }
  }
}

/// Throws what is on the error stack if `status` is negative.
func check(
  _ status: herr_t, _ operation: String, file: String, object: String = ""
) throws(HDF5Error) {
  guard status >= 0 else { throw .fromStack(operation: operation, file: file, object: object) }
}
