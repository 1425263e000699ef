import Foundation
import TestSupport
import Testing

@Suite struct ClaimCommandTests {
  /// A rate of a millionth does not train.
  private static func experiment(_ claim: String) -> String {
    """
    optbench: 1
    name: claims
    problems:
      - {name: digits, dataset: digits, model: {name: mlp, hidden: [8]}, loss: cross-entropy, batch_size: 32}
    optimizers:
      - {name: sgd, learning_rate: 1.0e-6, label: slow}
      - {name: adam, learning_rate: 0.01}
    seeds: 8
    budget: {steps: 20}
    \(claim)
    """
  }

  private static let claim =
    "claim: {better: adam, than: slow, metric: test_loss, by: 0.1, seeds: 8}"

  private func run(_ claim: String, in folder: TemporaryFolder) throws {
    try folder.write(Self.experiment(claim), to: "e.yml")
    let run = try Optbench.run(["run", "e.yml", "--output", "e.h5", "--quiet"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
  }

  private func verify(_ arguments: [String], in folder: TemporaryFolder) throws -> (
    status: Int32, output: String, errors: String
  ) {
    let result = try Optbench.run(["verify-claim", "e.h5"] + arguments, in: folder.path)
    return (result.status, result.output, result.errors)
  }

  @Test func `a claim made before the run is told from one made afterwards`() throws {
    let folder = try TemporaryFolder()
    try run(Self.claim, in: folder)
    let before = try verify([], in: folder)
    #expect(before.status == 0, "\(before)")
    #expect(before.output.contains("HOLDS  digits: adam beats slow by more than 0.1 in test_loss"))
    #expect(before.output.contains("stated before the results"))

    // The margin is moved to where it hurts: the file takes the claim over, and knows that it is new.
    try run(Self.claim.replacing("by: 0.1", with: "by: 2"), in: folder)
    let after = try verify([], in: folder)
    #expect(after.status == 1 && after.output.contains("REFUTED"), "\(after)")
    #expect(after.output.contains("stated after the results"))

    try run(Self.claim, in: folder)
    #expect(try verify([], in: folder).output.contains("stated before the results"))
  }

  @Test func `a claim is bound to its result by the digest`() throws {
    let folder = try TemporaryFolder()
    try run("", in: folder)
    let none = try verify([], in: folder)
    #expect(none.status == 2 && none.errors.contains("makes no claim"))

    let digest = try Optbench.run(["digest", "e.h5"], in: folder.path).output.prefix(16)
    func claim(_ digest: String) throws -> [String] {
      try folder.write(
        "{better: adam, than: slow, metric: test_loss, digest: '\(digest)'}", to: "c.yml")
      return ["--claim", "c.yml"]
    }
    let own = try verify(try claim(String(digest)), in: folder)
    #expect(own.status == 0 && own.output.contains("stated after the results"), "\(own)")
    let other = try verify(try claim("0123456789abcdef"), in: folder)
    #expect(other.status == 2 && other.output.isEmpty)
    #expect(other.errors.contains("0123456789abcdef") && other.errors.contains(digest))

    let json = try verify(try claim(String(digest)) + ["--format", "json"], in: folder)
    let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(document?["holds"] as? Bool == true)
    #expect((document?["content_digest"] as? String)?.hasPrefix(digest) == true)
    let markdown = try verify(try claim(String(digest)) + ["--format", "markdown"], in: folder)
    #expect(markdown.output.hasPrefix("## claims: claims"), "\(markdown.output)")
    #expect(try verify(["--format", "yaml"], in: folder).status == 64)
  }

  @Test(arguments: [
    ("claim: {better: adam, than: sgd, metric: test_loss}", "unknown method of this file 'sgd'"),
    ("claim: {better: adam, than: slow, metric: robust_progress}", "protocol: robust"),
    ("claim: {better: adam, than: slow, metric: steps_to_target}", "has no target"),
    ("claim: {better: adam, than: slow, metric: test_loss, seeds: 9}", "states 9 seeds"),
    ("claim: {better: adam, than: slow, metric: test_loss, on: d}", "unknown problem"),
    (
      "claim: [{better: adam, than: slow, metric: test_loss, digest: 0123456789ab}]",
      "there is no result yet"
    ),
  ])
  func `what no run could show is refused before the run`(claim: String, message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.experiment(claim), to: "e.yml")
    let run = try Optbench.run(["run", "e.yml", "--dry-run"], in: folder.path)
    #expect(run.status == 2 && run.errors.contains(message), "\(run)")
    #expect(run.errors.contains("e.yml:10"), "\(run.errors)")
  }
}
