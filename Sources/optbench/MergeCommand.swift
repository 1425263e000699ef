import ArgumentParser
import Experiments
import Foundation
import Records
import Storage

/// `optbench merge`: the runs of several result files in one.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Puts the runs of several result files into one.",
    discussion: """
      For an experiment whose seeds, optimizers, learning rates, clips or problems were trained apart, \
      such as on several machines. Problems and data, budget and stops must be the same; a run that \
      several files hold must have the same content, or nothing is written. The result's experiment \
      file names the runs of all: running it trains what is missing.

      EXAMPLES
        optbench run experiment.yml --seeds 0-4 --output a.h5
        optbench run experiment.yml --seeds 5-9 --output b.h5
        optbench merge a.h5 b.h5 --output both.h5
      """)

  @Argument(help: "Result files (HDF5).", completion: .file(extensions: ["h5"]))
  var files: [String]

  @Option(help: "The merged result; there must be no file of that name.")
  var output: String

  func run() throws {
    try reportingErrors {
      guard !FileManager.default.fileExists(atPath: output) else {
        throw CommandFailure("\(output): there is a file already; give another name to --output")
      }
      var parts: [(file: String, record: ExperimentRecord)] = []
      for file in files { parts.append((file, try RunArchive.read(file))) }
      let union = try ExperimentUnion(parts.map { (file: $0.file, text: $0.record.header.spec) })
      let merged = try ExperimentRecord(
        merging: parts, spec: union.text, specDigest: union.digest)
      let archive = try RunArchive(path: output, header: merged.header)
      for run in merged.runs { try archive.keep(run) }
      try archive.publish(order: merged.runs.map(\.key))
      for line in places(of: parts) { printDiagnostic(line) }
      try printAnswer(output, isExact: true)
    }
  }

  /// What to say of results that were not made with the same machine and program.
  private func places(of parts: [(file: String, record: ExperimentRecord)]) -> [String] {
    func place(_ record: ExperimentRecord) -> String {
      let made = record.header.provenance
      return "\(made.cpu) (\(made.isa)), revision \(made.gitRevision)"
    }
    guard let first = parts.first else { return [] }
    return parts.dropFirst().filter { place($0.record) != place(first.record) }.map { part in
      "\(part.file) was made on \(place(part.record)), but \(first.file) on \(place(first.record)); "
        + "the merged file says of each run where it was made"
    }
  }
}
