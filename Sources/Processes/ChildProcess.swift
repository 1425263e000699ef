#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Another program, run to its end.
public struct ChildProcess: Sendable {
  /// How it ended.
  public enum Ending: Sendable, Equatable {
    case exited(Int32)
    case killed(signal: Int32)
    /// It took longer than it was given and was killed.
    case timedOut
  }

  public let ending: Ending
  /// The last megabyte that it wrote to its standard output.
  public let output: String

  /// Runs the program at `arguments[0]`, or of that name in PATH, without standard input and with
  /// its diagnostics dropped.
  ///
  /// - Parameters:
  ///   - environment: The whole environment, as `NAME=value`.
  ///   - seconds: After which it is killed.
  /// - Returns: Nil where the system refuses to start it.
  public static func run(
    _ arguments: [String], environment: [String], seconds: Double = 60
  ) -> ChildProcess? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    guard let child = spawn(arguments, environment, output: ends[1]) else {
      close(ends[1])
      return nil
    }
    close(ends[1])
    let deadline = monotonicSeconds() + seconds
    var isLate = false
    let output = read(ends[0], until: deadline, isLate: &isLate)
    var status: Int32 = 0
    if isLate { kill(child, SIGKILL) }
    while true {
      let found = waitpid(child, &status, isLate ? 0 : WNOHANG)
      if found == child { break }
      if found < 0, errno != EINTR { return nil }
      if monotonicSeconds() > deadline, !isLate {
        isLate = true
        kill(child, SIGKILL)
      } else if !isLate {
        usleep(1000)
      }
    }
    if isLate { return ChildProcess(ending: .timedOut, output: output) }
    let signal = status & 0x7F
    return ChildProcess(
      ending: signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal),
      output: output)
  }
}

private func spawn(
  _ arguments: [String], _ environment: [String], output: Int32
) -> pid_t? {
  #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
  #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
  #endif
  guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
  defer { posix_spawn_file_actions_destroy(&actions) }
  guard posix_spawnattr_init(&attributes) == 0 else { return nil }
  defer { posix_spawnattr_destroy(&attributes) }
  // What this process ignores, the child would ignore too.
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM] {
    sigaddset(&signals, number)
  }
  posix_spawnattr_setsigdefault(&attributes, &signals)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
  posix_spawn_file_actions_adddup2(&actions, output, 1)
  let program = arguments[0]
  var arguments: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  var environment: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
  defer { for case let text? in arguments + environment { free(text) } }
  var child: pid_t = 0
  let code = posix_spawnp(&child, program, &actions, &attributes, &arguments, &environment)
  return code == 0 ? child : nil
}

private func read(_ descriptor: Int32, until deadline: Double, isLate: inout Bool) -> String {
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 4096)
  while true {
    let left = deadline - monotonicSeconds()
    guard left > 0 else {
      isLate = true
      break
    }
    var place = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let ready = poll(&place, 1, Int32(min(left * 1000 + 1, 60_000)))
    if ready < 0, errno != EINTR { break }
    guard ready > 0 else { continue }
    let count = read(descriptor, &block, block.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { break }
    bytes += block.prefix(count)
    if bytes.count > 2 << 20 { bytes.removeFirst(bytes.count - 1 << 20) }
  }
  return String(decoding: bytes, as: UTF8.self)
}

func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
