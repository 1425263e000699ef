import Analysis
import Foundation
import Records
import Reports
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The report as a page. What its script does is tried in a browser by `scripts/page_test.py`.
@Suite struct HTMLReportTests {
  private static func page(_ record: ExperimentRecord) throws -> String {
    var context = GoldenReportTests.context
    context.traces = RunTraces(record)
    let files = ReportFormat.html.render(Report(ExperimentAnalysis(of: record), context))
    #expect(files.map(\.name) == ["report.html"])
    return try #require(files.first).contents
  }

  private static let golden = Result { try page(GoldenReportTests.record) }

  /// What the script reads.
  private static func data(_ page: String) throws -> [String: Any] {
    let start = "<script type=\"application/json\" id=\"data\">"
    let text = try #require(page.split(separator: start).last?.split(separator: "</script>").first)
    return try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// What stands between `<body>` and the scripts.
  private static func body(_ page: String) throws -> String {
    let body = try #require(page.split(separator: "<body>").last)
    return try #require(
      String(body).components(separatedBy: "<script type=\"application/json\"").first)
  }

  private static func expectWellFormed(_ page: String) throws {
    let text = "<body>\(try body(page))</body>"
    let parser = XMLParser(data: Data(text.utf8))
    #expect(
      parser.parse(), "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "")")
  }

  @Test func `every heading, table, cell and picture of the document is on the page`() throws {
    let page = try Self.golden.get()
    let main = try Self.body(page)
    try Self.expectWellFormed(page)
    var tables = 0
    var figures = 0
    var texts: Set<String> = []
    func collect(_ blocks: some Sequence<Block>) {
      for block in blocks {
        switch block {
        case .heading(_, let prose), .paragraph(let prose):
          texts.formUnion(prose.pieces.map(Self.escaped))
        case .list(let items):
          for prose in items.flatMap({ [$0.text] + $0.items }) {
            texts.formUnion(prose.pieces.map(Self.escaped))
          }
        case .table(let table):
          tables += 1
          for head in table.heads where !head.title.isEmpty {
            texts.insert(">\(Self.escaped(.text(head.title)))</th>")
            for row in 0..<table.count {
              texts.formUnion(head.shown(row).pieces.map(Self.escaped))
            }
          }
        case .figure(let figure):
          figures += 1
          texts.insert("<figure id=\"\(figure.name)\">")
        case .folded(_, let inner): collect(inner)
        }
      }
    }
    collect(GoldenReportTests.report.document)
    // Its heading is the page's own.
    collect(GoldenReportTests.report.provenance.dropFirst())
    #expect(texts.count > 300 && texts.filter { !main.contains($0) } == [])
    #expect(tables > 10 && main.components(separatedBy: "<table>").count - 1 == tables)
    #expect(
      figures > 5 && main.components(separatedBy: "<svg class=\"chart\"").count - 1 == figures)
    #expect(main.contains("<pre>optbench: 1\n</pre>"))
  }

  private static func escaped(_ piece: Prose.Piece) -> String {
    let text =
      switch piece {
      case .text(let text), .code(let text), .strong(let text), .emphasis(let text),
        .link(let text, _):
        text
      }
    return text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
  }

  @Test func `methods are the same in legend, tables and pictures`() throws {
    let main = try Self.body(Self.golden.get())
    let labels = ["sgd", "sgd + global-norm(1)", "adam", "adam + global-norm(1)"]
    for (number, label) in labels.enumerated() {
      #expect(main.contains("<label data-method=\"\(number)\">"))
      #expect(main.contains("<span>\(label)</span></label>"))
      #expect(main.contains("<tr data-m=\"\(number)\"><td>\(label)</td>"), "\(label)")
      #expect(main.contains("<g data-m=\"\(number)\">"), "\(label)")
    }
    #expect(!main.contains("data-m=\"4\""))
  }

  @Test func `no request can leave`() throws {
    let page = try Self.golden.get()
    #expect(page.contains("content=\"default-src 'none';"))
    for foreign in [
      "src=", "@import", "url(http", "fetch(", "XMLHttpRequest", "<iframe", "<form", "import(",
    ] { #expect(!page.contains(foreign), "\(foreign)") }
    let links = page.matches(of: /href="([^"]*)"/).map { String($0.1) }
    #expect(links.count > 10)
    for link in links {
      #expect(
        link.hasPrefix("#") || link.hasSuffix(".csv") || link == "report.json" || link == "data:,",
        "\(link)")
    }
  }

  @Test func `no text acts`() throws {
    let labels = [
      "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onclick=\"x",
      "<!--", "]]>", "a\u{0}b", "\u{202E}txt", "&lt;", "\u{2028}", "é漢字",
    ]
    let runs = labels.flatMap { label in
      [0.1, 1].enumerated().flatMap { trial, rate in
        (0..<2).map { Synthetic.run(label, clipping: "none", trial: trial, rate: rate, seed: $0) }
      }
    }
    var record = Synthetic.experiment(runs)
    record.header.title = "</title><script>alert(2)</script>"
    record.header.spec = "# </pre></script><script>alert(3)</script>\n# \u{202E}\u{0}\n"
    record.header.problems[0].summary = "<b onmouseover=\"alert(4)\">"
    for index in record.runs.indices {
      record.runs[index].failureTensor = "</script><!-- \(labels[index % labels.count])"
    }
    let page = try Self.page(record)
    try Self.expectWellFormed(page)
    #expect(page.components(separatedBy: "<script").count == 3)
    #expect(page.components(separatedBy: "</script").count == 3)
    for bad in ["<img", "<b ", "\u{0}", "\u{202E}", "\u{2028}", "<!--"] {
      #expect(!page.contains(bad), "\(bad.unicodeScalars.map(\.value))")
    }
    let keys = try #require(Self.data(page)["keys"] as? [[Any]])
    #expect(keys.count == runs.count)
  }

  /// The numbers of a text as the page's script reads them.
  private static func unpacked(_ text: String) -> [Double] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    let digits = text.utf8.map { alphabet.firstIndex(of: $0) ?? 0 }
    return stride(from: 0, to: digits.count, by: 3).map { place in
      let code = digits[place] << 12 | digits[place + 1] << 6 | digits[place + 2]
      let size = code & 131_071
      let value =
        size == 0
        ? (code == 0 ? 0 : .nan)
        : size == 131_071 ? .infinity : pow(10, (Double(size) - 0.5) / 131_069 * 85 - 46)
      return code >> 17 == 1 ? -value : value
    }
  }

  @Test func `packed numbers keep three digits of any number, and what is none`() {
    let values: [Float] = [
      0, 1, -1, 2.5, 1e-45, -3.4e38, 3.4e38, 0.1, 123_456, .infinity, -.infinity, 7e-8,
    ]
    for (value, read) in zip(values, Self.unpacked(PackedNumbers.text(values))) {
      #expect(
        Double(value) == read || abs(read / Double(value) - 1) < 0.0008, "\(value) became \(read)")
    }
    #expect(Self.unpacked(PackedNumbers.text([.nan]))[0].isNaN)
  }

  @Test func `one step that explodes stays in sight`() throws {
    var run = Synthetic.run("sgd", seed: 0, steps: 5000)
    run.trajectory[.loss][1234] = 1e6
    run.trajectory[.loss][3000] = .nan
    run.trajectory[.gradientNorm][17] = 1e9
    let short = Synthetic.run("sgd", seed: 1, failureStep: 2)
    let data = try Self.data(Self.page(Synthetic.experiment([run, short])))
    let loss = try #require(data["loss"] as? [String]).map(Self.unpacked)
    let gradient = try #require(data["gradient"] as? [String]).map(Self.unpacked)
    let most = try #require(data["most"] as? Int)
    #expect(loss[0].count <= 2 * most && gradient[0].count <= most)
    let highest = loss[0].enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    #expect(highest.contains { abs($0 / 1e6 - 1) < 0.001 } && highest.contains(.infinity))
    #expect(loss[0].enumerated().allSatisfy { $0.offset % 2 == 1 || abs($0.element - 1) < 0.001 })
    #expect(gradient[0].contains { abs($0 / 1e9 - 1) < 0.001 })
    // A short run is there step by step.
    #expect(loss[1].count == 3 && gradient[1].count == 3)
  }

  @Test func `the last steps of a failed run are on the page, with its largest tensors`() throws {
    var run = Synthetic.run("sgd", seed: 0, outcome: .exploded, failureStep: 20)
    let tensors = (0..<40).map { "layer\($0).weight" }
    var flight = Recording(steps: Array(1...20).map(Int32.init), tensors: tensors, series: [])
    let norms = (0..<20).flatMap { step in
      tensors.indices.map { $0 == 33 && step == 19 ? Float.infinity : Float($0) }
    }
    flight[.gradientNorm] = norms
    flight[.updateNorm] = norms
    run.flight = flight
    let data = try Self.data(Self.page(Synthetic.experiment([run, Synthetic.run("sgd", seed: 1)])))
    let shown = try #require((data["flights"] as? [[String: Any]])?.first)
    let names = try #require(shown["tensors"] as? [String])
    let steps = try #require(shown["steps"] as? [Int])
    #expect(names.contains("layer33.weight") && names.contains("layer39.weight"))
    #expect(!names.contains("layer0.weight") && names.count == 16 && steps.last == 20)
    let gradient = Self.unpacked(try #require(shown["gradient"] as? String))
    #expect(gradient.count == names.count * steps.count)
    let last = Array(gradient.suffix(names.count))
    #expect(last[try #require(names.firstIndex(of: "layer33.weight"))].isInfinite)
  }

  @Test func `thousands of runs take no more room than the page has`() throws {
    let runs = (0..<4000).map { number -> RunRecord in
      let failureStep = number % 3 == 0 ? 90 : -1
      return Synthetic.run(
        "m\(number % 40)", trial: number / 400, seed: number / 40 % 10, failureStep: failureStep)
    }
    let traces = RunTraces(Synthetic.experiment(runs))
    #expect(traces.characters > 100_000 && traces.characters < 600_000)
  }
}
