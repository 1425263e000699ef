extension ReportFormat {
  /// The report as one page that works by itself, without a network: what Markdown shows, with tables
  /// that sort and filter, methods to show or hide everywhere at once, and a part for each run.
  public static let html = ReportFormat(
    name: "html",
    summary: "one page for a browser that needs nothing else: tables to sort, runs to look at"
  ) { report in
    [RenderedFile(name: "report.html", contents: HTMLRenderer(report).text)]
  }
}

/// Writes a report as a page of HTML that holds its style, its script and its data.
struct HTMLRenderer {
  /// The most rows of a table; a page has room for more than a file of Markdown.
  private static let rowLimit = 400
  /// Nothing is loaded from anywhere, whatever a label says.
  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

  private let report: Report
  private let methods: [String: Int]
  private var contents: [(level: Int, id: String, title: String)] = []
  private var taken: Set<String> = ["runs", "run", "methods", "provenance", "spec", "data"]

  init(_ report: Report) {
    self.report = report
    methods = Dictionary(
      report.methods.enumerated().map { ($1.label, $0) }, uniquingKeysWith: { first, _ in first })
  }

  var text: String {
    var renderer = self
    return renderer.page()
  }

  private mutating func page() -> String {
    let document =
      report.document.prefix(1).map { block($0) } + [glance]
      + report.document.dropFirst().map { block($0) }
    let origin = report.provenance.dropFirst().map { block($0) }.joined(separator: "\n")
    let hasRuns = !report.spec.isEmpty
    if hasRuns {
      contents += [
        (2, "runs", "Runs"), (2, "provenance", "Where the results come from"),
        (2, "spec", "Experiment file"),
      ]
    }
    let hidden = hasRuns ? "" : " hidden=\"\""
    let title = HTMLText.text(report.title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>\(Self.resource(PackageResources.page_css))\(SVGStyle.sheet)\(SVGStyle.more)</style>
      </head>
      <body>
      <a class="skip" href="#content">Skip to the report</a>
      <div class="side">
      <nav aria-label="Contents"><details class="contents" open=""><summary>Contents</summary>
      \(contents.filter { $0.level < 4 && $0.level > 1 }.map(entry).joined(separator: "\n"))
      </details></nav>
      \(legend)
      </div>
      <main id="content" tabindex="-1">
      \(document.joined(separator: "\n"))
      <h2 id="runs"\(hidden)>Runs</h2>
      <noscript><p\(hidden)>The runs are drawn by a script; all else on this page stands without it.</p></noscript>
      <div id="explorer"\(hidden)></div>
      <section id="run" aria-live="polite" hidden=""></section>
      <h2 id="provenance"\(hidden)>Where the results come from</h2>
      \(origin)
      <h2 id="spec"\(hidden)>Experiment file</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="Experiment file"\(hidden)><pre>\(HTMLText.text(report.spec))</pre></div>
      </main>
      <div id="tip" role="status" hidden=""></div>
      <script type="application/json" id="data">\(report.runs.json)</script>
      <script>\(Self.resource(PackageResources.page_js + PackageResources.runs_js))</script>
      </body>
      </html>

      """
  }

  private var glance: String {
    let facts = report.glance.map { fact in
      "<li><strong>\(NumberText.grouped(fact.count))</strong> \(HTMLText.text(fact.words))</li>"
    }
    return "<ul class=\"glance\">\(facts.joined())</ul>"
  }

  private static func resource(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private func entry(_ entry: (level: Int, id: String, title: String)) -> String {
    "<a class=\"level-\(entry.level)\" href=\"#\(entry.id)\">\(HTMLText.text(entry.title))</a>"
  }

  /// The methods as a list of which each can be hidden, in tables and pictures at once.
  private var legend: String {
    if report.methods.isEmpty { return "" }
    let entries = report.methods.enumerated().map { number, method in
      let drawing = SVGDrawing.sign(method.series)
      return
        "<label data-method=\"\(number)\"><input type=\"checkbox\" checked=\"\"/>\(drawing)<span>\(HTMLText.text(method.label))</span></label>"
    }
    return """
      <details id="methods" open=""><summary>Methods <span class="count"></span></summary>
      <div class="tools"></div>
      <fieldset><legend class="away">Methods shown in tables and pictures</legend>
      \(entries.joined(separator: "\n"))
      </fieldset></details>
      """
  }

  // MARK: Blocks

  private mutating func block(_ block: Block) -> String {
    switch block {
    case .heading(let level, let prose):
      let id = place(prose.plain)
      contents.append((level, id, prose.plain))
      return "<h\(level) id=\"\(id)\">\(HTMLText.prose(prose))</h\(level)>"
    case .paragraph(let prose): return "<p>\(HTMLText.prose(prose))</p>"
    case .list(let items):
      let points = items.map { item in
        let inner = item.items.map { "<li>\(HTMLText.prose($0))</li>" }.joined()
        return "<li>\(HTMLText.prose(item.text))\(inner.isEmpty ? "" : "<ul>\(inner)</ul>")</li>"
      }
      return "<ul>\n\(points.joined(separator: "\n"))\n</ul>"
    case .table(let table): return self.table(table)
    case .figure(let figure): return self.figure(figure)
    case .folded(let line, let blocks):
      let inner = blocks.map { self.block($0) }.joined(separator: "\n")
      return
        "<details class=\"fold\"><summary>\(HTMLText.prose(line))</summary>\n\(inner)\n</details>"
    }
  }

  /// A name for an element that no other has.
  private mutating func place(_ text: String) -> String {
    let slug = HTMLText.slug(text)
    let base = slug.isEmpty ? "part" : slug
    var name = base
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(base)-\(number)"
      number += 1
    }
    return name
  }

  private func table(_ table: Table) -> String {
    let heads = table.heads.filter { !$0.title.isEmpty }
    let method = table.heads.first { $0.key == "method" }
    let shown = min(table.count, Self.rowLimit)
    let titles = heads.map { head in
      let definition = head.definition.map { " title=\"\(HTMLText.text($0.plain))\"" } ?? ""
      return
        "<th scope=\"col\"\(head.isNumber ? " class=\"n\"" : "")\(definition)>\(HTMLText.text(head.title))</th>"
    }
    let rows = (0..<shown).map { row -> String in
      var number: Int?
      if case .text(let label)? = method?.values(row).first { number = methods[label] }
      let cells = heads.map { head in
        "<td\(head.isNumber ? " class=\"n\"" : "")>\(HTMLText.prose(head.shown(row)))</td>"
      }
      return "<tr\(number.map { " data-m=\"\($0)\"" } ?? "")>\(cells.joined())</tr>"
    }
    let rest = table.count - shown
    let more =
      rest == 0
      ? ""
      : "\n<p>\(HTMLText.prose("\(NumberText.count(rest, "more row")) in \(link: "\(table.name).csv", to: "\(table.name).csv")."))</p>"
    let label = "Table: \(heads.prefix(4).map(\.title).joined(separator: ", "))"
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(HTMLText.text(label))"><table>
      <thead><tr>\(titles.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>\(more)
      """
  }

  private func figure(_ figure: Figure) -> String {
    let problem = report.runs.problems.firstIndex {
      "\(ProblemFigures.prefix($0))-stability-map" == figure.name
    }
    let attributes =
      " data-x-title=\"\(HTMLText.text(figure.xTitle))\" data-y-title=\"\(HTMLText.text(figure.yTitle))\""
      + (problem.map { " data-problem=\"\($0)\"" } ?? "")
    return """
      <figure id="\(HTMLText.text(figure.name))"><div class="scroll" tabindex="0" role="region" aria-label="Picture: \(HTMLText.text(figure.title))">
      \(SVGRenderer.inline(figure, methods: methods, attributes: attributes))
      </div><figcaption>\(HTMLText.prose(figure.caption))</figcaption></figure>
      """
  }
}
