import Experiments
import Foundation
import LinearAlgebra
import Problems
import Tensors

/// The memory that a run takes beyond its data set, against what it cannot do without.
func memorySection() throws -> Section {
  var section = Section(
    title: "Memory of one run",
    columns: ["row", "parameters", "peak of a run", "needed", "ratio", "target"],
    remarks: [
      "*Peak of a run* is the growth of the process's resident memory from the loaded data set to the "
        + "peak of five steps. *Needed* are parameters, gradient, Adam's two means, and the inputs, "
        + "outputs and gradients of the layers."
    ])
  guard FileManager.default.isWritableFile(atPath: "/proc/self/clear_refs") else { return section }
  var datasets = LoadedDatasets()
  let method = try TrainingRow.makeMethod()
  for row in TrainingRow.all where row.activations > 0 {
    let problem = try row.makeProblem(&datasets)
    let before = resident("VmRSS")
    // Forgets the peak so far.
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    var trial = TrialRun(problem: problem, method: method, seed: 0, steps: 5)
    trial.advance(by: 5)
    let used = resident("VmHWM") - before
    let needed = Double(4 * (4 * problem.layout.count + row.activations))
    section.rows.append([
      "\(row.name): \(row.summary)", "\(problem.layout.count)", megabytes(used), megabytes(needed),
      Cell.ratio(used / needed), Cell.target("≤ 1.30×", isMet: used <= 1.3 * needed),
    ])
  }
  return section
}

private func megabytes(_ bytes: Double) -> String { "\(Int((bytes / 1e6).rounded())) MB" }

/// A line of `/proc/self/status`, in bytes.
private func resident(_ name: String) -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
  let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
  return (kilobytes.flatMap { Double($0) } ?? .nan) * 1024
}
