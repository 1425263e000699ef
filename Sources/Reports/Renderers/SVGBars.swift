extension SVGDrawing {
  /// Draws stacked bars, groups side by side; gives their height.
  mutating func draw(_ bars: Figure.Bars, x: Double, y: Double, width: Double) -> Double {
    let names = Double(bars.rows.map(\.name.count).max() ?? 0) * Self.characterWidth + 10
    let left = min(width * 0.4, names)
    let gap = 12.0
    let groups = Double(max(1, bars.groups.count))
    let group = (width - left - gap * (groups - 1)) / groups
    let height = 13.0
    for (column, name) in bars.groups.enumerated() {
      label(name, x: x + left + Double(column) * (group + gap), y: y + 10, class: "panel")
    }
    var top = y + 17
    for (index, row) in bars.rows.enumerated() {
      if row.startsBlock, index > 0 { top += 6 }
      ofMethod(row.name) { drawing in
        let room = max(3, Int(left / Self.characterWidth) - 1)
        let shown = row.name.count > room ? row.name.prefix(room - 1) + "…" : row.name
        drawing.label(String(shown), x: x + left - 6, y: top + 10, class: "tick end")
        for (column, counts) in row.counts.enumerated() {
          guard let counts else { continue }
          let total = Double(max(1, counts.reduce(0, +)))
          var start = x + left + Double(column) * (group + gap)
          for (shade, count) in zip(bars.shades, counts) where count > 0 {
            let length = group * Double(count) / total
            drawing.body.append(
              "<rect class=\"o-\(shade.rawValue)\" x=\"\(Self.number(start))\" y=\"\(Self.number(top))\" width=\"\(Self.number(length - 0.8))\" height=\"\(Self.number(height))\"><title>\(Self.escaped(row.name)) at \(Self.escaped(bars.groups[column])): \(count) \(shade.rawValue)</title></rect>"
            )
            if length > 14 {
              drawing.label(
                "\(count)", x: start + length / 2, y: top + 10,
                class: shade == .failed ? "light middle" : "dark middle")
            }
            start += length
          }
        }
      }
      top += height + 2
    }
    return top - y + 4
  }
}
