import Foundation
import Storage
import TestSupport
import Testing

/// Data are part of a run's identity: when a file of data has changed, what was computed from the old
/// one is neither given as a result of the new one, nor mixed with it, nor lost.
@Suite struct DataIdentityTests {
  /// A file of data, two contents of it, and the data set that reads it.
  struct Source: CustomTestStringConvertible, Sendable {
    let dataset: String
    let file: String
    let contents: [Data]
    var model = "{name: mlp, hidden: [2]}"
    var testDescription: String { file }
  }

  private static let oracles = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("ProblemsTests/Oracles/Files")

  private static func table(_ last: Int) -> Data {
    let rows = (0..<20).map { "\($0),\($0 * 7 % 5),\($0 == 19 ? last : $0 % 2)\n" }
    return Data(("a,b,class\n" + rows.joined()).utf8)
  }

  private static func oracle(_ name: String) throws -> Data {
    try Data(contentsOf: oracles.appendingPathComponent(name))
  }

  static func sources() throws -> [Source] {
    let text = String(repeating: "abcd efg", count: 20)
    return [
      Source(dataset: "csv", file: "data.csv", contents: [table(1), table(0)]),
      Source(
        dataset: "text, length: 5", file: "data.txt",
        contents: [
          Data(text.utf8), Data(text.replacing("cd e", with: "dc e", maxReplacements: 3).utf8),
        ],
        model: "{name: char-lstm, features: 2, units: 2, layers: 1}"),
      Source(
        dataset: "npz", file: "data.npz",
        contents: [try oracle("first.npz"), try oracle("second.npz")]),
      // The same numbers in another shape.
      Source(
        dataset: "npz", file: "shape.npz",
        contents: [try oracle("first.npz"), try oracle("turned.npz")]),
      Source(
        dataset: "hdf5", file: "data.h5",
        contents: [try oracle("first.h5"), try oracle("second.h5")]),
    ]
  }

  private func experiment(_ source: Source) -> String {
    """
    optbench: 1
    name: e
    problems:
      - name: p
        dataset: {name: \(source.dataset), path: \(source.file)}
        model: \(source.model)
        loss: cross-entropy
        batch_size: 4
    optimizers: [sgd]
    learning_rate: [0.1]
    seeds: 2
    budget: {steps: 2}
    """
  }

  @Test(arguments: try DataIdentityTests.sources())
  func aChangedFileIsRefusedAndARestoredOneGoesOn(source: Source) throws {
    let folder = try TemporaryFolder()
    try folder.write(experiment(source), to: "e.yml")
    let data = URL(fileURLWithPath: "\(folder.path)/\(source.file)")
    let result = "\(folder.path)/e.h5"
    func run(_ arguments: String...) throws -> Optbench.Result {
      try Optbench.run(["run", "e.yml", "--output", "e.h5"] + arguments, in: folder.path)
    }
    func expectRefusal() throws {
      let refused = try run()
      #expect(refused.status == 2)
      for word in ["\(source.file), the data of the problem 'p', has changed", "--output"] {
        #expect(refused.errors.contains(word), "\(refused.errors)")
      }
      #expect(refused.errors.split(separator: "\n").count == 1)
    }
    try source.contents[0].write(to: data)
    #expect(try run("--keep-runs").status == 0)
    let written = try Data(contentsOf: URL(fileURLWithPath: result))

    // The finished result, and the runs of one that was interrupted.
    try source.contents[1].write(to: data)
    try expectRefusal()
    #expect(try Data(contentsOf: URL(fileURLWithPath: result)) == written)
    try FileManager.default.removeItem(atPath: result)
    let journal = URL(fileURLWithPath: "\(folder.path)/e.runs/1.journal")
    try Data(contentsOf: journal).dropLast().write(to: journal)
    try expectRefusal()
    #expect(!FileManager.default.fileExists(atPath: result))

    // Touched, but the same.
    try source.contents[0].write(to: data)
    let resumed = try run()
    #expect(resumed.status == 0 && resumed.errors.contains("1/2 runs"), "\(resumed.errors)")
    let digest = try RunArchive.readSummary(result).contentDigest
    try written.write(to: URL(fileURLWithPath: "\(folder.path)/old.h5"))
    #expect(try RunArchive.readSummary("\(folder.path)/old.h5").contentDigest == digest)
  }
}
