internal import Digests
public import Records

/// A run as an event file that TensorBoard reads: a scalar for each series at each step and for each
/// metric at each evaluation.
///
/// The file is a sequence of TFRecords: the length as 8 bytes little-endian, its masked CRC-32C, the data,
/// their masked CRC-32C. The data are `Event` messages (tensorflow/core/util/event.proto): field 1 the wall
/// time, 2 the step, 3 the version of the first one, 5 a summary of one value with tag and simple value.
/// The wall time is the step in seconds, so that the same run gives the same bytes.
public struct TensorBoardEvents: Sendable {
  /// The whole file.
  public let bytes: [UInt8]

  public init(_ run: RunRecord) {
    var file: [UInt8] = []
    Self.append(
      Self.event(step: nil) { Self.append(text: "brain.Event:2", field: 3, to: &$0) }, to: &file)
    func add(_ tag: String, _ value: Float, after step: Int) {
      // Nothing was measured; a value that is not finite was, and TensorBoard marks it.
      Self.append(
        Self.event(step: step) { event in
          var scalar: [UInt8] = []
          Self.append(text: tag, field: 1, to: &scalar)
          scalar.append(2 << 3 | 5)
          Self.append(value.bitPattern, to: &scalar)
          var summary: [UInt8] = []
          Self.append(scalar, field: 1, to: &summary)
          Self.append(summary, field: 5, to: &event)
        }, to: &file)
    }
    let trajectory = run.trajectory
    for step in 0..<trajectory.steps {
      for series in StepSeries.allCases where trajectory[series].indices.contains(step) {
        add("step/\(series.rawValue)", trajectory[series][step], after: step)
      }
    }
    for (index, step) in run.evaluations.steps.enumerated() {
      for metric in EvaluationMetric.allCases {
        let values = run.evaluations[metric]
        guard values.indices.contains(index), !values[index].isNaN else { continue }
        add("evaluation/\(metric.rawValue)", Float(values[index]), after: Int(step))
      }
    }
    bytes = file
  }

  private static func event(step: Int?, _ fill: (inout [UInt8]) -> Void) -> [UInt8] {
    var event: [UInt8] = [1 << 3 | 1]
    append(Double(step ?? 0).bitPattern, to: &event)
    if let step {
      event.append(2 << 3)
      append(varint: UInt64(step), to: &event)
    }
    fill(&event)
    return event
  }

  private static func append(_ record: [UInt8], to file: inout [UInt8]) {
    var length: [UInt8] = []
    append(UInt64(record.count), to: &length)
    file += length
    append(maskedCRC32C(of: length), to: &file)
    file += record
    append(maskedCRC32C(of: record), to: &file)
  }

  private static func append(text: String, field: UInt8, to message: inout [UInt8]) {
    append(Array(text.utf8), field: field, to: &message)
  }

  /// A field of known length.
  private static func append(_ bytes: [UInt8], field: UInt8, to message: inout [UInt8]) {
    message.append(field << 3 | 2)
    append(varint: UInt64(bytes.count), to: &message)
    message += bytes
  }

  private static func append(varint value: UInt64, to message: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      message.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    message.append(UInt8(rest))
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
