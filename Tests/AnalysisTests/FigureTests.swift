import Analysis
import Foundation
import Records
import Reports
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The pictures of a report, and its form for programs.
@Suite struct FigureTests {
  private static func pictures(_ report: Report) -> [RenderedFile] {
    ReportFormat.markdown.render(report).filter { $0.name.hasSuffix(".svg") }
  }

  @Test func `every picture is shown, stands for itself and is well-formed`() throws {
    let report = GoldenReportTests.report
    let page = try #require(
      ReportFormat.markdown.render(report).first { $0.name == "report.md" }
    ).contents
    let pictures = Self.pictures(report)
    #expect(pictures.count == 12 && Set(pictures.map(\.name)).count == 12)
    for picture in pictures {
      #expect(page.contains("](\(picture.name))"), "\(picture.name)")
      #expect(XMLParser(data: Data(picture.contents.utf8)).parse(), "\(picture.name)")
      for foreign in ["<script", "href", "url(", "@import", "\"nan", "\"inf", " nan", " inf "] {
        #expect(!picture.contents.contains(foreign), "\(foreign) in \(picture.name)")
      }
      #expect(picture.contents.contains("prefers-color-scheme:dark"))
    }
  }

  @Test func `failed runs are in the picture`() throws {
    let pictures = Self.pictures(GoldenReportTests.report)
    let rates = try #require(pictures.first { $0.name == "figures/valley-loss-by-rate.svg" })
    // All eight seeds of sgd at the rate 1, three of adam's.
    #expect(rates.contents.contains("<title>sgd at 1: 100% failed</title>"))
    #expect(rates.contents.contains("<title>adam at 1: 38% failed</title>"))
    let map = try #require(pictures.first { $0.name == "figures/ridge-stability-map.svg" })
    for shade in ["completed", "exploded", "nonfinite", "worse", "missing"] {
      #expect(map.contents.contains("<path class=\"o-\(shade)\""), "\(shade)")
    }
  }

  @Test func `no label breaks a picture`() throws {
    let labels = ["<b>&\"x\"", "a]]>b", "\u{1B}[31m", "../../up", "é漢字"]
    let runs = labels.flatMap { label in
      [0.1, 1].enumerated().flatMap { trial, rate in
        (0..<2).map { Synthetic.run(label, clipping: "none", trial: trial, rate: rate, seed: $0) }
      }
    }
    var record = Synthetic.experiment(runs)
    record.header.problems[0].name = "../../etc/<x>"
    for index in record.runs.indices {
      record.runs[index].key = RunKey(
        problem: "../../etc/<x>", run: record.runs[index].key.run)
    }
    let pictures = Self.pictures(Report(ExperimentAnalysis(of: record)))
    #expect(!pictures.isEmpty)
    for picture in pictures {
      #expect(picture.name.hasPrefix("figures/..-..-etc--x--"), "\(picture.name)")
      #expect(XMLParser(data: Data(picture.contents.utf8)).parse(), "\(picture.name)")
      #expect(!picture.contents.contains("\u{1B}") && !picture.contents.contains("<b>"))
    }
  }

  @Test func `JSON has the numbers of the CSV files`() throws {
    let report = GoldenReportTests.report
    let file = try #require(ReportFormat.json.render(report).first)
    let json = try JSONSerialization.jsonObject(with: Data(file.contents.utf8))
    let tables = try #require((json as? [String: Any])?["tables"] as? [String: [String: Any]])
    for csv in ReportFormat.csv.render(report) where csv.name != "run_times.csv" {
      let table = try #require(tables[String(csv.name.dropLast(4))], "\(csv.name)")
      let columns = try #require(table["columns"] as? [String])
      let lines = csv.contents.split(separator: "\r\n")
      #expect(columns.joined(separator: ",") == lines[0])
      let rows = try #require(table["rows"] as? [[String: Any]])
      #expect(rows.count == lines.count - 1)
      for (row, line) in zip(rows, lines.dropFirst()) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == columns.count else { continue }
        for (column, field) in zip(columns, fields) {
          let value = try #require(row[column], "\(column)")
          switch value {
          case is NSNull: #expect(field.isEmpty)
          case let text as String: #expect(field == text)
          case let number as NSNumber:
            #expect(
              ["true", "false"].contains(field)
                || isClose(Double(field) ?? .nan, number.doubleValue, relative: 1e-12))
          default: Issue.record("\(column): \(value)")
          }
        }
      }
    }
  }

  /// The rates and losses of a legal experiment lie anywhere in the range of Double.
  @Test(arguments: [
    [1e-300, 1e30] as [Double], [1e-320, 1e308], [1e300, 1e300], [-1.7e308, 1.7e308], [0, 0],
    [5, 5 + 1e-15], [-1e300, 1], [4e-324, 1e-323],
  ])
  func anyFiniteValuesHaveAnAxis(values: [Double]) throws {
    for isLogarithmic in [nil, true, false] as [Bool?] {
      let axis = try #require(Figure.Axis(values, isLogarithmic: isLogarithmic))
      #expect(axis.low.isFinite && axis.high.isFinite && axis.low < axis.high)
      for value in values { #expect(axis.position(value).isFinite, "\(axis)") }
      #expect(axis.ticks(most: 5).allSatisfy { $0.value.isFinite })
    }
  }
}

@Suite struct GradientNormCurveTests {
  @Test func `stretches hold the medians of their finite steps, before and after clipping`() {
    var first = Trajectory()
    first.clipFired = [1, 0, 1, 1]
    first[.gradientNorm] = [8, .nan, 4, 2]
    first[.clippedGradientNorm] = [1, .nan, 1, 1]
    var second = Trajectory()
    second.clipFired = [1, 1, 0]
    second[.gradientNorm] = [4, 6, .infinity]
    second[.clippedGradientNorm] = [1, 3, .infinity]
    let curve = GradientNormCurve([first, second])
    // Four steps are a stretch each.
    #expect(curve.points.map(\.before) == [6, 6, 4, 2])
    #expect(curve.points.map(\.after) == [1, 3, 1, 1])
    #expect(curve.points.map(\.step) == [1, 2, 3, 4])
    #expect(GradientNormCurve([]).points.isEmpty)
  }
}
