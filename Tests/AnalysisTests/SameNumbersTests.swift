import Analysis
import Reports
import Testing

/// Each number in the Markdown tables is the rounding of the CSV files' number.
@Suite struct SameNumbersTests {
  /// Where the numbers of a Markdown table's cells stand: file, scope, and columns by title.
  struct Source: Sendable {
    /// A title that only this table has, beside "Method".
    let mark: String
    let file: String
    let scope: String
    let columns: [String: [String]]
  }

  static let sources = [
    Source(
      mark: "Half failed by step", file: "stability.csv", scope: "grid",
      columns: [
        "Failed": ["runs_failed", "runs_done"], "Failure rate": bounds("failure_rate"),
        "Not finite": ["runs_nonfinite"], "Exploded": ["runs_exploded"],
        "Worse than start": ["runs_worse_than_start"], "Missing": ["runs_missing"],
        "Half failed by step": ["median_steps_to_failure"],
      ]),
    Source(
      mark: "Recovered", file: "stability.csv", scope: "grid",
      columns: [
        "Spikes per 1000 steps": ["spikes_per_1000_steps"],
        "Recovered": ["spikes_recovered_share"],
        "Gradient max / median": ["gradient_max_over_median"],
        "Gradient p99 / median": ["gradient_p99_over_median"],
        "Clipping fired": ["clip_fire_rate"], "Coefficient": ["clip_coefficient"],
        "Norm removed": ["clip_norm_removed"],
        "Bad gradients survived": ["nonfinite_gradients_survived"],
      ]),
    Source(
      mark: "Sensitivity", file: "stability.csv", scope: "grid",
      columns: [
        "Stable decades": ["stable_decades", "grid_decades"],
        "Largest stable": ["largest_stable_learning_rate"],
        "Smallest failing": ["smallest_failing_learning_rate"],
        "Sensitivity": ["learning_rate_sensitivity"],
      ]),
    Source(
      mark: "Mean log₁₀ loss", file: "convergence.csv", scope: "chosen",
      columns: [
        "Failed seeds": ["runs_failed", "runs_done"],
        "Final test loss": bounds("final_test_loss"),
        "Final train loss": bounds("final_train_loss"),
        "Final validation loss": ["final_validation_loss"],
        "Best validation loss": ["best_loss"], "Best train loss": ["best_loss"],
        "Validation accuracy": ["final_validation_accuracy"],
        "Test accuracy": ["final_test_accuracy"], "Mean log₁₀ loss": ["mean_log10_loss"],
      ]),
    Source(
      mark: "PAR-10", file: "convergence.csv", scope: "chosen",
      columns: [
        "Reached target": ["runs_reached_target", "runs_done"],
        "Success rate": bounds("success_rate"),
        "Median to target": ["median_evaluations_to_target"], "Expected to target": ["ert"],
        "PAR-10": ["par10"],
      ]),
    Source(
      mark: "Difference from the best", file: "ranking.csv", scope: "chosen",
      columns: [
        "Place": ["place"], "Combined rank": bounds("combined_rank"),
        "Convergence rank": bounds("convergence_rank"), "Stability rank": ["stability_rank"],
        "Beats others": ["probability_of_improvement"],
        "Difference from the best": ["p_value_against_best"],
        "Behind the best": ["seeds_behind_best", "seeds"],
      ]),
    Source(
      mark: "Default rate", file: "convergence.csv", scope: "default",
      columns: [
        "Default rate": ["learning_rates"], "Failed seeds": ["runs_failed", "runs_done"],
        "Final test loss": bounds("final_test_loss"), "Test accuracy": ["final_test_accuracy"],
        "Expected to target": ["ert"],
      ]),
  ]

  private static func bounds(_ name: String) -> [String] {
    [name, "\(name)_lower", "\(name)_upper"]
  }

  @Test(arguments: sources.indices)
  func `a number in a table is the rounding of the number in the CSV file`(index: Int) throws {
    let source = Self.sources[index]
    let files = ReportFormat.all.flatMap {
      $0.render(GoldenReportTests.report)
    }
    let report = try #require(files.first { $0.name == "report.md" }).contents
    let csv = try rows(#require(files.first { $0.name == source.file }).contents)
    var compared = 0
    for (problem, table) in tables(report) where table.titles.contains(source.mark) {
      for row in table.rows {
        let method = try #require(row["Method"]).replacing(" ★", with: "")
        let numbers = try #require(
          csv.first {
            $0["problem"] == problem && $0["scope"] == source.scope && $0["method"] == method
          })
        for (title, names) in source.columns {
          guard let cell = row[title] else { continue }
          let shown = decimals(in: cell)
          if shown.isEmpty { continue }
          #expect(shown.count == names.count, "\(title): \(cell)")
          for (text, name) in zip(shown, names) {
            let value = try #require(Double(numbers[name] ?? ""), "\(name) of \(method)")
            #expect(isRounding(text, of: value), "\(title) shows \(text), \(name) is \(value)")
            compared += 1
          }
        }
      }
    }
    #expect(compared >= 8)
  }

  private struct Table {
    var titles: [String]
    var rows: [[String: String]]
  }

  private func tables(_ report: String) -> [(problem: String, table: Table)] {
    var tables: [(problem: String, table: Table)] = []
    var problem = ""
    var isInside = false
    for line in report.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## Problem: ") { problem = String(line.dropFirst(12)) }
      guard line.hasPrefix("|") else {
        isInside = false
        continue
      }
      let cells = line.split(separator: "|").map { cell in
        cell.split(separator: " ").joined(separator: " ")
      }
      if !isInside {
        tables.append((problem, Table(titles: cells, rows: [])))
        isInside = true
      } else if !cells[0].hasPrefix("---") {
        let titles = tables[tables.count - 1].table.titles
        tables[tables.count - 1].table.rows.append(
          Dictionary(uniqueKeysWithValues: zip(titles, cells)))
      }
    }
    return tables
  }

  private func rows(_ csv: String) -> [[String: String]] {
    let lines = csv.split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  /// The numbers in a cell, with their percent signs.
  private func decimals(in cell: String) -> [String] {
    cell.matches(of: /-?\d+(\.\d+)?(e-?\d+)?%?/).map { String($0.output.0) }
  }

  /// Whether `text` differs from `value` by at most half a unit of its last digit.
  private func isRounding(_ text: String, of value: Double) -> Bool {
    let isPercent = text.hasSuffix("%")
    let number = isPercent ? String(text.dropLast()) : text
    let parts = number.split(separator: "e")
    let digits = parts[0].split(separator: ".").dropFirst().first?.count ?? 0
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    var unit = 1.0
    for _ in 0..<abs(exponent - digits) { unit = exponent > digits ? unit * 10 : unit / 10 }
    guard let shown = Double(number) else { return false }
    return abs(shown - (isPercent ? 100 * value : value)) <= unit / 2 * (1 + 1e-9)
  }
}
