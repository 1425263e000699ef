internal import Digests
internal import Files
internal import Records

extension RunCheckpoint {
  /// Writes a journal of the one run, which goes on from here.
  ///
  /// What has been recorded is encoded in memory. The state, which is larger by far where a model is large,
  /// is written from where it lies: once over it for the checksum, which stands before it, once to write it.
  ///
  /// - Returns: Where the blocks of the run lie in the file.
  func write(
    to file: borrowing WholeFile, of header: ExperimentHeader, problem: ProblemRecord
  ) throws(StorageError) -> Range<Int> {
    var blocks = JournalEncoder(capacity: 1 << 15)
    blocks.addStart()
    let sequence = try blocks.add(unfinished: run, of: header, problem: problem)
    var length = 0
    var checksum: UInt32 = 0
    forEachPart { part in
      length += part.count
      checksum = crc32(of: part, after: checksum)
    }
    var head = JournalEncoder()
    head.addHead(.checkpoint, sequence: sequence, length: length, checksum: checksum)
    let start = blocks.bytes + head.bytes
    do throws(FileError) {
      try file.append(start)
      try forEachPart { part throws(FileError) in try file.append(part) }
    } catch {
      throw StorageError(error)
    }
    return JournalFormat.startLength..<start.count + length
  }

  /// The payload of its block, part by part.
  private func forEachPart<Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    var fields = JournalFields()
    fields.set(Self.stepName, Int64(step))
    for (name, value) in integers.sorted(by: { $0.key < $1.key }) { fields.set(name, value) }
    for (name, value) in numbers.sorted(by: { $0.key < $1.key }) { fields.set(name, value) }
    var encoder = JournalEncoder()
    fields.write(to: &encoder)
    encoder.add(UInt32(arrays.count))
    try Self.give(encoder.bytes, to: body)
    for array in arrays {
      var encoder = JournalEncoder()
      encoder.add(array.name)
      encoder.add(UInt8(ascii: Quantity.Number.float32.letter))
      encoder.add(UInt64(array.count))
      try Self.give(encoder.bytes, to: body)
      try array.withValues { (values) throws(Failure) in try body(UnsafeRawBufferPointer(values)) }
    }
  }

  private static func give<Failure: Error>(
    _ bytes: [UInt8], to body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    try bytes.withUnsafeBytes { bytes in
      Result { () throws(Failure) in try body(bytes) }
    }.get()
  }

  private static let stepName = "step"

  /// - Parameters:
  ///   - run: What was recorded before.
  ///   - payload: Of the block.
  init(_ run: RunRecord, _ payload: [UInt8]) throws(JournalDefect) {
    var decoder = JournalDecoder(payload)
    let fields = try JournalFields(from: &decoder)
    guard let step = Int32(exactly: try fields.integer(Self.stepName)) else {
      throw JournalDefect("a checkpoint is of no step")
    }
    self.init(run: run, step: Int(step))
    for (name, value) in fields.all where name != Self.stepName {
      switch value {
      case .integer(let integer): integers[name] = integer
      case .number(let number): numbers[name] = number
      // Of another program.
      case .text: break
      }
    }
    for _ in 0..<(try decoder.count(ofSize: 13)) {
      let name = try decoder.text()
      guard let number = Quantity.Number(letter: try decoder.letter()) else {
        throw JournalDefect("'\(name)' has numbers of an unknown type")
      }
      guard let count = Int(exactly: try decoder.integer(UInt64.self)) else {
        throw JournalDefect("'\(name)' has too many numbers")
      }
      switch number {
      case .float32: arrays.append(CheckpointArray(name, try decoder.numbers(count)))
      case .float64: _ = try decoder.numbers(count, as: Double.self)
      case .int8: _ = try decoder.numbers(count, as: Int8.self)
      case .int64: _ = try decoder.numbers(count, as: Int64.self)
      }
    }
  }
}
