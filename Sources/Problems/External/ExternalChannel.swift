internal import Foundation
internal import Processes
internal import Settings

/// Requests to another program and its answers: lines of JSON, one answer for each request.
struct ExternalChannel: ~Copyable {
  private let process: CompanionProcess
  private let command: String
  private let timeLimitSeconds: Double
  /// The number of the last request.
  private var number = 0
  /// The request is written into it, so that a step allocates nothing.
  private var line: [UInt8] = []

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - folder: Where it starts.
  ///   - label: What stands before the lines that it writes to its standard error.
  init(
    _ definition: ExternalDefinition, folder: String, label: String
  ) throws(ObjectiveFailure) {
    command = definition.line
    timeLimitSeconds = definition.timeLimitSeconds
    var environment = ProcessInfo.processInfo.environment
    // What is done in parallel are the runs.
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
      if environment[name] == nil { environment[name] = "1" }
    }
    environment["OPTBENCH_PROTOCOL"] = "\(ExternalDescription.protocolVersion)"
    let started = CompanionProcess(
      definition.command, environment: environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" },
      folder: folder, label: label)
    guard let started else {
      throw ObjectiveFailure(
        "'\(command)' cannot be started; is '\(definition.command[0])' there and permitted to run?")
    }
    process = started
    line.reserveCapacity(512)
  }

  func setLabel(_ label: String) { process.label = label }

  /// Begins the next request with its operation; `text` and `integer` go on, and `confirm` or `ask`
  /// ends it.
  mutating func begin(_ operation: StaticString) {
    number += 1
    line.removeAll(keepingCapacity: true)
    add("{\"id\":")
    add(number)
    add(",\"op\":\"")
    add(operation)
    add("\"")
  }

  mutating func add(_ text: StaticString) {
    line.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func add(text: String) { line.append(contentsOf: text.utf8) }

  mutating func add(_ number: Int) {
    let start = line.count
    var rest = number.magnitude
    repeat {
      line.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    line[start...].reverse()
  }

  /// Sends the request, to which there is no answer.
  mutating func send() {
    add("}\n")
    line.withUnsafeBytes { process.send($0) }
  }

  /// Sends the request and waits for an answer that says nothing but that it is done.
  mutating func confirm() throws(ObjectiveFailure) {
    switch try answer() {
    case .done(let id): try require(id)
    case .line(let text):
      let fields = try parsed(text)
      guard fields.keys.allSatisfy({ ["id", "error"].contains($0) }) else {
        throw failure("it gave an answer that was not asked for: \(Self.shown(text))")
      }
    }
    try requireNothingMore()
  }

  /// Sends the request and reads its answer.
  mutating func ask<Value>(
    _ read: (Setting) throws(SettingsError) -> Value
  ) throws(ObjectiveFailure) -> Value {
    let fields: Setting
    switch try answer() {
    case .done(let id): fields = try parsed("{\"id\": \(id)}")
    case .line(let text): fields = try parsed(text)
    }
    try requireNothingMore()
    do throws(SettingsError) {
      return try read(fields)
    } catch {
      let place = error.path.isEmpty ? "" : "\(error.path): "
      throw failure("its answer cannot be used: \(place)\(error.problem)")
    }
  }

  /// Ends the program.
  mutating func end(within seconds: Double) {
    begin("end")
    send()
    process.end(within: seconds)
  }

  /// Why there is no use of the program any more.
  func failure(_ reason: String) -> ObjectiveFailure {
    process.readWhatIsThere()
    return ObjectiveFailure(reason, messages: process.lastMessages)
  }

  private enum Answer {
    case done(Int)
    case line(String)
  }

  private mutating func answer() throws(ObjectiveFailure) -> Answer {
    send()
    do throws(CompanionProcess.Silence) {
      return try process.nextLine(within: timeLimitSeconds) { bytes in
        Self.shortAnswer(bytes).map { .done($0) }
          ?? .line(String(decoding: bytes.prefix(1 << 20), as: UTF8.self))
      }
    } catch {
      throw failure(reason(of: error))
    }
  }

  private func requireNothingMore() throws(ObjectiveFailure) {
    guard process.hasUnreadOutput else { return }
    throw failure(
      "it wrote more than one line for one request; standard output belongs to the protocol: does it "
        + "print there, or does the command start more than one process?")
  }

  private func reason(of silence: CompanionProcess.Silence) -> String {
    switch silence {
    case .exited(let code): "'\(command)' ended with code \(code)"
    case .killed(let signal): "'\(command)' was killed by signal \(signal)"
    case .closedItsOutput: "'\(command)' closed its standard output"
    case .timedOut:
      "'\(command)' gave no answer within \(numberLabel(timeLimitSeconds)) s (external.time_limit_seconds)"
    case .interrupted: "interrupted"
    case .endlessLine: "'\(command)' wrote a line without end"
    }
  }

  private func require(_ id: Int) throws(ObjectiveFailure) {
    guard id != number else { return }
    throw failure(
      id < number && id > 0
        ? "it answered request \(id) twice; does the command start more than one process?"
        : "it answered request \(id), but was asked request \(number)")
  }

  private func parsed(_ text: String) throws(ObjectiveFailure) -> Setting {
    let setting: Setting? =
      text.hasPrefix("{") ? try? Setting.parse(text, file: "its answer") : nil
    guard let setting, let id = try? setting.value(of: "id")?.integer() else {
      throw failure(
        "it wrote \(Self.shown(text)) to standard output, which belongs to the protocol; print to "
          + "standard error")
    }
    try require(id)
    if let error = setting.value(of: "error") {
      throw failure((try? error.text()) ?? "it failed without a reason")
    }
    return setting
  }

  private static func shown(_ text: String) -> String {
    "'\(text.prefix(80))\(text.count > 80 ? "…" : "")'"
  }

  /// The number in `{"id": 17}`, which most answers are; nil for any other line.
  private static func shortAnswer(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var rest = bytes[...]
    func skip(_ text: StaticString) -> Bool {
      while rest.first == UInt8(ascii: " ") { rest.removeFirst() }
      for index in 0..<text.utf8CodeUnitCount {
        guard rest.first == text.utf8Start[index] else { return false }
        rest.removeFirst()
      }
      return true
    }
    guard skip("{"), skip("\"id\""), skip(":"), skip("") else { return nil }
    var value = 0
    var digits = 0
    while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      value = value &* 10 &+ Int(byte - UInt8(ascii: "0"))
      digits += 1
      rest.removeFirst()
    }
    guard (1...18).contains(digits), skip("}"), skip("") else { return nil }
    return rest.isEmpty || rest.elementsEqual([UInt8(ascii: "\r")]) ? value : nil
  }
}
