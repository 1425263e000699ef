import ArgumentParser
import Records
import Storage

/// `optbench digest`: the content digests of result files.
struct DigestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest",
    abstract: "Prints the content digest of result files.",
    discussion: """
      The SHA-256 of everything reproducible in a result: equal for the same experiment, program and \
      type of machine, however its runs were scheduled, interrupted or stored. Every value is read and \
      checked. One line for each file, as sha256sum prints it.

      EXAMPLES
        optbench digest results/rosenbrock.h5
        optbench digest a.h5 b.h5 | sort
      """)

  @Argument(help: "Result files (HDF5).", completion: .file(extensions: ["h5"]))
  var files: [String]

  func run() throws {
    try reportingErrors {
      for file in files {
        // Reading compares the digest with the one that was stored.
        try printAnswer("\(try RunArchive.read(file).contentDigest)  \(file)", isExact: true)
      }
    }
  }
}
