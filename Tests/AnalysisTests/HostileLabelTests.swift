import Analysis
import Records
import Reports
import Testing

/// Labels, names and notes that look like markup, formulas or terminal sequences.
@Suite struct HostileLabelTests {
  private static let labels = [
    "*bold*", "<b>tag</b>", "a|b", "`code`", "[x](http://evil.example)", "$1+1$", "_under_",
    "@everyone", "#1", "&lt;", "~~gone~~", "back\\slash", "\u{1B}[31mred", "two\nlines",
  ]

  private static func files(_ labels: [String]) -> [String: String] {
    let runs = labels.flatMap { label in
      (0..<2).map { Synthetic.run(label, clipping: "none", seed: $0) }
    }
    var record = Synthetic.experiment(runs)
    record.header.title = "<script>alert(1)</script> | *title*"
    record.header.problems[0].summary = "# no heading\n- no list"
    let files = ReportFormat.all.flatMap { $0.render(Report(ExperimentAnalysis(of: record))) }
    return Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.contents) })
  }

  /// The cells of the rows of Markdown tables, split where a renderer splits them.
  private func cells(_ text: String) -> [[String]] {
    text.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
      String(line).replacing("\\|", with: "\u{1}").split(separator: "|").map {
        String($0).replacing("\u{1}", with: "\\|")
      }
    }
  }

  @Test func `no label is taken for Markdown`() throws {
    let report = try #require(Self.files(Self.labels)["report.md"])
    let methods = cells(report).compactMap { row in
      row.first.map { $0.trimmingPrefix(" ").trimmingSuffix(" ") }
    }
    for shown in [
      #"\*bold\*"#, #"\<b>tag\</b>"#, #"a\|b"#, #"\`code\`"#, #"[x]\(http:\//evil.example)"#,
      #"\$1+1\$"#, #"\_under\_"#, "@<!-- -->everyone", "#<!-- -->1", #"\&lt;"#, #"\~\~gone\~\~"#,
      #"back\\slash"#, #"\\u{1b}[31mred"#, "two lines",
    ] { #expect(methods.contains(shown), "\(shown)") }
    // Every row has as many cells as its table's head.
    var width: Int?
    for line in report.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        width = nil
        continue
      }
      let count = line.replacing("\\|", with: "").split(separator: "|").count
      #expect(width == nil || width == count, "\(line)")
      width = count
    }
    #expect(report.hasPrefix(#"# \<script>alert(1)\</script> | \*title\*"#))
    #expect(report.contains("**bowl**: # no heading - no list"))
    #expect(report.contains("`` `code` ``") && report.contains("`*bold*`"))
    #expect(!report.contains("\u{1B}"))
    let overview = OverviewReport.render([
      ExperimentAnalysis(
        of: Synthetic.experiment(
          Self.labels.flatMap { label in (0..<2).map { Synthetic.run(label, seed: $0) } }))
    ]).contents
    #expect(overview.contains(#"| \*bold\* "#) && !overview.contains(" <b>tag"))
  }

  @Test func `what only looks like markup stays readable`() throws {
    let plain = "sam(adam) weight_decay=[0.1, 0.2] p < 0.001 (1.5e-3) – ≤ 10⁻⁴ µ 5 & 6 1.0"
    let report = try #require(Self.files([plain, "x"])["report.md"])
    #expect(report.contains("| \(plain) "))
  }

  @Test func `no label is a formula in a spreadsheet, and numbers stay numbers`() throws {
    let formulas = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "=HYPERLINK(\"a\",\"b\")"]
    let csv = try #require(Self.files(formulas + ["-1", "1e-3"])["stability.csv"])
    for shown in [
      ",'=1+1,", ",'+cmd,", ",'-2+3,", ",'@SUM(A1),", ",'\tx,", ",-1,", ",1e-3,",
      #","'=HYPERLINK(""a"",""b"")","#,
    ] { #expect(csv.contains(shown), "\(shown)") }
    let golden = GoldenReportTests.report.tables.map(\.name)
    #expect(golden.contains("runs"))
    let runs = try #require(
      ReportFormat.csv.render(GoldenReportTests.report).first { $0.name == "convergence.csv" })
    #expect(runs.contents.contains(",-0."), "a negative number")
    #expect(!runs.contents.contains(",'"))
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(_ suffix: Character) -> String {
    var text = String(self)
    while text.last == suffix { text.removeLast() }
    while text.first == suffix { text.removeFirst() }
    return text
  }
}
