import Foundation
import TestSupport
import Testing

@Suite("The page of networks")
struct NetworksDocumentTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test("NetworksDocument: the committed page is the generated one")
  func committed() throws {
    let document = try NetworksDocument(sources: root.appendingPathComponent("Sources"))
    #expect(document.undocumented.isEmpty)
    try expectGolden(
      document.text, file: root.appendingPathComponent("docs/networks.md"),
      shownAs: "docs/networks.md")
  }
}
