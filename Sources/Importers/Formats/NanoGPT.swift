internal import Files
internal import Records

extension ImportFormat {
  /// Logs of modded-nanogpt.
  static let nanogpt = ImportFormat(
    name: "nanogpt",
    summary:
      "logs of modded-nanogpt: lines step:125/3200 val_loss:4.644 …, one run behind the other, the script's source before them",
    logs: { paths, _, notes throws(ImportError) in
      var runs: [LoggedRun] = []
      for path in try LogFiles.find(
        paths, where: { [".txt", ".log"].contains(where: $0.hasSuffix) })
      {
        let found = try NanoGPTLog(path, &notes).runs
        if found.isEmpty { notes.append("\(path): no line of a log is in it") }
        runs += found
      }
      return runs
    })
}

private struct NanoGPTLog {
  private(set) var runs: [LoggedRun] = []

  init(_ path: String, _ notes: inout [String]) throws(ImportError) {
    let text = try LogFiles.text(of: path)
    let isCut = text.last.map { !$0.isNewline } ?? false
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let last = lines.lastIndex { !$0.isEmpty } ?? -1
    var entries: [Entry] = []
    for (number, line) in lines.enumerated() {
      guard let entry = Entry(line) else { continue }
      // A number that the writer had not finished would be another one.
      if number == last, isCut, !entry.isLike(entries.last { $0.isSameKind(as: entry) } ?? entry) {
        notes.append("\(path):\(number + 1): the last line is not whole and is left out")
        continue
      }
      entries.append(entry)
    }
    let stem = LogFiles.stem(of: path)
    // Names that are drawn at random say nothing; their folder may.
    let isRandom = stem.count >= 32 && stem.allSatisfy { $0.isHexDigit || $0 == "-" }
    let parent = fileName(of: folder(of: path))
    let method = isRandom && parent != "." && !parent.isEmpty ? parent : stem
    var previous = Int.max
    for entry in entries {
      if entry.step < previous {
        var run = LoggedRun(name: stem, place: path)
        run.stepNumbers = .updates
        run.parameters = [("optimizer", method)]
        runs.append(run)
      }
      previous = entry.step
      Self.add(entry, to: &runs[runs.count - 1])
    }
    if runs.count > 1 {
      for index in runs.indices {
        runs[index].name += " run \(index + 1)"
        runs[index].place += " run \(index + 1)"
      }
    }
    runs = runs.filter { !$0.series.isEmpty }
    let claimed = runs.contains { run in run.series.contains { $0.name == "val_ema_loss" } }
    if claimed {
      notes.append(
        "\(path): the loss of averaged parameters, val_ema_loss, is the one that is claimed and taken; --map validation_loss=val_loss takes the other"
      )
    }
  }

  private static func add(_ entry: Entry, to run: inout LoggedRun) {
    let hasAverage = entry.values["val_ema_loss"] != nil
    for (name, value) in entry.values.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "val_loss":
        run.log(
          name, value, at: entry.step, seconds: entry.seconds,
          as: hasAverage ? .furtherEvaluation : .evaluation(.validationLoss))
      case "val_ema_loss":
        run.log(
          name, value, at: entry.step, seconds: entry.seconds, as: .evaluation(.validationLoss))
      case "train_loss", "loss":
        // Before the first update there is no step to which it could belong.
        if entry.step > 0 { run.log(name, value, at: entry.step, as: .step(.loss)) }
      default: continue
      }
    }
    if let planned = entry.planned {
      run.ending =
        entry.step < planned
        ? .unfinished("log ends at step \(entry.step) of \(planned)") : .unsaid
    }
  }

  /// One line: `step:125/3200 val_loss:4.64419 train_time:66.065s step_avg:528.52ms`.
  private struct Entry {
    let step: Int
    let planned: Int?
    private(set) var values: [String: Double] = [:]
    private(set) var seconds = Double.nan
    private let keys: [Substring]
    private let unit: Substring

    /// nil for what only looks like such a line, as in the source above.
    init?(_ line: Substring) {
      guard line.hasPrefix("step:") else { return nil }
      let words = line.split(separator: " ")
      let numbers = words[0].dropFirst("step:".count).split(separator: "/")
      guard let first = numbers.first, numbers.count <= 2, let step = Int(first), step >= 0 else {
        return nil
      }
      self.step = step
      planned = numbers.count > 1 ? Int(numbers[1]) : nil
      if numbers.count > 1, planned == nil { return nil }
      keys = words.map { $0.prefix { $0 != ":" } }
      unit = words[words.count - 1].drop { !$0.isLetter }.drop { $0 != ":" }.drop { !$0.isLetter }
      for word in words.dropFirst() {
        guard let colon = word.firstIndex(of: ":") else { continue }
        let name = String(word[..<colon])
        let text = word[word.index(after: colon)...]
        if name == "train_time" {
          let isMilliseconds = text.hasSuffix("ms")
          let number = Double(text.prefix { !$0.isLetter }) ?? .nan
          seconds = isMilliseconds ? number / 1000 : number
        } else if name.hasSuffix("loss"), let value = loggedNumber(text) {
          values[name] = value
        }
      }
    }

    func isSameKind(as other: Entry) -> Bool { Set(values.keys) == Set(other.values.keys) }

    /// Whether it has the fields and the unit at its end of another one.
    func isLike(_ other: Entry) -> Bool { keys == other.keys && unit == other.unit }
  }
}
