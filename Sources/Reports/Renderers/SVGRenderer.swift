internal import Foundation

/// Draws figures as SVG that stands for itself: no script, no font, no program. The same figure gives the
/// same bytes, text is text, and colours follow the reader's light or dark mode.
enum SVGRenderer {
  static func text(_ figure: Figure) -> String {
    SVGDrawing(figure).text
  }

  /// The picture as part of a page that has the style, with what the page's script needs: `data-m`, the
  /// number of the method to which marks belong, and the values that axes span.
  static func inline(_ figure: Figure, methods: [String: Int], attributes: String) -> String {
    SVGDrawing(figure, methods: methods).inline(attributes)
  }
}

/// One figure on its way to SVG.
struct SVGDrawing {
  private static let width = 880.0
  private static let gap = 14.0
  private static let keyHeight = 18.0
  static let characterWidth = 6.3
  static let boldCharacterWidth = 7.2

  let figure: Figure
  /// The numbers of methods by label, in a page whose reader can choose among them.
  private let methods: [String: Int]?
  var body: [String] = []

  init(_ figure: Figure, methods: [String: Int]? = nil) {
    self.figure = figure
    self.methods = methods
  }

  var text: String {
    var drawing = self
    let height = drawing.draw()
    let size = "\(Self.number(Self.width)) \(Self.number(height))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(Self.number(Self.width))" height="\(Self.number(height))" role="img" aria-label="\(Self.escaped(figure.title))">
      <title>\(Self.escaped(figure.title))</title>
      <desc>\(Self.escaped(figure.caption.plain))</desc>
      <style>\(SVGStyle.sheet)\(figure.isOfMultiples ? SVGStyle.more : "")</style>
      <rect class="paper" width="\(Self.number(Self.width))" height="\(Self.number(height))"/>

      """ + drawing.body.joined(separator: "\n") + "\n</svg>\n"
  }

  func inline(_ attributes: String) -> String {
    var drawing = self
    let height = drawing.draw()
    let size = "\(Self.number(Self.width)) \(Self.number(height))"
    return """
      <svg class="chart" viewBox="0 0 \(size)" role="img" aria-label="\(Self.escaped(figure.title))"\(attributes)>
      <rect class="paper" width="\(Self.number(Self.width))" height="\(Self.number(height))"/>

      """ + drawing.body.joined(separator: "\n") + "\n</svg>"
  }

  /// The line and the marker of a series by themselves, for the legend of a page.
  static func sign(_ series: Figure.Series) -> String {
    let drawing = SVGDrawing(
      Figure(
        name: "", title: "", caption: "", keys: [], panels: [], columns: 1, xTitle: "", yTitle: ""))
    let marker = drawing.marker(series, x: 13, y: 6, size: 3)
    return
      "<svg class=\"sign\" viewBox=\"0 0 26 12\" aria-hidden=\"true\"><path class=\"\(series.lineClass)\" d=\"M0 6h26\"/>\(marker)</svg>"
  }

  /// Whether the picture is part of a page.
  var isInline: Bool { methods != nil }

  /// Draws what belongs to the method called `label`, which a page can hide.
  mutating func ofMethod(
    _ label: String, attributes: String = "", _ draw: (inout SVGDrawing) -> Void
  ) {
    guard let number = methods?[label] else { return draw(&self) }
    body.append("<g data-m=\"\(number)\"\(attributes)>")
    draw(&self)
    body.append("</g>")
  }

  /// Draws everything; gives the height.
  private mutating func draw() -> Double {
    label(figure.title, x: 10, y: 20, class: "title")
    var y = drawKeys(from: 32)
    let left = figure.yTitle.isEmpty ? 10.0 : 58.0
    let columns = Double(figure.columns)
    let panelWidth = (Self.width - left - 12 - Self.gap * (columns - 1)) / columns
    for row in stride(from: 0, to: figure.panels.count, by: figure.columns) {
      let panels = figure.panels[row..<min(row + figure.columns, figure.panels.count)]
      var height = 0.0
      for (column, panel) in panels.enumerated() {
        let x = left + Double(column) * (panelWidth + Self.gap)
        let isLast = row + column + figure.columns >= figure.panels.count
        if isInline { body.append("<g class=\"pane\">") }
        height = max(
          height,
          draw(panel, x: x, y: y, width: panelWidth, isFirst: column == 0, isLast: isLast))
        if isInline { body.append("</g>") }
      }
      y += height + 12
    }
    if !figure.xTitle.isEmpty {
      label(figure.xTitle, x: (Self.width + left) / 2, y: y + 8, class: "axis middle")
      y += 16
    }
    if !figure.yTitle.isEmpty {
      let middle = Self.number((y + 50) / 2)
      body.append(
        "<text class=\"axis middle\" transform=\"translate(14 \(middle)) rotate(-90)\">\(Self.escaped(figure.yTitle))</text>"
      )
    }
    return y + 6
  }

  // MARK: Legend

  private mutating func drawKeys(from top: Double) -> Double {
    guard !figure.keys.isEmpty else { return top + 4 }
    var x = 10.0
    var y = top + 8
    for key in figure.keys {
      let width = 34 + Double(key.label.count) * Self.characterWidth + 14
      if x + width > Self.width - 8, x > 10 {
        x = 10
        y += Self.keyHeight
      }
      switch key.sign {
      case .series(let series):
        body.append("<path class=\"\(series.lineClass)\" d=\"M\(pair(x, y))h26\"/>")
        body.append(marker(series, x: x + 13, y: y, size: 3))
      case .failure: body.append(cross(x: x + 13, y: y, size: 4, class: "ink"))
      case .chosen:
        body.append(
          "<circle class=\"chosen\" cx=\"\(Self.number(x + 13))\" cy=\"\(Self.number(y))\" r=\"5.5\"/>"
        )
      case .other:
        body.append(
          "<circle class=\"other\" cx=\"\(Self.number(x + 13))\" cy=\"\(Self.number(y))\" r=\"2.6\"/>"
        )
      case .stretch:
        body.append(
          "<rect class=\"band\" x=\"\(Self.number(x + 2))\" y=\"\(Self.number(y - 1.5))\" width=\"22\" height=\"3\"/>"
        )
      case .outcome(let shade):
        body.append(
          "<rect class=\"o-\(shade.rawValue)\" x=\"\(Self.number(x + 12))\" y=\"\(Self.number(y - 5))\" width=\"10\" height=\"10\"/>"
        )
        if shade.isFailure { body.append(stroke(x: x + 12, y: y - 5, size: 10, shade)) }
      }
      label(key.label, x: x + 31, y: y + 4, class: "key")
      x += width
    }
    return y + 16
  }

  // MARK: Panels

  /// Draws a panel; gives its height.
  private mutating func draw(
    _ panel: Figure.Panel, x: Double, y: Double, width: Double, isFirst: Bool, isLast: Bool
  ) -> Double {
    let room = Int(width / Self.boldCharacterWidth)
    let title = panel.title.count > room ? panel.title.prefix(max(1, room - 1)) + "…" : panel.title
    var height = 0.0
    if case .map(let map) = panel.content {
      ofMethod(panel.title) { drawing in
        drawing.label(String(title), x: x, y: y + 10, class: "panel")
        height = drawing.draw(map, x: x, y: y + 16, width: width)
      }
      return 16 + height
    }
    if case .heat(let heat) = panel.content {
      ofMethod(heat.method) { drawing in
        drawing.label(String(title), x: x, y: y + 10, class: "panel")
        height = drawing.draw(heat, x: x, y: y + 16, width: width)
      }
      return 16 + height
    }
    label(String(title), x: x, y: y + 10, class: "panel")
    switch panel.content {
    case .map, .heat: return 16
    case .plot(let plot):
      return 16
        + draw(plot, x: x, y: y + 16, width: width, isFirst: isFirst, isLast: isLast)
    case .table(let table): return 16 + draw(table, x: x, y: y + 16, width: width)
    case .bars(let bars): return draw(bars, x: x, y: y, width: width)
    case .scatter(let scatter): return 6 + draw(scatter, x: x, y: y + 6, width: width)
    }
  }

  // MARK: Marks

  func marker(
    _ series: Figure.Series, x: Double, y: Double, size: Double, title: String = ""
  ) -> String {
    let r = size
    let path =
      switch series.index % 6 {
      case 0:
        "M\(pair(x - r, y))a\(Self.number(r)) \(Self.number(r)) 0 1 0 \(Self.number(2 * r)) 0a\(Self.number(r)) \(Self.number(r)) 0 1 0 -\(Self.number(2 * r)) 0z"
      case 1:
        "M\(pair(x - r, y - r))h\(Self.number(2 * r))v\(Self.number(2 * r))h-\(Self.number(2 * r))z"
      case 2: "M\(pair(x, y - r * 1.3))L\(pair(x + r * 1.2, y + r))L\(pair(x - r * 1.2, y + r))z"
      case 3:
        "M\(pair(x, y - r * 1.4))L\(pair(x + r * 1.4, y))L\(pair(x, y + r * 1.4))L\(pair(x - r * 1.4, y))z"
      case 4: "M\(pair(x, y + r * 1.3))L\(pair(x + r * 1.2, y - r))L\(pair(x - r * 1.2, y - r))z"
      default:
        "M\(pair(x - r, y - r * 0.5))h\(Self.number(2 * r))v\(Self.number(r))h-\(Self.number(2 * r))z"
      }
    let inner = title.isEmpty ? "/>" : "><title>\(Self.escaped(title))</title></path>"
    return "<path class=\"\(series.fillClass)\" d=\"\(path)\"\(inner)"
  }

  func cross(
    x: Double, y: Double, size: Double, class name: String, title: String = ""
  ) -> String {
    let path =
      "M\(pair(x - size, y - size))L\(pair(x + size, y + size))M\(pair(x + size, y - size))L\(pair(x - size, y + size))"
    let inner = title.isEmpty ? "/>" : "><title>\(Self.escaped(title))</title></path>"
    return "<path class=\"x \(name)\" d=\"\(path)\"\(inner)"
  }

  private func stroke(x: Double, y: Double, size: Double, _ shade: Figure.OutcomeShade) -> String {
    "<path class=\"mark\" d=\"\(crossPath(x, y, size, shade))\"/>"
  }

  /// Failures can be told apart without colours: one stroke, two, or none on black.
  func crossPath(
    _ x: Double, _ y: Double, _ size: Double, _ shade: Figure.OutcomeShade
  ) -> String {
    let (near, far) = (size * 0.22, size * 0.78)
    let one = "M\(pair(x + near, y + far))L\(pair(x + far, y + near))"
    return shade == .exploded ? one + "M\(pair(x + near, y + near))L\(pair(x + far, y + far))" : one
  }

  mutating func label(_ text: String, x: Double, y: Double, class name: String) {
    body.append(
      "<text class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\">\(Self.escaped(text))</text>"
    )
  }

  func pair(_ x: Double, _ y: Double) -> String { "\(Self.number(x)) \(Self.number(y))" }

  /// One digit after the point at most.
  static func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    return short == "-0" ? "0" : short
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.printable {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}

extension Figure.OutcomeShade {
  /// Whether the run counts as failed, which a stroke shows beside the colour.
  var isFailure: Bool { self == .worse || self == .exploded }
}

extension Figure.Series {
  private var number: String {
    index < Self.distinct ? "\(index % SVGStyle.colours.count)" : "-rest"
  }

  var lineClass: String { "l c\(number) d\(index % SVGStyle.dashes.count)" }
  var bandClass: String { "b f\(number)" }
  var fillClass: String { "f\(number)" }
  var crossClass: String { "c\(number)" }
}
