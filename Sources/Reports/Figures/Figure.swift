internal import Foundation

/// A picture as a value: what is drawn, not how.
public struct Figure: Sendable {
  /// Of the file.
  public let name: String
  public let title: String
  /// What to see in it, and how to read it.
  public let caption: Prose
  let keys: [Key]
  let panels: [Panel]
  /// Panels side by side.
  let columns: Int
  let xTitle: String
  let yTitle: String

  /// Whether it shows more than plain plots, maps and tables.
  var isOfMultiples: Bool {
    panels.contains { panel in
      switch panel.content {
      case .bars, .scatter: true
      case .plot(let plot): !plot.stops.isEmpty
      case .map, .table, .heat: false
      }
    }
  }

  /// An entry of the legend.
  struct Key: Sendable {
    let label: String
    let sign: Sign

    enum Sign: Sendable {
      case series(Series)
      case failure
      case chosen
      case other
      case stretch
      case outcome(OutcomeShade)
    }
  }

  struct Panel: Sendable {
    let title: String
    let content: Content
  }

  enum Content: Sendable {
    case plot(Plot)
    case map(Map)
    case table(ShadedTable)
    case bars(Bars)
    case scatter(Scatter)
    case heat(Heat)
  }

  /// Curves over two axes that all panels share, below rows for what failed.
  struct Plot: Sendable {
    let x: Axis
    let y: Axis
    let curves: [Curve]
    /// Levels that matter, such as a target.
    let levels: [Double]
    /// Where lines stand upright instead of at round values, with what stands below them.
    var stops: [(x: Double, label: String)] = []
  }

  /// One series of a plot.
  struct Curve: Sendable {
    let series: Series
    let name: String
    let points: [Point]
    /// At an x, the share of runs that failed.
    var failures: [(x: Double, share: Double)] = []
    /// Where runs ended.
    var ends: [(x: Double, y: Double)] = []
    /// The x that was chosen.
    var chosen: Double?
    var hasMarkers = true
    /// Results beside the line.
    var others: [(x: Double, y: Double)] = []
    /// A stretch of the axis that stands out, as a bar above the axis.
    var stretch: ClosedRange<Double>?
  }

  /// Counts of the same total as stacked bars: groups side by side, one row per name.
  struct Bars: Sendable {
    let groups: [String]
    let rows: [Row]

    struct Row: Sendable {
      let name: String
      /// Whether space sets the row off from the one above.
      let startsBlock: Bool
      /// By group: the counts in the order of `shades`; nil where there are none.
      let counts: [[Int]?]
    }

    let shades: [OutcomeShade]
  }

  /// Points with a name and the intervals of both coordinates.
  struct Scatter: Sendable {
    let x: Axis
    let y: Axis
    let points: [Mark]

    struct Mark: Sendable {
      let series: Series
      let name: String
      let x: Double
      let y: Double
      let xRange: ClosedRange<Double>
      let yRange: ClosedRange<Double>
      /// Whether the name stands beside it whatever the room.
      let isNamed: Bool
    }
  }

  struct Point: Sendable {
    let x: Double
    let y: Double
    let lowest: Double
    let highest: Double
  }

  /// Cells in one of a few shades: columns by rows.
  struct Map: Sendable {
    let columns: [String]
    let rows: [String]
    let cells: [[OutcomeShade]]
  }

  /// Cells with a number each, the darker the worse.
  struct ShadedTable: Sendable {
    let columns: [String]
    let rows: [String]
    /// By row: from 0 to 1, nil for no value, with the text of the value.
    let cells: [[(shade: Double?, text: String)]]
    let hue: Hue
    /// By row and column, the label of the method that the cell is of.
    let methods: [[String]]

    enum Hue: String, Sendable { case failure, loss }
  }

  /// Cells that are the darker the greater their value: columns by rows.
  struct Heat: Sendable {
    /// The label of the method that all is of.
    let method: String
    let columns: [String]
    let rows: [String]
    /// By row: from 0 to 1; above it where the value was not finite, nil for no value.
    let cells: [[Double?]]
  }

  /// What happened to a run, as a colour.
  enum OutcomeShade: String, Sendable, CaseIterable {
    case completed, useless, stopped, worse, exploded, nonfinite, missing, useful, failed

    var label: String {
      switch self {
      case .completed: "completed"
      case .useless: "completed, no better than a constant prediction"
      case .stopped: "stopped early"
      case .worse: "worse than start"
      case .exploded: "exploded"
      case .nonfinite: "NaN or infinite"
      case .missing: "missing"
      case .useful: "useful"
      case .failed: "failed"
      }
    }
  }

  /// The place of a series in a report's fixed order, from which colour, dash and marker follow.
  struct Series: Sendable, Hashable {
    let index: Int

    /// As many series as colours and dashes tell apart; the others are grey.
    static let distinct = 12
  }

  /// The values that an axis spans.
  package struct Axis: Sendable {
    package enum Scale: Sendable { case linear, logarithmic }

    package let scale: Scale
    package let low: Double
    package let high: Double

    /// Where a value lies, from 0 to 1; outside it where the value does.
    package func position(_ value: Double) -> Double {
      guard high > low else { return 0.5 }
      switch scale {
      // Halves, since the span of finite numbers may not be one.
      case .linear: return (value / 2 - low / 2) / (high / 2 - low / 2)
      case .logarithmic:
        return (log10(max(value, .leastNormalMagnitude)) - log10(low)) / (log10(high) - log10(low))
      }
    }

    /// An axis for all of `values`, logarithmic where they span more than a factor of 20.
    ///
    /// - Parameter margin: The share of the axis left free at both ends.
    package init?(_ values: [Double], isLogarithmic: Bool? = nil, margin: Double = 0.04) {
      let finite = values.filter(\.isFinite)
      guard var low = finite.min(), var high = finite.max() else { return nil }
      let positive = finite.filter { $0 > 0 }.min()
      let spans = low > 0 && high / low > 20
      if isLogarithmic ?? spans, let positive {
        scale = .logarithmic
        low = max(low, positive, 2 * .leastNormalMagnitude)
        high = max(high, low)
        if high / low < 1 + 1e-9 {
          (low, high) = (low / 2, min(high * 2, .greatestFiniteMagnitude))
        }
        let ratio = high / low
        let room =
          ratio.isFinite ? pow(ratio, margin) : pow(10, (log10(high) - log10(low)) * margin)
        self.low = max(low / room, .leastNormalMagnitude)
        self.high = min(high * room, .greatestFiniteMagnitude)
      } else {
        scale = .linear
        if high - low < max(abs(low), abs(high)) * 1e-12 {
          let half = max(1, abs(low) * 0.1)
          (low, high) = (low - half, high + half)
        } else if high <= low {
          (low, high) = (low - 1, high + 1)
        }
        let room = 2 * ((high / 2 - low / 2) * margin)
        self.low = max(low - room, -.greatestFiniteMagnitude)
        self.high = min(high + room, .greatestFiniteMagnitude)
      }
    }

    /// Round values with their labels, few enough to stand side by side.
    package func ticks(most: Int) -> [(value: Double, label: String)] {
      switch scale {
      case .linear:
        let rough = high / Double(most) - low / Double(most)
        let unit = pow(10, log10(rough).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * unit }.first { $0 >= rough } ?? rough
        guard step.isFinite, step > 0, max(abs(low), abs(high)) / step < 1e15 else { return [] }
        let first = Int((low / step).rounded(.up))
        let last = Int((high / step).rounded(.down))
        guard first <= last, last - first < 50 else { return [] }
        return (first...last).map { index in
          let value = Double(index) * step
          return (value, NumberText.rate(value))
        }
      case .logarithmic:
        let first = Int((log10(low) - 1e-9).rounded(.up))
        let last = Int((log10(high) + 1e-9).rounded(.down))
        guard first <= last else {
          return [(low, NumberText.rate(low)), (high, NumberText.rate(high))]
        }
        let step = max(1, (last - first + most) / most)
        var ticks: [(value: Double, label: String)] = []
        for exponent in stride(from: first, through: last, by: step) {
          ticks.append((pow(10, Double(exponent)), Self.decade(exponent)))
        }
        if last - first < 1, most > 2 {
          for factor in [2.0, 5] {
            for exponent in [first - 1, first, last] {
              let value = factor * pow(10, Double(exponent))
              if value >= low, value <= high, !ticks.contains(where: { $0.value == value }) {
                ticks.append((value, NumberText.rate(value)))
              }
            }
          }
        }
        return ticks.sorted { $0.value < $1.value }
      }
    }

    private static func decade(_ exponent: Int) -> String {
      if (-2...3).contains(exponent) { return NumberText.rate(pow(10, Double(exponent))) }
      let digits = String(abs(exponent)).map { "⁰¹²³⁴⁵⁶⁷⁸⁹"[$0] }.joined()
      return "10" + (exponent < 0 ? "⁻" : "") + digits
    }
  }
}

extension String {
  fileprivate subscript(_ digit: Character) -> String {
    String(Array(self)[digit.wholeNumberValue ?? 0])
  }
}
