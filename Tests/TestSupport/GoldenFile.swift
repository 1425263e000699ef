import Foundation
import Testing

/// Compares a text with the file `Golden/<name>` beside the test and records an issue at the first
/// line that differs.
///
/// With `tolerance`, fields between commas, colons and spaces that are numbers may differ by that much, relatively: the
/// C library's logarithm differs in its last digit between processors.
///
/// With `UPDATE_GOLDEN=1` in the environment the file is rewritten and the test fails all the same,
/// so that an update cannot pass unseen.
public func expectGolden(
  _ text: String, _ name: String, tolerance: Double = 0, besides testFile: String = #filePath,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(fileURLWithPath: testFile).deletingLastPathComponent()
    .appendingPathComponent("Golden/\(name)")
  try expectGolden(
    text, file: file, shownAs: "Golden/\(name)", tolerance: tolerance,
    sourceLocation: sourceLocation)
}

/// The same for a file anywhere, such as a page of the documentation that is generated.
public func expectGolden(
  _ text: String, file: URL, shownAs name: String, tolerance: Double = 0,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    Issue.record("\(name) was rewritten; read the change", sourceLocation: sourceLocation)
    return
  }
  guard let data = FileManager.default.contents(atPath: file.path) else {
    Issue.record(
      "\(name) is missing; make it with UPDATE_GOLDEN=1", sourceLocation: sourceLocation)
    return
  }
  let expected = String(decoding: data, as: UTF8.self)
  if text == expected { return }
  let actualLines = text.split(separator: "\n", omittingEmptySubsequences: false)
  let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
  let difference = zip(actualLines, expectedLines).enumerated().first {
    !agree($0.element.0, $0.element.1, tolerance: tolerance)
  }
  if difference == nil, actualLines.count == expectedLines.count { return }
  let line = difference?.offset ?? min(actualLines.count, expectedLines.count)
  func shown(_ lines: [Substring]) -> String {
    lines.indices.contains(line) ? String(lines[line]) : "(end of file)"
  }
  Issue.record(
    """
    \(name):\(line + 1) differs
      expected: \(shown(expectedLines))
      actual:   \(shown(actualLines))
    """, sourceLocation: sourceLocation)
}

private func agree(_ actual: Substring, _ expected: Substring, tolerance: Double) -> Bool {
  if actual == expected { return true }
  func isSeparator(_ character: Character) -> Bool { ",: ".contains(character) }
  let actual = actual.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
  let expected = expected.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
  return actual.count == expected.count
    && zip(actual, expected).allSatisfy { a, b in
      if a == b { return true }
      guard let a = Double(a), let b = Double(b) else { return false }
      return isClose(a, b, relative: tolerance)
    }
}
