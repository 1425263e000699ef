import Records

extension ExperimentRecord {
  /// The run that the user calls `name`: its key, or `problem/key`.
  func run(called name: String, file: String) throws -> RunRecord {
    let found = runs.filter {
      $0.key.run == name || "\($0.key.problem)/\($0.key.run)" == name
    }
    guard let run = found.first else {
      let near = runs.filter { $0.key.run.contains(name) }.prefix(3)
        .map { "'\($0.key.problem)/\($0.key.run)'" }
      let remedy =
        near.isEmpty
        ? "runs.csv of 'optbench report' lists all; the first is '\(runs.first?.key.run ?? "")'"
        : "near it: \(near.joined(separator: ", "))"
      throw CommandFailure("\(file): no run is called '\(name)'; \(remedy)")
    }
    guard found.count == 1 else {
      throw CommandFailure(
        "\(file): '\(name)' is a run of \(found.count) problems; give one of them before it, such as "
          + "'\(run.key.problem)/\(name)'")
    }
    return run
  }
}
