extension SVGDrawing {
  /// Draws points with their intervals and as many names as find room; gives the height.
  mutating func draw(
    _ scatter: Figure.Scatter, x: Double, y: Double, width: Double
  ) -> Double {
    let height = 340.0
    let bottom = y + height
    func across(_ value: Double) -> Double { x + scatter.x.position(value) * width }
    func down(_ value: Double) -> Double { bottom - scatter.y.position(value) * height }
    var grid = ""
    for tick in scatter.y.ticks(most: 7) {
      grid += "M\(pair(x, down(tick.value)))h\(Self.number(width))"
      label(tick.label, x: x - 5, y: down(tick.value) + 3.5, class: "tick end")
    }
    for tick in scatter.x.ticks(most: 10) {
      grid += "M\(pair(across(tick.value), y))v\(Self.number(height))"
      label(tick.label, x: across(tick.value), y: bottom + 13, class: "tick middle")
    }
    if !grid.isEmpty { body.append("<path class=\"grid\" d=\"\(grid)\"/>") }
    body.append(
      "<rect class=\"frame\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"/>"
    )
    for point in scatter.points {
      let path =
        "M\(pair(across(point.xRange.lowerBound), down(point.y)))L\(pair(across(point.xRange.upperBound), down(point.y)))M\(pair(across(point.x), down(point.yRange.lowerBound)))L\(pair(across(point.x), down(point.yRange.upperBound)))"
      ofMethod(point.name) {
        $0.body.append("<path class=\"whisker \(point.series.crossClass)\" d=\"\(path)\"/>")
      }
    }
    var taken = scatter.points.map {
      Box(left: across($0.x) - 5, top: down($0.y) - 5, width: 10, height: 10)
    }
    for point in scatter.points {
      let mark = marker(
        point.series, x: across(point.x), y: down(point.y), size: point.isNamed ? 4.2 : 3.2,
        title: point.name)
      ofMethod(point.name) { $0.body.append(mark) }
    }
    let frame = Box(left: x + 2, top: y + 2, width: width - 4, height: height - 4)
    // Those that must be named come first.
    for point in scatter.points.filter(\.isNamed) + scatter.points.filter({ !$0.isNamed }) {
      let size =
        Double(point.name.count) * (point.isNamed ? Self.boldCharacterWidth : Self.characterWidth)
      let (middle, line) = (across(point.x), down(point.y))
      let places = (point.isNamed ? Self.nameShifts : Array(Self.nameShifts.prefix(4))).flatMap {
        shift in
        [middle + 8, middle - 8 - size].map { left in
          Box(left: left, top: line + shift, width: size, height: 12)
        }
      }.filter(frame.holds)
      guard
        let place = places.first(where: { place in !taken.contains(where: place.overlaps) })
          ?? (point.isNamed ? places.first : nil)
      else { continue }
      taken.append(place)
      ofMethod(point.name) {
        $0.label(
          point.name, x: place.left, y: place.top + 10,
          class: point.isNamed ? "panel halo" : "tick halo")
      }
    }
    return height + 18
  }

  /// How far above or below its mark a name may stand, the nearest first.
  private static let nameShifts = [-14.0, 3, -27, 16, -40, 29, -53, 42]

  private struct Box {
    let left: Double
    let top: Double
    let width: Double
    let height: Double

    func overlaps(_ other: Box) -> Bool {
      left < other.left + other.width && other.left < left + width && top < other.top + other.height
        && other.top < top + height
    }

    func holds(_ other: Box) -> Bool {
      other.left >= left && other.top >= top && other.left + other.width <= left + width
        && other.top + other.height <= top + height
    }
  }
}
