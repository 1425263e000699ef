import Foundation
import TestSupport
import Testing

/// `scripts/check_reproduction.py`, with which `make bench` ends.
@Suite(.enabled(if: hasPython))
struct ReproductionTests {
  private let header = "method,loss,loss_lower,loss_upper,wall_seconds\n"

  /// What the script says of a table `new` beside the committed one.
  private func verdict(_ new: String?, committed: String? = nil) throws -> String {
    let old = try TemporaryFolder()
    let folder = try TemporaryFolder()
    try old.write(header + (committed ?? "sgd,0.5,0.4,0.6,1\nadam,inf,inf,inf,1\n"), to: "t.csv")
    if let new { try folder.write(new, to: "t.csv") }
    let result = try runCommand(
      ["python3", "scripts/check_reproduction.py", old.path, folder.path], in: root)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func theSameNumbersAreReproducedExactlyWhateverTheyTook() throws {
    let text = try verdict(header + "sgd,0.5,0.4,0.6,9\nadam,inf,inf,inf,9\n")
    #expect(text.contains("reproduced exactly"))
  }

  @Test func estimatesWithinTheCommittedIntervalsAreSaidToBe() throws {
    let text = try verdict(header + "sgd,0.59,0.5,0.7,1\nadam,inf,inf,inf,1\n")
    #expect(text.contains("within the intervals: 1 of 2 rows are the same"))
  }

  @Test(arguments: [
    ("sgd,0.61,0.4,0.6,1\nadam,inf,inf,inf,1\n", "loss of sgd is 0.61"),
    ("sgd,0.5,0.4,0.6,1\nadam,3,2,4,1\n", "loss of adam is 3"),
    ("sgd,,,,1\nadam,inf,inf,inf,1\n", "loss of sgd is missing"),
    ("sgd,0.5,0.4,0.6,1\n", "other rows"),
  ])
  func whatLiesOutsideIsNamed(rows: String, message: String) throws {
    #expect(try verdict(header + rows).contains("not reproduced: \(message)"))
  }

  @Test func aMissingTableAndOtherColumnsAreNotReproduced() throws {
    #expect(try verdict(nil).contains("the table is missing"))
    #expect(try verdict("method,loss\nsgd,1\n").contains("other columns"))
  }
}

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

private let hasPython = (try? runCommand(["python3", "--version"], in: root))?.status == 0
