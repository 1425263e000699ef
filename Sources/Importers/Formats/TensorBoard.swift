internal import Digests
internal import Files

extension ImportFormat {
  /// Event files that TensorBoard reads.
  static let tensorboard = ImportFormat(
    name: "tensorboard",
    summary:
      "event files of TensorBoard (tf.summary, torch.utils.tensorboard, tensorboardX, Keras): a run for each folder",
    logs: { paths, _, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(paths, where: { $0.contains("tfevents") }) {
        let own = folder(of: path)
        // Keras keeps what trains and what validates in folders of their own.
        let split = Split(rawValue: fileName(of: own))
        let place = split == nil ? own : folder(of: own)
        if !runs.contains(where: { $0.place == place }) {
          runs.append(
            LoggedRun(
              name: LogFiles.runName(of: place == "." ? path : place) {
                $0.contains("tfevents") || $0.hasPrefix("version_")
              }, place: place))
        }
        guard let index = runs.firstIndex(where: { $0.place == place }) else { continue }
        try EventFile(path).read(into: &runs[index], prefix: split?.prefix ?? "", &notes)
      }
      return withSessions(runs).filter { !$0.series.isEmpty }
    })

  /// The runs with the hyperparameters that `add_hparams` writes into a folder of its own within theirs.
  private static func withSessions(_ all: [LoggedRun]) -> [LoggedRun] {
    func isSession(_ run: LoggedRun) -> Bool {
      !run.parameters.isEmpty && run.series.allSatisfy { $0.name.hasPrefix("hparam/") }
    }
    var runs = all.filter { !isSession($0) }
    for session in all.filter(isSession) {
      guard let index = runs.firstIndex(where: { $0.place == folder(of: session.place) }) else {
        continue
      }
      runs[index].parameters += session.parameters.filter { parameter in
        !runs[index].parameters.contains { $0.name == parameter.name }
      }
    }
    for index in runs.indices { runs[index].series.removeAll { $0.name.hasPrefix("hparam/") } }
    return runs
  }

  private enum Split: String {
    case train, validation, val, eval, test
    var prefix: String {
      switch self {
      case .train: "train/"
      case .validation, .val, .eval: "validation/"
      case .test: "test/"
      }
    }
  }
}

/// A file of TFRecords with `Event` messages (tensorflow/core/util/event.proto): the length as 8 bytes, its
/// masked CRC-32C, the message, its masked CRC-32C.
private struct EventFile {
  private let path: String
  private let bytes: [UInt8]

  init(_ path: String) throws(ImportError) {
    self.path = path
    bytes = try LogFiles.bytes(of: path)
  }

  /// Adds what the file logs to a run, up to where it ends or is damaged, which is noted.
  func read(
    into run: inout LoggedRun, prefix: String, _ notes: inout [String]
  ) throws(ImportError) {
    var position = 0
    while position < bytes.count {
      let header = position + 12
      guard header <= bytes.count else { break }
      let length = UInt64(littleEndian: number(at: position))
      guard maskedCRC32C(of: bytes[position..<(position + 8)]) == number(at: position + 8) else {
        try refuse(at: position, &notes)
        return
      }
      guard length <= UInt64(bytes.count), header + Int(length) + 4 <= bytes.count else { break }
      let end = header + Int(length)
      let record = bytes[header..<end]
      guard maskedCRC32C(of: record) == number(at: end) else {
        try refuse(at: position, &notes)
        return
      }
      take(ProtocolMessage(record), into: &run, prefix: prefix)
      position = end + 4
    }
    if position < bytes.count {
      notes.append("\(path): the last event is not whole and is left out")
    }
  }

  private func refuse(at position: Int, _ notes: inout [String]) throws(ImportError) {
    guard position > 0 else {
      throw ImportError(path, "it is no event file: its first checksum is wrong")
    }
    notes.append("\(path): damaged at byte \(position); what follows is left out")
  }

  private func number<Integer: FixedWidthInteger>(at position: Int) -> Integer {
    var value: Integer = 0
    for offset in (0..<MemoryLayout<Integer>.size).reversed() {
      value = value << 8 | Integer(truncatingIfNeeded: bytes[position + offset])
    }
    return value
  }

  private func take(_ event: ProtocolMessage, into run: inout LoggedRun, prefix: String) {
    let step = event.integer(2) ?? 0
    // A run that was started again from an earlier step: what was logged from there on is void.
    if let session = event.message(7), session.integer(1) == 1 {
      for index in run.series.indices { run.series[index].points.removeAll { $0.step >= step } }
    }
    guard let summary = event.message(5) else { return }
    for value in summary.messages(1) {
      guard let tag = value.text(1) else { continue }
      if let scalar = value.float(2) {
        run.log(prefix + tag, Double(scalar), at: step)
      } else if let tensor = value.message(8) {
        let plugin = value.message(9)?.message(1)?.text(1)
        if let scalar = TensorValue(tensor).scalar {
          run.log(prefix + tag, scalar, at: step)
        } else if plugin == "text" || tag.hasSuffix("text_summary") {
          takeConfiguration(tag, TensorValue(tensor).text ?? "", into: &run)
        }
      }
      if let plugin = value.message(9)?.message(1), plugin.text(1) == "hparams",
        let start = plugin.message(2)?.message(3)
      {
        takeHyperparameters(start, into: &run)
      }
    }
  }

  /// What a text says that is called as configurations are: an object of JSON, or lines `name: value`.
  private func takeConfiguration(_ tag: String, _ text: String, into run: inout LoggedRun) {
    let name = plainName(tag)
    guard
      ["config", "hparams", "hyperparameters", "args", "params"].contains(where: name.hasPrefix)
    else { return }
    var found: [(name: String, text: String)] = []
    if let object = try? JSONValue(text), !object.pairs.isEmpty {
      found = object.pairs.compactMap { pair in pair.value.text.map { (pair.key, $0) } }
    } else {
      found = (try? yamlParameters(text, file: path)) ?? []
    }
    for parameter in found where !run.parameters.contains(where: { $0.name == parameter.name }) {
      run.parameters.append(parameter)
    }
  }

  /// The map of a `SessionStartInfo` of the plugin for hyperparameters.
  private func takeHyperparameters(_ start: ProtocolMessage, into run: inout LoggedRun) {
    for entry in start.messages(1) {
      guard let name = entry.text(1), let value = entry.message(2),
        !run.parameters.contains(where: { $0.name == name })
      else { continue }
      if let text = value.text(3) {
        run.parameters.append((name, text))
      } else if let number = value.double(2) {
        run.parameters.append((name, Int(exactly: number).map { "\($0)" } ?? "\(number)"))
      }
    }
  }
}

/// The values of a `TensorProto` of one element.
private struct TensorValue {
  private let message: ProtocolMessage

  init(_ message: ProtocolMessage) { self.message = message }

  private var content: [UInt8] { message.bytes(4).map(Array.init) ?? [] }

  var scalar: Double? {
    switch message.integer(1) {
    case 1:
      if content.count == 4 { return Double(Float(bitPattern: word(4))) }
      return message.packedFloat(5).map(Double.init)
    case 2:
      if content.count == 8 { return Double(bitPattern: word(8)) }
      return message.packedDouble(6)
    case 3, 9:
      if content.count == 4 { return Double(Int32(bitPattern: word(4))) }
      if content.count == 8 { return Double(Int64(bitPattern: word(8))) }
      return (message.integer(7) ?? message.integer(10)).map(Double.init)
    case 14:
      let bits: UInt32? =
        content.count == 2 ? word(2) : message.integer(13).map { UInt32(truncatingIfNeeded: $0) }
      return bits.map { Double(Float(bitPattern: $0 << 16)) }
    case 19:
      let bits: UInt16? =
        content.count == 2 ? word(2) : message.integer(13).map { UInt16(truncatingIfNeeded: $0) }
      return bits.map(Self.half)
    default: return nil
    }
  }

  /// The first of its texts.
  var text: String? { message.integer(1) == 7 ? message.text(8) : nil }

  private func word<Integer: FixedWidthInteger>(_ size: Int) -> Integer {
    content.prefix(size).reversed().reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
  }

  /// The value of binary16, written out because not every processor has the type.
  private static func half(_ bits: UInt16) -> Double {
    let sign: Double = bits >> 15 == 1 ? -1 : 1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Double(bits & 0x3FF)
    if exponent == 0x1F { return fraction == 0 ? sign * .infinity : .nan }
    let scale = Double(sign: .plus, exponent: max(exponent, 1) - 25, significand: 1)
    return sign * (exponent == 0 ? fraction : fraction + 1024) * scale
  }
}
