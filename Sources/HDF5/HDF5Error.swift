internal import CHDF5

/// A failure of the HDF5 library, with the library's own account of it.
public struct HDF5Error: Error, Equatable, CustomStringConvertible {
  /// What was tried, such as `write`.
  public let operation: String
  /// The file's path as it was opened.
  public let file: String
  /// The object within the file, such as `/digits/loss`; empty for the file itself.
  public let object: String
  /// What the library says about it, the cause first.
  public let detail: String

  public init(operation: String, file: String, object: String, detail: String) {
    self.operation = operation
    self.file = file
    self.object = object
    self.detail = detail
  }

  /// An error that takes its detail from the calling thread's error stack, and empties it.
  static func fromStack(operation: String, file: String, object: String) -> HDF5Error {
    HDF5Error(operation: operation, file: file, object: object, detail: drainErrorStack())
  }

  public var description: String {
    let place = object.isEmpty ? file : "\(object) in \(file)"
    return "cannot \(operation) \(place): \(detail)"
  }
}

/// The messages of the calling thread's error stack, the innermost first, which is the cause.
private func drainErrorStack() -> String {
  var messages: [String] = []
  withUnsafeMutablePointer(to: &messages) { messages in
    _ = H5Ewalk2(
      chdf5_error_stack(), H5E_WALK_UPWARD,
      { _, entry, messages in
        guard let description = entry?.pointee.desc, let messages else { return 0 }
        messages.assumingMemoryBound(to: [String].self).pointee.append(String(cString: description))
        return 0
      }, messages)
  }
  _ = H5Eclear2(chdf5_error_stack())
  // The library puts a time of day with a line break into some of its messages.
  messages = messages.map { String($0.map { $0.isNewline ? " " : $0 }) }
  guard let cause = messages.first else { return "the HDF5 library gives no reason" }
  guard let effect = messages.last, messages.count > 1 else { return cause }
  return "\(cause) (\(effect))"
}
