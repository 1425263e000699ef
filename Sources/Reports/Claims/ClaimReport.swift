public import Analysis
internal import Records

/// The verdicts on what is claimed of one result, and to which result they are bound.
public struct ClaimReport: Sendable {
  /// The forms in which `optbench verify-claim` prints them.
  public enum Format: String, Sendable, CaseIterable { case text, markdown, json }

  public let verdicts: [ClaimVerdict]
  private let file: String
  private let experiment: String
  private let specDigest: String
  private let contentDigest: String

  public init(
    _ verdicts: [ClaimVerdict], of analysis: ExperimentAnalysis, file: String,
    contentDigest: String
  ) {
    self.verdicts = verdicts
    self.file = file
    experiment = analysis.header.name
    specDigest = analysis.header.specDigest
    self.contentDigest = contentDigest
  }

  /// Whether every claim holds.
  public var holds: Bool { verdicts.allSatisfy { $0.outcome == .holds } }

  public func text(_ format: Format) -> String {
    switch format {
    case .text: plain
    case .markdown: MarkdownRenderer.text(blocks)
    case .json: jsonDocument(Document(self))
    }
  }

  /// `2 claims: 1 holds, 1 undecided`.
  private var conclusion: String {
    let words = ["holds", "refuted", "undecided", "unanswerable"]
    let counts = words.compactMap { word -> String? in
      let count = verdicts.count { $0.word == word }
      return count == 0 ? nil : "\(count) \(word == "holds" && count > 1 ? "hold" : word)"
    }
    return "\(NumberText.count(verdicts.count, "claim")): \(counts.joined(separator: ", "))"
  }

  private var plain: String {
    var lines = [
      "\(experiment): claims of \(file)", "  spec digest     \(specDigest)",
      "  content digest  \(contentDigest)", "",
    ]
    for verdict in verdicts {
      lines.append("\(verdict.word.uppercased())  \(verdict.problem): \(verdict.claim.text)")
      lines.append("    \(verdict.finding)")
      lines.append("    \(verdict.isStatedBefore ? Self.before : Self.after)")
    }
    return (lines + ["", "\(conclusion)."]).joined(separator: "\n") + "\n"
  }

  private static let before = "stated before the results"
  private static let after = "stated after the results"

  private var blocks: [Block] {
    [
      .heading(2, "\(experiment): claims"), .paragraph("\(conclusion)."),
      .list([
        "result: \(file)", "spec digest: \(code: specDigest)",
        "content digest: \(code: contentDigest)",
      ]),
    ] + Self.blocks(verdicts)
  }

  /// A point for each verdict.
  static func blocks(_ verdicts: [ClaimVerdict]) -> [Block] {
    [
      .list(
        verdicts.map { verdict in
          """
          \(strong: verdict.word) (\(verdict.isStatedBefore ? Self.before : Self.after)), on \
          \(code: verdict.problem): \(verdict.claim.text). \(verdict.sentence).
          """
        })
    ]
  }

  /// Every number of the verdicts.
  private struct Document: Encodable {
    struct Verdict: Encodable {
      let better, than, problem, metric, verdict, finding: String
      let level: Double
      let isStatedBefore: Bool
      let seeds, seedsPresent: Int
      let seedsNeeded: Int?
      let betterMean, thanMean, advantage, margin, deviation: Double?
      let pValue, refutation: Double

      init(_ verdict: ClaimVerdict) {
        better = verdict.claim.better
        than = verdict.claim.than
        problem = verdict.problem
        metric = verdict.claim.metric.name
        self.verdict = verdict.word
        finding = verdict.finding
        level = verdict.claim.level
        isStatedBefore = verdict.isStatedBefore
        seeds = verdict.seeds
        seedsPresent = verdict.seedsPresent
        seedsNeeded =
          if case .undecided(let needed) = verdict.outcome { needed } else { nil }
        func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
        betterMean = known(verdict.better)
        thanMean = known(verdict.than)
        advantage = known(verdict.advantage)
        margin = known(verdict.margin)
        deviation = known(verdict.deviation)
        pValue = verdict.pValue
        refutation = verdict.refutation
      }
    }

    let claims = 1
    let experiment, file, specDigest, contentDigest: String
    let holds: Bool
    let verdicts: [Verdict]

    init(_ report: ClaimReport) {
      experiment = report.experiment
      file = report.file
      specDigest = report.specDigest
      contentDigest = report.contentDigest
      holds = report.holds
      verdicts = report.verdicts.map { Verdict($0) }
    }
  }
}
