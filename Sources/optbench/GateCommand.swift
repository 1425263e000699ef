import Analysis
import ArgumentParser
import Files
import Foundation
import Records
import Reports
import Storage

/// `optbench gate`: whether a result is still as good as the baseline.
struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Compares a result with a baseline and fails if anything got worse.",
    discussion: """
      Statistical mode, for changes that may move numbers: pools all cells of an experiment metric by \
      metric, with at most the stated probability of a false alarm, and names the cells that got \
      worse. Exact mode, for changes that must move nothing: names the first run, step and series \
      that differ. Whatever keeps the results from being compared fails too.

      EXAMPLES
        optbench gate --baseline results/baseline/gate.h5 --current results/gate.h5
        optbench gate --baseline B.h5 --current C.h5 --policy gate.policy.yml --markdown gate.md
        optbench gate --baseline B.h5 --current C.h5 --mode exact
        optbench gate --init gate.policy.yml
        optbench gate --calibrate many-seeds.h5 > gate.policy.yml

      EXIT CODES
        0 passed, 1 failed or not comparable, 2 could not do what was asked, 64 usage
      """)

  enum Mode: String, ExpressibleByArgument, CaseIterable { case statistical, exact }

  @Option(help: "The result to compare with (HDF5).", completion: .file(extensions: ["h5"]))
  var baseline: String?

  @Option(help: "The result of today (HDF5).", completion: .file(extensions: ["h5"]))
  var current: String?

  @Option(help: "What counts as a regression (YAML). (default: every metric as built in)")
  var policy: String?

  @Option(help: "How to compare.")
  var mode: Mode = .statistical

  @Option(
    help: "How to print the findings: \(GateFormat.all.map(\.name).joined(separator: ", ")).")
  var format = "text"

  @Option(help: "Also write the findings as Markdown to this file.")
  var markdown: String?

  @Option(help: "Also write them as JUnit XML to this file.")
  var junit: String?

  @Option(help: "Also write all numbers as JSON to this file.")
  var json: String?

  @Flag(
    help: "Also print annotations for GitHub Actions, and add the Markdown to the step's summary.")
  var github = false

  @Option(name: .customLong("init"), help: "Write a commented policy to this new file.")
  var newPolicy: String?

  @Option(
    help:
      "Print a policy with the noise measured between the seeds of this result, the more the better."
  )
  var calibrate: String?

  func validate() throws {
    guard GateFormat.named(format) != nil else {
      let names = GateFormat.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--format \(format): unknown format; allowed: \(names)")
    }
    let tasks = [newPolicy, calibrate].compactMap { $0 }.count
    let results = [baseline, current].compactMap { $0 }.count
    guard (tasks == 0 && results == 2) || (tasks == 1 && results == 0) else {
      throw ValidationError("give --baseline and --current, or one of --init and --calibrate")
    }
  }

  func run() throws {
    try reportingErrors {
      if let newPolicy { return try writePolicy(newPolicy) }
      let policy = try self.policy.map { try GatePolicy(readText($0), file: $0) } ?? GatePolicy()
      if let calibrate { return try printCalibration(calibrate, policy) }
      if let baseline, let current { try compare(baseline, current, policy) }
    }
  }

  /// Throws where an output would replace what the gate reads, or another output.
  private func requireOwnOutputs() throws {
    var named = [("--baseline", baseline), ("--current", current), ("--policy", policy)]
    for (option, file) in [("--markdown", markdown), ("--junit", junit), ("--json", json)] {
      guard let file else { continue }
      // Devices and pipes take bytes as they come, from whom they come.
      let kind = try fileKind(file)
      for (other, path) in named where kind == .file || kind == .missing {
        guard let path, try path == file || nameOneFile(path, file) else { continue }
        throw CommandFailure(
          "\(option) \(file): this is the file of \(other) as well; give each a name of its own")
      }
      named.append((option, file))
    }
  }

  private func compare(_ baseline: String, _ current: String, _ policy: GatePolicy) throws {
    try requireOwnOutputs()
    let before = try read(baseline)
    let after = try read(current)
    let report =
      switch mode {
      case .statistical:
        GateReport(GateComparison(baseline: before, current: after, policy: policy))
      case .exact: GateReport(ExactComparison(baseline: before, current: after, policy: policy))
      }
    let files = [(markdown, GateFormat.markdown), (junit, .junit), (json, .json)]
    for (file, format) in files { if let file { try write(format.render(report), to: file) } }
    if let format = GateFormat.named(format) {
      try printAnswer(format.render(report), terminator: "")
    }
    if github { try annotate(report) }
    if !report.isPassed { throw ExitCode(1) }
  }

  private func read(_ file: String) throws -> ExperimentRecord {
    do throws(StorageError) {
      return try RunArchive.read(file)
    } catch {
      guard error.kind == .newerFormat else { throw error }
      // A file of another schema is no accident of the machine: it may not pass for "could not run".
      printDiagnostic("not comparable: \(error)")
      throw ExitCode(1)
    }
  }

  private func annotate(_ report: GateReport) throws {
    try printAnswer(GateFormat.github.render(report), terminator: "")
    guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty
    else {
      return
    }
    try append(GateFormat.markdown.render(report), to: path)
  }

  /// Adds `text` to the step's summary, which is made with its folders where it is missing.
  private func append(_ text: String, to path: String) throws {
    try? FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw CommandFailure(
        "\(path): the step's summary cannot be written (\(String(cString: strerror(errno)))); "
          + "see GITHUB_STEP_SUMMARY")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  private func writePolicy(_ file: String) throws {
    do throws(FileError) {
      try createFolder(folder(of: file))
      try WholeFile.write(GatePolicyText.standard, to: file, replacing: .nothing)
    } catch {
      guard error.kind == .inTheWay else { throw error }
      throw CommandFailure("\(file): \(error.detail); \(error.advice)")
    }
    try printAnswer(file, isExact: true)
  }

  private func printCalibration(_ file: String, _ policy: GatePolicy) throws {
    guard let calibration = GateCalibration(of: try read(file), policy: policy) else {
      throw CommandFailure(
        "\(file): at least four seeds are needed to measure noise between them, better forty; "
          + "run the experiment with --seeds 40")
    }
    try printAnswer(GatePolicyText.text(of: calibration), terminator: "")
  }

  private func write(_ text: String, to file: String) throws {
    try createFolder(folder(of: file))
    try WholeFile.write(text, to: file)
  }
}
