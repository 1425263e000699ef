import Foundation

/// The whole way from an experiment file to a merged result, as people run it: in a process of its
/// own, on all cores.
func gridSection(optbench: String, file: String) throws -> Section {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("optbench-perf-\(ProcessInfo.processInfo.processIdentifier)")
  defer { try? FileManager.default.removeItem(at: folder) }
  let seconds = try (0..<3).map { repetition in
    let process = Process()
    process.executableURL = URL(fileURLWithPath: optbench)
    process.arguments = [
      "run", file, "--quiet", "--output", folder.appendingPathComponent("\(repetition).h5").path,
    ]
    process.standardOutput = FileHandle.nullDevice
    let elapsed = try ContinuousClock().measure {
      try process.run()
      process.waitUntilExit()
    }
    guard process.terminationStatus == 0 else {
      throw GridFailure(
        description: "\(optbench) run \(file) ended with \(process.terminationStatus)")
    }
    return elapsed / .seconds(1)
  }
  let timing = Timing(seconds)
  let megabytes = Double(peakMemoryOfChildren()) / 1e6
  return Section(
    title: "The grid: 720 runs of 500 steps of row 1, specification to merged file",
    columns: ["what", "measured", "target"],
    rows: [
      [
        "wall clock", Cell.time(timing),
        Cell.target("≤ 10 s", isMet: timing.median <= 10),
      ],
      [
        "peak memory", "\(Int(megabytes)) MB",
        Cell.target("≤ 400 MB", isMet: megabytes <= 400),
      ],
    ],
    remarks: [
      "`\(file)`: 10 optimizer settings × 4 clippings × 18 seeds, \(ProcessInfo.processInfo.activeProcessorCount) jobs."
    ])
}

private struct GridFailure: Error, CustomStringConvertible { let description: String }

/// The most memory that one child of this process has used, in bytes.
private func peakMemoryOfChildren() -> Int {
  var usage = rusage()
  #if os(Linux)
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return Int(usage.ru_maxrss) * 1024
  #else
    getrusage(RUSAGE_CHILDREN, &usage)
    return Int(usage.ru_maxrss)
  #endif
}
