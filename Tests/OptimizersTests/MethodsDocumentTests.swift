import Foundation
import TestSupport
import Testing

@Suite struct MethodsDocumentTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func theCommittedPageOfMethodsIsTheGeneratedOne() throws {
    let document = try MethodsDocument(sources: root.appendingPathComponent("Sources/Optimizers"))
    #expect(document.undocumented.isEmpty)
    try expectGolden(
      document.text, file: root.appendingPathComponent("docs/methods.md"),
      shownAs: "docs/methods.md")
  }
}
