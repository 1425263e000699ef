internal import Foundation

/// Draws figures as SVG that stands for itself: no script, no font, no program. The same figure gives the
/// same bytes, text is text, and colours follow the reader's light or dark mode.
enum SVGRenderer {
  static func text(_ figure: Figure) -> String {
    SVGDrawing(figure).text
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
  var body: [String] = []

  init(_ figure: Figure) { self.figure = figure }

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
    label(String(title), x: x, y: y + 10, class: "panel")
    switch panel.content {
    case .plot(let plot):
      return 16
        + draw(plot, x: x, y: y + 16, width: width, isFirst: isFirst, isLast: isLast)
    case .map(let map): return 16 + draw(map, x: x, y: y + 16, width: width)
    case .table(let table): return 16 + draw(table, x: x, y: y + 16, width: width)
    case .bars(let bars): return draw(bars, x: x, y: y, width: width)
    case .scatter(let scatter): return 6 + draw(scatter, x: x, y: y + 6, width: width)
    }
  }

  private mutating func draw(
    _ plot: Figure.Plot, x: Double, y: Double, width: Double, isFirst: Bool, isLast: Bool
  ) -> Double {
    let rows = plot.curves.filter { !$0.failures.isEmpty }
    // Panels at the same stops are compared across, so they all lie as deep.
    let strip =
      plot.stops.isEmpty
      ? Double(rows.isEmpty ? 0 : plot.curves.count) * 9 : Double(deepestStrip) * 9
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
    // Labels of stops that would stand in each other are left out.
    var free = -Double.infinity
    for stop in plot.stops {
      grid += "M\(pair(across(stop.x), top))v\(Self.number(height))"
      let half = Double(stop.label.count) * Self.characterWidth / 2
      if isLast, across(stop.x) - half > free {
        label(stop.label, x: across(stop.x), y: bottom + 13, class: "tick middle")
        free = across(stop.x) + half + 2
      }
    }
    for tick in plot.stops.isEmpty ? plot.x.ticks(most: most) : [] {
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
      for other in curve.others {
        body.append(
          "<circle class=\"rim \(curve.series.crossClass)\" cx=\"\(Self.number(across(other.x)))\" cy=\"\(Self.number(down(other.y)))\" r=\"2.4\"/>"
        )
      }
      if let stretch = curve.stretch {
        let (left, right) = (across(stretch.lowerBound), across(stretch.upperBound))
        body.append(
          "<rect class=\"\(curve.series.fillClass)\" x=\"\(Self.number(left))\" y=\"\(Self.number(bottom - 5 - Double(row) * 4))\" width=\"\(Self.number(max(1, right - left)))\" height=\"3\"/>"
        )
      }
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

  /// The rows that the panel with the most curves needs for what failed; 0 where nothing did.
  private var deepestStrip: Int {
    let plots = figure.panels.compactMap {
      if case .plot(let plot) = $0.content { plot } else { nil }
    }
    guard plots.contains(where: { $0.curves.contains { !$0.failures.isEmpty } }) else { return 0 }
    return plots.map(\.curves.count).max() ?? 0
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
