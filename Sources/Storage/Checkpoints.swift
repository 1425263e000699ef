internal import Files
internal import Records

/// The unfinished runs of a folder that can go on, and the journals in which their checkpoints lie.
///
/// Of each run two checkpoints are kept, in files of their own that are written in turn, whole or not at
/// all: whatever happens to one, there is the one before.
struct Checkpoints {
  /// A checkpoint, at the end of the blocks at `range`.
  struct Place {
    let file: String
    let range: Range<Int>
    /// The steps recorded before it.
    let steps: Int
    let dataDigest: String
    let provenance: Provenance
  }

  /// By the identity of the run.
  private var places: [String: [Place]] = [:]

  /// Those of a run, the last one first.
  func places(of identity: String) -> [Place] {
    (places[identity] ?? []).sorted { $0.steps > $1.steps }
  }

  /// In what the latest checkpoints were made otherwise than with `provenance`, which runs go on from none
  /// of.
  func notice(for provenance: Provenance) -> String? {
    let others = places.keys.sorted().compactMap { identity in
      places(of: identity).first.map { $0.provenance.differences(from: provenance) }
    }.filter { !$0.isEmpty }
    guard let first = others.first else { return nil }
    return
      "\(others.count) unfinished \(others.count == 1 ? "run was" : "runs were") begun by another "
      + "program or on another machine, \(first.map(\.description).joined(separator: ", ")): not resumed, "
      + "since the bits may differ"
  }

  /// Whether a run can go on from `file`.
  func use(_ file: String) -> Bool {
    places.values.contains { $0.contains { $0.file == file } }
  }

  mutating func add(_ place: Place, of identity: String) {
    guard !identity.isEmpty else { return }
    places[identity, default: []].removeAll { $0.file == place.file }
    places[identity, default: []].append(place)
  }

  /// Forgets those of a run that is finished.
  ///
  /// - Returns: The files that no other run needs.
  mutating func remove(of identity: String) -> [String] {
    let files = (places.removeValue(forKey: identity) ?? []).map(\.file)
    return files.filter { !use($0) }
  }

  /// Whether `name` is that of a file that holds a checkpoint and no finished run. It may be large.
  static func isName(_ name: String) -> Bool {
    let isHexadecimal = name.prefix(16).utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    return isHexadecimal && ["-a.journal", "-b.journal"].contains(String(name.dropFirst(16)))
  }

  /// The name of the file for the next checkpoint of a run: of the two the one that does not hold the last.
  func nextName(of identity: String, in folder: String) -> String {
    let names = ["a", "b"].map { "\(folder)/\(identity.prefix(16))-\($0).journal" }
    return places(of: identity).first?.file == names[0] ? names[1] : names[0]
  }
}
