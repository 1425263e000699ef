#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A thread of the system that says so when it cannot be started.
public struct WorkerThread {
  private let thread: pthread_t

  /// Starts `body` on a thread of its own; nil where the system refuses one more, as limits on a
  /// user's or a container's processes make it do.
  public static func start(
    stackSize: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) -> WorkerThread? {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    let work = Unmanaged.passRetained(Work(body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = pthread_create(&thread, &attributes, { perform($0) }, work.toOpaque())
      guard code == 0, let thread else {
        work.release()
        return nil
      }
    #else
      var thread = pthread_t()
      let code = pthread_create(&thread, &attributes, { perform($0) }, work.toOpaque())
      guard code == 0 else {
        work.release()
        return nil
      }
    #endif
    return WorkerThread(thread: thread)
  }

  /// Waits until the thread has ended; once.
  public func join() { pthread_join(thread, nil) }
}

private final class Work {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func perform(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
  return nil
}
