extension SVGDrawing {
  /// Draws curves over axes; gives their height.
  mutating func draw(
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
    let spans = isInline ? " \(plot.x.attribute("x")) \(plot.y.attribute("y"))" : ""
    body.append(
      "<rect class=\"frame\" x=\"\(Self.number(x))\" y=\"\(Self.number(top))\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"\(spans)/>"
    )
    for level in plot.levels where (0...1).contains(plot.y.position(level)) {
      body.append("<path class=\"level\" d=\"M\(pair(x, down(level)))h\(Self.number(width))\"/>")
    }

    // Bands below lines below markers.
    for curve in plot.curves where curve.points.count > 1 {
      let upper = curve.points.map { pair(across($0.x), down($0.highest)) }
      let lower = curve.points.reversed().map { pair(across($0.x), down($0.lowest)) }
      ofMethod(curve.name) {
        $0.body.append(
          "<path class=\"\(curve.series.bandClass)\" d=\"M\((upper + lower).joined(separator: "L"))Z\"/>"
        )
      }
    }
    for curve in plot.curves where curve.points.count > 1 {
      let line = curve.points.map { pair(across($0.x), down($0.y)) }.joined(separator: "L")
      ofMethod(curve.name) {
        $0.body.append("<path class=\"\(curve.series.lineClass)\" d=\"M\(line)\"/>")
      }
    }
    for (row, curve) in plot.curves.enumerated() {
      ofMethod(curve.name) {
        $0.drawMarks(
          curve, place: row, strip: rows.isEmpty ? nil : y, bottom: bottom, across: across,
          down: down)
      }
    }
    return bottom - y + (isLast ? 18 : 2)
  }

  /// Draws all of a curve but its line.
  ///
  /// - Parameters:
  ///   - place: Of the curve in its plot.
  ///   - strip: Where the rows for what failed begin; nil without.
  private mutating func drawMarks(
    _ curve: Figure.Curve, place: Int, strip: Double?, bottom: Double,
    across: (Double) -> Double, down: (Double) -> Double
  ) {
    for other in curve.others {
      body.append(
        "<circle class=\"rim \(curve.series.crossClass)\" cx=\"\(Self.number(across(other.x)))\" cy=\"\(Self.number(down(other.y)))\" r=\"2.4\"/>"
      )
    }
    if let stretch = curve.stretch {
      let (left, right) = (across(stretch.lowerBound), across(stretch.upperBound))
      body.append(
        "<rect class=\"\(curve.series.fillClass)\" x=\"\(Self.number(left))\" y=\"\(Self.number(bottom - 5 - Double(place) * 4))\" width=\"\(Self.number(max(1, right - left)))\" height=\"3\"/>"
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
    if let strip {
      for failure in curve.failures {
        body.append(
          cross(
            x: across(failure.x), y: strip + Double(place) * 9 + 4.5,
            size: 1.4 + 2.4 * failure.share, class: curve.series.crossClass,
            title:
              "\(curve.name) at \(NumberText.rate(failure.x)): \(NumberText.percent(failure.share)) failed"
          ))
      }
    }
  }

  /// The rows that the panel with the most curves needs for what failed; 0 where nothing did.
  private var deepestStrip: Int {
    let plots = figure.panels.compactMap {
      if case .plot(let plot) = $0.content { plot } else { nil }
    }
    guard plots.contains(where: { $0.curves.contains { !$0.failures.isEmpty } }) else { return 0 }
    return plots.map(\.curves.count).max() ?? 0
  }
}

extension Figure.Axis {
  /// What the axis spans, for a page's script.
  fileprivate func attribute(_ name: String) -> String {
    "data-\(name)=\"\(NumberText.exact(low)) \(NumberText.exact(high))\(scale == .logarithmic ? " log" : "")\""
  }
}
