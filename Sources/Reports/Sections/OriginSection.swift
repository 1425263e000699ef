internal import Analysis
internal import Records

/// Where the results come from: what lasts, so that the same experiment gives the same page, and what
/// is another whenever it is run.
struct OriginSection {
  private let header: ExperimentHeader
  private let context: ReportContext
  private let seconds: Double
  private let times: [EqualTimeRow]

  static let why: Prose =
    "What is another whenever the runs are made again. The report itself and its tables leave it out, so that the same runs give the same files."

  init(_ analysis: ExperimentAnalysis, _ context: ReportContext) {
    header = analysis.header
    self.context = context
    seconds = analysis.problems.reduce(0) { $0 + $1.wallSeconds }
    times = analysis.problems.flatMap(EqualTimeRow.rows)
  }

  /// What determines the numbers, or follows from them.
  var lasting: [Block] {
    let provenance = header.provenance
    let libraries = [
      ("Swift", provenance.swiftVersion), ("oneDNN", provenance.oneDNNVersion),
      ("HDF5", provenance.hdf5Version), ("libc", provenance.libcVersion),
    ].filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return [
      .paragraph("\(strong: "Origin")"),
      Self.list([
        ("experiment", "\(code: header.name)"),
        ("result file", "\(code: context.resultFile)"),
        (
          header.problems.allSatisfy(\.isRecorded) ? "imported by" : "program",
          "optbench \(provenance.optbenchVersion)"
        ),
        ("instruction set", Prose(provenance.isa)),
        ("libraries", Prose(libraries)),
        ("denormal numbers", denormals),
        ("spec digest", "\(code: header.specDigest)"),
        ("content digest", "\(code: context.contentDigest)"),
      ]),
    ]
  }

  /// Of numbers that other programs computed nothing is known.
  private var denormals: Prose {
    if header.problems.allSatisfy(\.isRecorded) { return "" }
    return header.provenance.flushDenormals ? "flushed to zero" : "kept"
  }

  var passing: [Block] {
    let origins = header.origins.isEmpty ? [header.provenance] : header.origins
    let time = seconds > 0 ? "\(NumberText.significant(seconds)) s, all runs added up" : ""
    return [
      Self.list(origins.flatMap(Self.facts) + [("training time", Prose(time))])
    ] + equalTime
  }

  private static func facts(of provenance: Provenance) -> [(String, Prose)] {
    let cores = provenance.cores > 0 ? NumberText.count(provenance.cores, "core") : ""
    let machine = [provenance.cpu, cores, provenance.kernel].filter { !$0.isEmpty }
    return [
      ("made", Prose(provenance.created)), ("revision", "\(code: provenance.gitRevision)"),
      ("machine", Prose(machine.joined(separator: ", "))),
    ]
  }

  /// Where the methods stand at equal seconds.
  private var equalTime: [Block] {
    if times.isEmpty { return [] }
    return [
      .paragraph(
        """
        \(strong: "At equal seconds") of training, evaluations not counted: medians over the runs at the tuned rate, and where \
        each method stands when a run of the baseline has ended. A method that takes longer is looked at \
        within its run, before its learning rate is annealed: its loss by then is more than a run planned for that time would \
        reach.
        """),
      .table(Table("equal_time", EqualTimeColumns.all, times)),
    ]
  }

  /// Facts that are known.
  private static func list(_ facts: [(String, Prose)]) -> Block {
    .list(facts.filter { !$0.1.plain.isEmpty }.map { "\($0.0): \($0.1)" })
  }
}
