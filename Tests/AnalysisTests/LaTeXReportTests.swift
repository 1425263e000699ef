import Analysis
import Records
import Reports
import TestSupport
import Testing

/// The report's tables as LaTeX.
@Suite struct LaTeXReportTests {
  private static func text(_ record: ExperimentRecord) throws -> String {
    let files = ReportFormat.latex.render(Report(ExperimentAnalysis(of: record)))
    #expect(files.map(\.name) == ["tables.tex"])
    return try #require(files.first).contents
  }

  @Test func `no label is a command, a comment or a cell`() throws {
    let labels = [
      #"\input{/etc/passwd}"#, "a%b", "a & b", "$x$", "#1", "~^_", "{", "}", "*", "[1ex]", "a--b",
      "two\nlines", "\u{1B}[31m",
    ]
    let runs = labels.flatMap { label in (0..<2).map { Synthetic.run(label, seed: $0) } }
    var record = Synthetic.experiment(runs)
    record.header.problems[0].name = #"p_1 & \end{longtable}"#
    for index in record.runs.indices {
      record.runs[index].key = RunKey(
        problem: record.header.problems[0].name, run: record.runs[index].key.run)
    }
    let text = try Self.text(record)
    for shown in [
      #"\textbackslash{}input\{/etc/passwd\} &"#, #"a\%b &"#, #"a \& b &"#, #"\$x\$ &"#,
      ##"\#1 &"##,
      #"\textasciitilde{}\textasciicircum{}\_ &"#, #"\{ &"#, #"\} &"#, "{*} &", "{[}1ex] &",
      "a{-}{-}b &", "two lines &",
    ] { #expect(text.contains("\n\(shown)"), "\(shown)") }
    #expect(!text.contains("\u{1B}"))
    // Rows have as many cells as their table has columns, and braces match.
    var columns = 0
    var depth = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("%") {
      let plain = line.replacing(#"\&"#, with: "").replacing(#"\{"#, with: "")
        .replacing(#"\}"#, with: "").replacing(#"\%"#, with: "")
      depth += plain.count { $0 == "{" } - plain.count { $0 == "}" }
      #expect(depth == 0 && !plain.contains("%"), "\(line)")
      if line.hasPrefix(#"\begin{longtable}"#) {
        columns = line.split(separator: "@{}")[1].count
      } else if line.hasSuffix(#" \\"#) {
        #expect(plain.split(separator: " & ", omittingEmptySubsequences: false).count == columns)
      }
    }
    #expect(columns > 0)
  }

  @Test func `every table of the document is there once, under its headings`() throws {
    let text = try #require(ReportFormat.latex.render(GoldenReportTests.report).first).contents
    func count(_ blocks: [Block]) -> Int {
      blocks.reduce(0) { sum, block in
        switch block {
        case .table: sum + 1
        case .folded(_, let inner): sum + count(inner)
        case .heading, .paragraph, .list, .figure: sum
        }
      }
    }
    let tables = count(GoldenReportTests.report.document)
    #expect(text.components(separatedBy: #"\begin{longtable}"#).count - 1 == tables)
    #expect(text.components(separatedBy: #"\end{longtable}"#).count - 1 == tables)
    #expect(text.contains(#"\caption{Problem: valley: Stability}\label{tab:synthetic-"#))
    #expect(text.contains("sgd + global{-}norm(1) & "))
  }
}
