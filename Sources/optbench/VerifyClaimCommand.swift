import Analysis
import ArgumentParser
import Records
import Reports
import Storage

/// `optbench verify-claim`: whether a result shows what is claimed of it.
struct VerifyClaimCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-claim",
    abstract:
      "Says whether results show what is claimed: A beats B by δ on m, at n seeds, level α.",
    discussion: """
      The claims are those of the experiment file, under its key 'claim', or those of --claim:

        claim: {better: adam + global-norm(1), than: adamw, metric: test_loss, by: 5%, seeds: 20, level: 0.05}

      Each holds, is refuted or undecided, by the seeds that both methods have; p-values are adjusted for all \
      claims together. The verdict is bound to the result by its digests. A claim that the experiment file \
      did not make when its first runs were made reads "stated after the results". docs/claims.md says \
      what is tested.

      EXAMPLES
        optbench verify-claim results/digits-depth.h5
        optbench verify-claim results/digits-depth.h5 --claim claim.yml --format markdown

      EXIT CODES
        0 every claim holds, 1 one is refuted or undecided, 2 could not do what was asked, 64 usage
      """)

  @Argument(help: "Result files (HDF5).", completion: .file(extensions: ["h5"]))
  var files: [String]

  @Option(
    help: "The claims to verify (YAML), in place of those of the experiment file.",
    completion: .file(extensions: ["yml", "yaml"]))
  var claim: String?

  @Option(
    help:
      "How to print the verdicts: \(ClaimReport.Format.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var format = "text"

  func validate() throws {
    guard ClaimReport.Format(rawValue: format) == nil else { return }
    let names = ClaimReport.Format.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("--format \(format): unknown format; allowed: \(names)")
  }

  func run() throws {
    try reportingErrors {
      let format = ClaimReport.Format(rawValue: format) ?? .text
      let given = try claim.map { try Claim.all(in: readText($0), file: $0) }
      var reports: [ClaimReport] = []
      for file in files {
        let record = try RunArchive.read(file)
        let claims = given ?? Claim.all(in: record.header.spec)
        guard !claims.isEmpty else {
          throw CommandFailure(
            "\(file): its experiment file makes no claim; give one with --claim FILE (docs/claims.md)"
          )
        }
        let digest = record.contentDigest
        for claim in claims where !digest.hasPrefix(claim.digest) {
          throw CommandFailure(
            "\(file): its content digest is \(digest), and the claim speaks of the result \(claim.digest)…; "
              + "give that one, or state the claim anew")
        }
        let analysis = ExperimentAnalysis(of: record)
        let verdicts = ClaimVerdict.all(of: claims, in: analysis)
        for verdict in verdicts {
          guard case .unanswerable(let reason) = verdict.outcome else { continue }
          throw CommandFailure("\(file): \(reason)")
        }
        reports.append(
          ClaimReport(verdicts, of: analysis, file: file, contentDigest: digest))
      }
      try printAnswer(
        reports.map { $0.text(format) }.joined(separator: "\n"), terminator: "")
      if !reports.allSatisfy(\.holds) { throw ExitCode(1) }
    }
  }
}
