internal import Foundation

/// Draws figures as SVG that stands for itself: no script, no font, no program. The same figure gives the
/// same bytes, text is text, and colours follow the reader's light or dark mode.
enum SVGRenderer {
  static func text(_ figure: Figure) -> String {
    SVGDrawing(figure).text
  }
}

/// One figure on its way to SVG.
private struct SVGDrawing {
  private static let width = 880.0
  private static let gap = 14.0
  private static let keyHeight = 18.0
  private static let characterWidth = 6.3
  private static let boldCharacterWidth = 7.2

  private let figure: Figure
  private var body: [String] = []

  init(_ figure: Figure) { self.figure = figure }

  var text: String {
    var drawing = self
    let height = drawing.draw()
    let size = "\(Self.number(Self.width)) \(Self.number(height))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(Self.number(Self.width))" height="\(Self.number(height))" role="img" aria-label="\(Self.escaped(figure.title))">
      <title>\(Self.escaped(figure.title))</title>
      <desc>\(Self.escaped(figure.caption.plain))</desc>
      <style>\(SVGStyle.sheet)</style>
      <rect class="paper" width="\(Self.number(Self.width))" height="\(Self.number(height))"/>

      """ + drawing.body.joined(separator: "\n") + "\n</svg>\n"
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
        height = max(
          height,
          draw(panel, x: x, y: y, width: panelWidth, isFirst: column == 0, isLast: isLast))
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
    label(String(title), x: x, y: y + 10, class: "panel")
    switch panel.content {
    case .plot(let plot):
      return 16
        + draw(plot, x: x, y: y + 16, width: width, isFirst: isFirst, isLast: isLast)
    case .map(let map): return 16 + draw(map, x: x, y: y + 16, width: width)
    case .table(let table): return 16 + draw(table, x: x, y: y + 16, width: width)
    }
  }

  private mutating func draw(
    _ plot: Figure.Plot, x: Double, y: Double, width: Double, isFirst: Bool, isLast: Bool
  ) -> Double {
    let rows = plot.curves.filter { !$0.failures.isEmpty }
    let strip = Double(plot.curves.contains { !$0.failures.isEmpty } ? plot.curves.count : 0) * 9
    let top = y + strip + (strip > 0 ? 3 : 0)
    let height = figure.columns > 3 ? 104.0 : figure.columns > 1 ? 150.0 : 260.0
    let bottom = top + height
    func across(_ value: Double) -> Double { x + plot.x.position(value) * width }
    func down(_ value: Double) -> Double {
      bottom - min(max(plot.y.position(value), 0), 1) * height
    }

    // Grid and axes.
    var grid = ""
    for tick in plot.y.ticks(most: figure.columns > 3 ? 4 : 6) {
      grid += "M\(pair(x, down(tick.value)))h\(Self.number(width))"
      if isFirst { label(tick.label, x: x - 5, y: down(tick.value) + 3.5, class: "tick end") }
    }
    let most = max(2, Int(width / 44))
    for tick in plot.x.ticks(most: most) {
      grid += "M\(pair(across(tick.value), top))v\(Self.number(height))"
      if isLast { label(tick.label, x: across(tick.value), y: bottom + 13, class: "tick middle") }
    }
    if !grid.isEmpty { body.append("<path class=\"grid\" d=\"\(grid)\"/>") }
    if strip > 0 {
      body.append(
        "<rect class=\"strip\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" height=\"\(Self.number(strip))\"/>"
      )
    }
    body.append(
      "<rect class=\"frame\" x=\"\(Self.number(x))\" y=\"\(Self.number(top))\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"/>"
    )
    for level in plot.levels where (0...1).contains(plot.y.position(level)) {
      body.append("<path class=\"level\" d=\"M\(pair(x, down(level)))h\(Self.number(width))\"/>")
    }

    // Bands below lines below markers.
    for curve in plot.curves where curve.points.count > 1 {
      let upper = curve.points.map { pair(across($0.x), down($0.highest)) }
      let lower = curve.points.reversed().map { pair(across($0.x), down($0.lowest)) }
      body.append(
        "<path class=\"\(curve.series.bandClass)\" d=\"M\((upper + lower).joined(separator: "L"))Z\"/>"
      )
    }
    for curve in plot.curves where curve.points.count > 1 {
      let line = curve.points.map { pair(across($0.x), down($0.y)) }.joined(separator: "L")
      body.append("<path class=\"\(curve.series.lineClass)\" d=\"M\(line)\"/>")
    }
    for (row, curve) in plot.curves.enumerated() {
      if curve.hasMarkers || curve.points.count == 1 {
        for point in curve.points {
          body.append(
            marker(
              curve.series, x: across(point.x), y: down(point.y), size: 2.6,
              title:
                "\(curve.name) at \(NumberText.rate(point.x)): \(NumberText.significant(point.y))"
            ))
        }
      }
      if let chosen = curve.chosen, let point = curve.points.first(where: { $0.x == chosen }) {
        body.append(
          "<circle class=\"chosen\" cx=\"\(Self.number(across(point.x)))\" cy=\"\(Self.number(down(point.y)))\" r=\"5.5\"/>"
        )
      }
      for end in curve.ends {
        body.append(
          cross(x: across(end.x), y: down(end.y), size: 3.2, class: curve.series.crossClass))
      }
      if !rows.isEmpty {
        for failure in curve.failures {
          body.append(
            cross(
              x: across(failure.x), y: y + Double(row) * 9 + 4.5,
              size: 1.4 + 2.4 * failure.share, class: curve.series.crossClass,
              title:
                "\(curve.name) at \(NumberText.rate(failure.x)): \(NumberText.percent(failure.share)) failed"
            ))
        }
      }
    }
    return bottom - y + (isLast ? 18 : 2)
  }

  private mutating func draw(_ map: Figure.Map, x: Double, y: Double, width: Double) -> Double {
    let size = min(
      15, (width - 2) / Double(max(1, map.columns.count)), 130 / Double(max(1, map.rows.count)))
    var paths: [Figure.OutcomeShade: String] = [:]
    var strokes: [Figure.OutcomeShade: String] = [:]
    for (row, cells) in map.cells.enumerated() {
      for (column, shade) in cells.enumerated() {
        let (left, top) = (x + Double(column) * size, y + Double(row) * size)
        let side = Self.number(size - 0.8)
        paths[shade, default: ""] += "M\(pair(left, top))h\(side)v\(side)h-\(side)z"
        if shade.isFailure {
          strokes[shade, default: ""] += crossPath(left, top, size - 0.8, shade)
        }
      }
    }
    for shade in Figure.OutcomeShade.allCases {
      if let path = paths[shade] {
        body.append("<path class=\"o-\(shade.rawValue)\" d=\"\(path)\"/>")
      }
      if let path = strokes[shade] { body.append("<path class=\"mark\" d=\"\(path)\"/>") }
    }
    let bottom = y + Double(map.rows.count) * size
    if let first = map.columns.first, let last = map.columns.last {
      label(
        first == last ? first : "\(first) … \(last)", x: x, y: bottom + 10, class: "small")
    }
    return bottom - y + 12
  }

  private mutating func draw(
    _ table: Figure.ShadedTable, x: Double, y: Double, width: Double
  ) -> Double {
    let names = table.rows.map(\.count).max() ?? 0
    let left = min(width * 0.42, Double(names) * Self.characterWidth + 8)
    let cell = min(92, (width - left) / Double(max(1, table.columns.count)))
    let height = 19.0
    // Headings that do not fit beside each other stand on a slope.
    let longest = Double(table.columns.map(\.count).max() ?? 0) * Self.characterWidth
    let slopes = longest > cell
    let head = slopes ? min(70, longest * 0.55) + 8 : 16
    for (column, name) in table.columns.enumerated() {
      let middle = x + left + (Double(column) + 0.5) * cell
      if slopes {
        let shown = name.count > 22 ? name.prefix(21) + "…" : name
        body.append(
          "<text class=\"tick\" transform=\"translate(\(Self.number(middle - 6)) \(Self.number(y + head - 4))) rotate(-32)\">\(Self.escaped(String(shown)))</text>"
        )
      } else {
        label(name, x: middle, y: y + head - 5, class: "tick middle")
      }
    }
    for (row, cells) in table.cells.enumerated() {
      let top = y + head + Double(row) * height
      let room = max(3, Int(left / Self.characterWidth))
      let name = table.rows[row]
      let shown = name.count > room ? name.prefix(room - 1) + "…" : name
      label(String(shown), x: x + left - 6, y: top + 13, class: "tick end")
      for (column, value) in cells.enumerated() {
        let step = value.shade.flatMap {
          $0.isFinite ? Int((min(max($0, 0), 1) * 8).rounded()) : nil
        }
        let kind = step.map { "h-\(table.hue.rawValue)\($0)" } ?? "h-none"
        body.append(
          "<rect class=\"\(kind)\" x=\"\(Self.number(x + left + Double(column) * cell))\" y=\"\(Self.number(top))\" width=\"\(Self.number(cell - 1))\" height=\"\(Self.number(height - 1))\"/>"
        )
        label(
          value.text, x: x + left + (Double(column) + 0.5) * cell, y: top + 13,
          class: (step ?? 0) >= 5 ? "light middle" : "dark middle")
      }
    }
    return head + Double(table.cells.count) * height
  }

  // MARK: Marks

  private func marker(
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

  private func cross(
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
  private func crossPath(
    _ x: Double, _ y: Double, _ size: Double, _ shade: Figure.OutcomeShade
  ) -> String {
    let (near, far) = (size * 0.22, size * 0.78)
    let one = "M\(pair(x + near, y + far))L\(pair(x + far, y + near))"
    return shade == .exploded ? one + "M\(pair(x + near, y + near))L\(pair(x + far, y + far))" : one
  }

  private mutating func label(_ text: String, x: Double, y: Double, class name: String) {
    body.append(
      "<text class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\">\(Self.escaped(text))</text>"
    )
  }

  private func pair(_ x: Double, _ y: Double) -> String { "\(Self.number(x)) \(Self.number(y))" }

  /// One digit after the point at most.
  private static func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    return short == "-0" ? "0" : short
  }

  private static func escaped(_ text: String) -> String {
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
  fileprivate var isFailure: Bool { self == .worse || self == .exploded }
}

extension Figure.Series {
  private var number: String {
    index < Self.distinct ? "\(index % SVGStyle.colours.count)" : "-rest"
  }

  fileprivate var lineClass: String { "l c\(number) d\(index % SVGStyle.dashes.count)" }
  fileprivate var bandClass: String { "b f\(number)" }
  fileprivate var fillClass: String { "f\(number)" }
  fileprivate var crossClass: String { "c\(number)" }
}
