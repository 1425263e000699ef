internal import CProcess

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What the system lets the process have.
public enum ResourceLimits {
  /// The files that the program may have open at a time, raised as far as the system permits.
  public static func openFiles() -> Int {
    guard var limit = limit(of: .openFiles) else { return .max }
    if limit.rlim_cur < 1024, limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = min(limit.rlim_max, 1024)
      if set(raised, of: .openFiles) { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// The bytes of address space that the process may have; nil where there is no limit.
  public static func addressSpace() -> Int? {
    [Resource.addressSpace, .data].compactMap { resource in
      limit(of: resource).flatMap { $0.rlim_cur >= unlimited ? nil : Int(clamping: $0.rlim_cur) }
    }.min()
  }

  /// The bytes of address space that the process has; 0 where the system does not say.
  public static func addressSpaceInUse() -> Int {
    guard let file = systemText("/proc/self/statm"),
      let pages = file.split(separator: " ").first.flatMap({ Int($0) })
    else { return 0 }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Limits this process for good: for one that is to read what nobody vouches for.
  public static func confine(addressSpace bytes: Int) {
    for (resource, value) in [(Resource.addressSpace, bytes), (.coreFile, 0)] {
      guard let old = limit(of: resource) else { continue }
      let value = min(rlim_t(value), old.rlim_max)
      _ = set(rlimit(rlim_cur: value, rlim_max: value), of: resource)
    }
  }

  /// Lowers the priority of this process, and of its threads started from now on, by `increment`; false if
  /// the system refuses.
  public static func giveWay(by increment: Int) -> Bool {
    errno = 0
    return nice(Int32(clamping: increment)) != -1 || errno == 0
  }

  /// The process ends after so many seconds, unless this is called again before.
  public static func endAfter(seconds: Int) { alarm(UInt32(clamping: seconds)) }

  /// Runs `body`, in which a fault says `message` and ends the program with `exitCode`: for a library that does
  /// not survive every file. One thread at a time may do so.
  public static func endingOnFault<Value, Failure: Error>(
    exitCode: Int32, _ message: String, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let text = strdup(message)
    cprocess_begin_guard(exitCode, text)
    defer {
      cprocess_end_guard()
      free(text)
    }
    return try body()
  }

  /// A fault says `message` and ends the program with `exitCode`: under a limit on memory an
  /// allocation may fail inside any library, which none of them reports.
  public static func endOnFault(exitCode: Int32, _ message: StaticString) {
    cprocess_end_on_fault(exitCode, text(message))
  }

  private enum Resource { case openFiles, addressSpace, data, coreFile }

  #if canImport(Glibc)
    private static func number(_ resource: Resource) -> __rlimit_resource_t {
      switch resource {
      case .openFiles: __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      case .addressSpace: __rlimit_resource_t(RLIMIT_AS.rawValue)
      case .data: __rlimit_resource_t(RLIMIT_DATA.rawValue)
      case .coreFile: __rlimit_resource_t(RLIMIT_CORE.rawValue)
      }
    }
  #else
    private static func number(_ resource: Resource) -> Int32 {
      switch resource {
      case .openFiles: RLIMIT_NOFILE
      case .addressSpace: RLIMIT_AS
      case .data: RLIMIT_DATA
      case .coreFile: RLIMIT_CORE
      }
    }
  #endif

  /// `RLIM_INFINITY`, a macro that Swift does not import, is this or more on every system.
  private static let unlimited = rlim_t(Int64.max)

  private static func limit(of resource: Resource) -> rlimit? {
    var limit = rlimit()
    return getrlimit(number(resource), &limit) == 0 ? limit : nil
  }

  private static func set(_ limit: rlimit, of resource: Resource) -> Bool {
    var limit = limit
    return setrlimit(number(resource), &limit) == 0
  }
}

/// The first bytes of a small file of the system; nil where it cannot be read.
public func systemText(_ path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = read(descriptor, &bytes, bytes.count)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}
