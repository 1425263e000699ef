import Foundation

/// What peers measured on the same work, from the lines that `scripts/peers/` print:
/// work, peer, median, lower and upper quartile in seconds, separated by tabs.
struct Peers {
  struct Malformed: Error, CustomStringConvertible {
    let line: String
    var description: String {
      "'\(line)' is no measurement of a peer: work, peer and three times, separated by tabs"
    }
  }

  private var timings: [(work: String, peer: String, timing: Timing)] = []

  static let none = Peers()

  private init() {}

  init(file: String) throws {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "\t").map(String.init)
      let seconds = fields.dropFirst(2).compactMap(Double.init)
      guard fields.count == 5, seconds.count == 3 else { throw Malformed(line: String(line)) }
      timings.append(
        (
          fields[0], fields[1],
          Timing(median: seconds[0], lowerQuartile: seconds[1], upperQuartile: seconds[2])
        ))
    }
  }

  /// The peers that did `work`, in the file's order.
  func timings(of work: String) -> [(peer: String, timing: Timing)] {
    timings.filter { $0.work == work }.map { ($0.peer, $0.timing) }
  }

  /// The fastest peer at `work`.
  func fastest(at work: String) -> (peer: String, timing: Timing)? {
    timings(of: work).min { $0.timing.median < $1.timing.median }
  }
}
