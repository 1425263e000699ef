import Foundation
import TestSupport
import Testing

@Suite struct FunctionsDocumentTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func theCommittedPageOfFunctionsIsTheGeneratedOne() throws {
    let document = try FunctionsDocument(
      sources: root.appendingPathComponent("Sources/Problems/Functions"))
    #expect(document.undocumented.isEmpty)
    try expectGolden(
      document.text, file: root.appendingPathComponent("docs/functions.md"),
      shownAs: "docs/functions.md")
  }
}
