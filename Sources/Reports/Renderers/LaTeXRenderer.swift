extension ReportFormat {
  /// The tables for people as LaTeX, for a paper.
  public static let latex = ReportFormat(
    name: "latex", summary: "the tables of the page for a paper, with the rules of booktabs"
  ) { report in
    [RenderedFile(name: "tables.tex", contents: LaTeXRenderer.text(report))]
  }
}

/// Writes a report's tables as LaTeX: what `\input` takes, one `longtable` for each, with the headings
/// above it as caption and a label of its own.
enum LaTeXRenderer {
  private static let head = """
    % Tables of a report by optbench. In the preamble of the document that takes them:
    %   \\usepackage[T1]{fontenc}
    %   \\usepackage{booktabs,longtable}
    % Each table is a longtable, which breaks over pages and finds its widths in the second run of LaTeX.


    """

  static func text(_ report: Report) -> String {
    var number = 0
    func tables(_ blocks: [Block], under outer: [Prose]) -> [String] {
      var headings = outer
      return blocks.flatMap { block -> [String] in
        switch block {
        case .heading(let level, let prose):
          headings = Array(headings.prefix(max(0, level - 2))) + (level > 1 ? [prose] : [])
          return []
        case .table(let table):
          number += 1
          let caption = headings.map(text).joined(separator: ": ")
          return [text(table, caption: caption, label: "tab:\(report.name)-\(number)")]
        case .folded(let line, let inner): return tables(inner, under: headings.prefix(1) + [line])
        case .paragraph, .list, .figure: return []
        }
      }
    }
    return head + tables(report.document, under: []).joined(separator: "\n")
  }

  private static func text(_ table: Table, caption: String, label: String) -> String {
    let heads = table.heads.filter { !$0.title.isEmpty }
    let shown = min(table.count, table.limit)
    func row(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\\n" }
    let rest = table.count - shown
    let titles = row(heads.map { escaped($0.title) })
    let rows = (0..<shown).map { index in row(heads.map { text($0.shown(index)) }) }
    return """
      \\begin{longtable}{@{}\(heads.map { $0.isNumber ? "r" : "l" }.joined())@{}}
      \\caption{\(caption)}\\label{\(label)}\\\\
      \\toprule
      \(titles)\\midrule
      \\endfirsthead
      \\toprule
      \(titles)\\midrule
      \\endhead
      \(rows.joined())\\bottomrule
      \\end{longtable}

      """
        + (rest > 0 ? "% \(NumberText.count(rest, "more row")) in \(table.name).csv\n" : "")
  }

  private static func text(_ prose: Prose) -> String {
    prose.pieces.map { piece in
      switch piece {
      case .text(let text), .link(let text, _): escaped(text)
      case .code(let text): "\\texttt{\(escaped(text))}"
      case .strong(let text): "\\textbf{\(escaped(text))}"
      case .emphasis(let text): "\\emph{\(escaped(text))}"
      }
    }.joined()
  }

  /// The characters as themselves: none commands, and those that no common font has as mathematics.
  static func escaped(_ text: String) -> String {
    text.printable.map { character in
      if character.isNewline || character == "\t" { return " " }
      return commands[character] ?? String(character)
    }.joined()
  }

  private static let commands: [Character: String] = {
    var commands: [Character: String] = [
      "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
      "_": "\\_", "%": "\\%", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
      "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\textquotedbl{}",
      "`": "\\textasciigrave{}", "'": "\\textquotesingle{}",
      // At the head of a row these would belong to the command that ends the row above.
      "[": "{[}", "*": "{*}",
      // Two of them would be one dash.
      "-": "{-}", "–": "--", "…": "\\ldots{}", "·": "$\\cdot$", "−": "$-$", "×": "$\\times$",
      "±": "$\\pm$", "≤": "$\\le$", "≥": "$\\ge$", "≠": "$\\ne$", "≈": "$\\approx$",
      "∞": "$\\infty$", "√": "$\\surd$", "★": "$\\star$", "✗": "$\\times$", "→": "$\\to$",
      "↑": "$\\uparrow$", "↓": "$\\downarrow$", "⁺": "$^{+}$", "⁻": "$^{-}$",
      "α": "$\\alpha$", "β": "$\\beta$", "γ": "$\\gamma$", "δ": "$\\delta$", "ε": "$\\varepsilon$",
      "η": "$\\eta$", "λ": "$\\lambda$", "µ": "$\\mu$", "μ": "$\\mu$", "ρ": "$\\rho$",
      "σ": "$\\sigma$", "τ": "$\\tau$", "Δ": "$\\Delta$", "Σ": "$\\Sigma$", "∑": "$\\sum$",
    ]
    for (digit, (low, high)) in zip(0..., zip("₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹")) {
      commands[low] = "$_{\(digit)}$"
      commands[high] = "$^{\(digit)}$"
    }
    return commands
  }()
}
