import Foundation
import TestSupport
import Testing

@Suite struct DatasetsDocumentTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func theCommittedPageOfDatasetsIsTheGeneratedOne() throws {
    let document = try DatasetsDocument(
      sources: root.appendingPathComponent("Sources/Problems/Datasets"))
    #expect(document.undocumented.isEmpty)
    try expectGolden(
      document.text, file: root.appendingPathComponent("docs/datasets.md"),
      shownAs: "docs/datasets.md")
  }
}
