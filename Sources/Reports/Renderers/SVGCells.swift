extension SVGDrawing {
  /// Draws cells in shades; gives their height.
  mutating func draw(_ map: Figure.Map, x: Double, y: Double, width: Double) -> Double {
    let size = min(
      15, (width - 2) / Double(max(1, map.columns.count)), 130 / Double(max(1, map.rows.count)))
    if isInline {
      let rates = Self.escaped(map.columns.joined(separator: ","))
      let seeds = Self.escaped(map.rows.joined(separator: ","))
      body.append(
        "<rect class=\"cells\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(size * Double(map.columns.count)))\" height=\"\(Self.number(size * Double(map.rows.count)))\" data-rates=\"\(rates)\" data-seeds=\"\(seeds)\"/>"
      )
    }
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

  /// Draws cells with numbers; gives their height.
  mutating func draw(
    _ table: Figure.ShadedTable, x: Double, y: Double, width: Double
  ) -> Double {
    let names = table.rows.map(\.count).max() ?? 0
    let left = min(width * 0.42, Double(names) * Self.characterWidth + 8)
    let count = Double(max(1, table.columns.count))
    var cell = min(92, (width - left) / count)
    let height = 19.0
    // Headings that do not fit beside each other stand on a slope.
    let longest = Double(table.columns.map(\.count).max() ?? 0) * Self.characterWidth
    let slopes = longest > cell
    // The last one may not leave the picture.
    if slopes {
      cell = min(
        cell, (width - left - min(longest, 22 * Self.characterWidth) * 0.85) / (count - 0.5))
    }
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
        ofMethod(table.methods[row][column]) { drawing in
          drawing.body.append(
            "<rect class=\"\(kind)\" x=\"\(Self.number(x + left + Double(column) * cell))\" y=\"\(Self.number(top))\" width=\"\(Self.number(cell - 1))\" height=\"\(Self.number(height - 1))\"/>"
          )
          drawing.label(
            value.text, x: x + left + (Double(column) + 0.5) * cell, y: top + 13,
            class: (step ?? 0) >= 5 ? "light middle" : "dark middle")
        }
      }
    }
    return head + Double(table.cells.count) * height
  }

  /// Draws cells by their values; gives their height.
  mutating func draw(_ heat: Figure.Heat, x: Double, y: Double, width: Double) -> Double {
    let names = heat.rows.map(\.count).max() ?? 0
    let left = min(width * 0.4, Double(names) * Self.characterWidth + 6)
    let across = min(12, (width - left - 2) / Double(max(1, heat.columns.count)))
    let down = 13.0
    var paths: [Int: String] = [:]
    var crosses = ""
    for (row, cells) in heat.cells.enumerated() {
      let top = y + Double(row) * down
      let room = max(3, Int(left / Self.characterWidth))
      let name = heat.rows[row]
      // The end of a tensor's name tells it from others.
      let shown = name.count > room ? "…" + name.suffix(room - 1) : name
      label(shown, x: x + left - 4, y: top + 10, class: "small end")
      for (column, value) in cells.enumerated() {
        guard let value else { continue }
        let place = x + left + Double(column) * across
        let (breadth, height) = (Self.number(across - 0.6), Self.number(down - 1))
        paths[Int((min(value, 1) * 8).rounded()), default: ""] +=
          "M\(pair(place, top))h\(breadth)v\(height)h-\(breadth)z"
        if value > 1 {
          crosses +=
            "M\(pair(place + 1, top + 1))L\(pair(place + across - 1.6, top + down - 2))M\(pair(place + across - 1.6, top + 1))L\(pair(place + 1, top + down - 2))"
        }
      }
    }
    for step in 0...8 {
      if let path = paths[step] { body.append("<path class=\"h-failure\(step)\" d=\"\(path)\"/>") }
    }
    if !crosses.isEmpty { body.append("<path class=\"mark\" d=\"\(crosses)\"/>") }
    let bottom = y + Double(heat.rows.count) * down
    if let first = heat.columns.first, let last = heat.columns.last {
      label("steps \(first) … \(last)", x: x + left, y: bottom + 10, class: "small")
    }
    return bottom - y + 14
  }
}
