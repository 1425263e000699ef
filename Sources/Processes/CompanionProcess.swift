internal import CProcess

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Another program that runs beside this one and answers lines of text with lines of text, for one
/// thread at a time.
///
/// What it writes to its standard error goes to this program's, line by line behind `label`. It leads a
/// process group of its own: Ctrl-C in a terminal reaches this program alone, and whatever the other
/// one has started ends with it.
public final class CompanionProcess {
  /// Why there is no answer.
  public enum Silence: Error, Equatable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)
    /// It goes on, but has closed its standard output.
    case closedItsOutput
    case timedOut
    /// The user has asked this program to stop.
    case interrupted
    /// The line never ends.
    case endlessLine
  }

  /// What stands before each line that it writes to its standard error.
  public var label: String
  private let child: pid_t
  private var input: Int32
  private let output: Int32
  private let errors: Int32
  private var status: Int32?
  private var received: [UInt8] = []
  private var errorLine: [UInt8] = []
  private var hasErrors = true
  private var lastErrors: [String] = []

  /// The most bytes of an answer.
  private static let longestLine = 1 << 24
  /// How much is kept of what it wrote to its standard error.
  private static let keptErrors = 4000
  /// The longest wait between two looks at whether the user wants to stop.
  private static let patience = 0.2
  /// How long an answer may still take when the user wants to stop: less than `StopSignal` waits for all.
  private static let grace = 2.0

  /// Starts the program at `arguments[0]`, or of that name in PATH, in `folder`.
  ///
  /// - Parameters:
  ///   - environment: The whole environment, as `NAME=value`.
  ///   - folder: Where it starts; empty for the current one.
  /// - Returns: Nil where the system refuses to start it.
  public init?(_ arguments: [String], environment: [String], folder: String, label: String) {
    // The other program may be gone when it is asked something: that is an error, not an end.
    _ = signal(SIGPIPE, SIG_IGN)
    var arguments: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for case let text? in arguments + environment { free(text) } }
    var streams: [Int32] = [-1, -1, -1]
    let child = cprocess_start_companion(&arguments, &environment, folder, &streams)
    guard child > 0 else { return nil }
    self.child = child
    self.label = label
    (input, output, errors) = (streams[0], streams[1], streams[2])
    received.reserveCapacity(4096)
  }

  deinit {
    end()
    close(output)
    close(errors)
  }

  /// The last lines that it wrote to its standard error.
  public var lastMessages: String { lastErrors.joined(separator: "\n") }

  /// What of its standard output nobody has read yet.
  public var hasUnreadOutput: Bool { !received.isEmpty }

  /// Writes a line; the answer tells whether it was read.
  public func send(_ line: UnsafeRawBufferPointer) {
    var rest = line
    while let base = rest.baseAddress, rest.count > 0 {
      let count = write(input, base, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Hands the next line that it writes to its standard output to `body`, without its line feed.
  public func nextLine<Value>(
    within seconds: Double, _ body: (UnsafeRawBufferPointer) -> Value
  ) throws(Silence) -> Value {
    let deadline = monotonicSeconds() + seconds
    var searched = 0
    while true {
      if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { received.removeFirst(end + 1) }
        return received.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
      }
      searched = received.count
      guard searched < Self.longestLine else { throw .endlessLine }
      try wait(until: deadline)
    }
  }

  /// Takes in what it has written to its standard output meanwhile, without waiting for more.
  public func readWhatIsThere() { _ = readyDescriptors(within: 0) }

  /// Waits for output; a moment longer where the user wants to stop, so that what is nearly done can be
  /// kept.
  private func wait(until deadline: Double) throws(Silence) {
    var last = Double.infinity
    while true {
      let left = deadline - monotonicSeconds()
      guard left > 0 else { throw .timedOut }
      switch readyDescriptors(within: min(left, Self.patience)) {
      case .something: return
      case .nothing:
        guard StopSignal.isRequested else { continue }
        last = min(last, monotonicSeconds() + Self.grace)
        if monotonicSeconds() >= last { throw .interrupted }
      case .end: throw ending()
      }
    }
  }

  private enum Readiness { case something, nothing, end }

  private func readyDescriptors(within seconds: Double) -> Readiness {
    withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { places in
      places[0] = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      places[1] = pollfd(fd: hasErrors ? errors : -1, events: Int16(POLLIN), revents: 0)
      let ready = poll(places.baseAddress, 2, Int32((seconds * 1000).rounded(.up)))
      guard ready > 0 else { return .nothing }
      if places[1].revents != 0 { readErrors() }
      guard places[0].revents != 0 else { return .nothing }
      return append(from: output, to: &received) ? .something : .end
    }
  }

  /// Appends what can be read at once; false at the end.
  private func append(from descriptor: Int32, to bytes: inout [UInt8]) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { block in
      let count = read(descriptor, block.baseAddress, block.count)
      guard count > 0 else { return count < 0 && (errno == EINTR || errno == EAGAIN) }
      bytes.append(contentsOf: block.prefix(count))
      return true
    }
  }

  /// Passes on the lines of its standard error and keeps the last of them.
  private func readErrors() {
    hasErrors = append(from: errors, to: &errorLine)
    let isEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    while let end = errorLine.firstIndex(where: isEnd) {
      pass(on: errorLine[..<end])
      errorLine.removeFirst(end + 1)
    }
    if !hasErrors || errorLine.count > 8192 {
      pass(on: errorLine[...])
      errorLine.removeAll()
    }
  }

  private func pass(on line: ArraySlice<UInt8>) {
    guard !line.isEmpty else { return }
    // What it writes cannot steer the terminal.
    let text = String(decoding: line.map { $0 < 32 || $0 == 127 ? 32 : $0 }, as: UTF8.self)
    lastErrors.append(text)
    while lastErrors.count > 1, lastErrors.reduce(0, { $0 + $1.utf8.count + 1 }) > Self.keptErrors {
      lastErrors.removeFirst()
    }
    let shown = Array("\(label): \(text)\n".utf8)
    _ = shown.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// How it ended, when it has closed its standard output.
  private func ending() -> Silence {
    let deadline = monotonicSeconds() + 2
    while monotonicSeconds() < deadline, hasErrors(within: 500) { readErrors() }
    while status == nil, monotonicSeconds() < deadline {
      if !reap() { usleep(1000) }
    }
    guard let status else { return .closedItsOutput }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
  }

  /// Whether it has ended.
  private func reap() -> Bool {
    guard status == nil else { return true }
    var found: Int32 = 0
    let result = waitpid(child, &found, WNOHANG)
    if result == child { status = found }
    if result < 0, errno == ECHILD { status = 0 }
    return status != nil
  }

  /// Ends it: by closing its standard input, and by force where that is not enough within `seconds`.
  public func end(within seconds: Double = 2) {
    if input >= 0 { close(input) }
    input = -1
    let deadline = monotonicSeconds() + seconds
    while !reap(), monotonicSeconds() < deadline {
      if hasErrors(within: 0) { readErrors() } else { usleep(1000) }
    }
    // What it has started may go on without it.
    kill(-child, SIGKILL)
    while !reap() {
      kill(child, SIGKILL)
      usleep(1000)
    }
  }

  private func hasErrors(within milliseconds: Int32) -> Bool {
    var place = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
    return hasErrors && poll(&place, 1, milliseconds) > 0
  }
}
