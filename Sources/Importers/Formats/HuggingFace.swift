internal import Files
internal import Records

extension ImportFormat {
  /// `trainer_state.json` of Hugging Face's Trainer.
  static let huggingface = ImportFormat(
    name: "huggingface",
    summary:
      "trainer_state.json of Hugging Face's Trainer; of several checkpoints of a run the last one counts",
    logs: { paths, _, notes throws(ImportError) in
      var newest: [(folder: String, path: String, number: Int)] = []
      for path in try LogFiles.find(paths, where: { $0 == "trainer_state.json" }) {
        let own = folder(of: path)
        let number = HuggingFaceLog.checkpoint(of: own)
        let run = number == nil ? own : folder(of: own)
        // What lies beside the checkpoints is written at the end.
        let rank = number ?? Int.max
        if let known = newest.firstIndex(where: { $0.folder == run }) {
          if newest[known].number < rank { newest[known] = (run, path, rank) }
        } else {
          newest.append((run, path, rank))
        }
      }
      var runs: [LoggedRun] = []
      for file in newest { runs.append(try HuggingFaceLog(file.path, &notes).run) }
      return runs
    })
}

/// The log of one run.
private struct HuggingFaceLog {
  private(set) var run: LoggedRun

  init(_ path: String, _ notes: inout [String]) throws(ImportError) {
    let state: JSONValue
    let text = try LogFiles.text(of: path)
    do throws(JSONValue.Defect) { state = try JSONValue(text) } catch {
      throw ImportError(
        "\(path):\(error.line)",
        error.isCut
          ? "the file ends within its JSON, as if it were still being written; take an earlier checkpoint"
          : "it is no JSON of a trainer")
    }
    guard let log = state["log_history"] else {
      throw ImportError(path, "it has no 'log_history', so it is no trainer's state")
    }
    run = LoggedRun(
      name: LogFiles.runName(of: path) { name in
        name == "trainer_state.json" || Self.checkpoint(of: name) != nil
      }, place: path)
    run.stepNumbers = .updates
    read(log.elements)
    markFilteredLosses(&notes)
    if let most = state["max_steps"]?.integer, let step = state["global_step"]?.integer,
      most > 0, step < most
    {
      let stops = state["stateful_callbacks"]?.pairs.contains { $0.key.contains("EarlyStopping") }
      run.ending = stops == true ? .stopped : .unfinished("log ends at step \(step) of \(most)")
    }
  }

  /// The number of a folder called `checkpoint-500`.
  static func checkpoint(of folder: String) -> Int? {
    let name = fileName(of: folder)
    return name.hasPrefix("checkpoint-") ? Int(name.dropFirst("checkpoint-".count)) : nil
  }

  private mutating func read(_ entries: [JSONValue]) {
    for entry in entries {
      guard let step = entry["step"]?.integer else { continue }
      let norm = entry["grad_norm"]?.number
      for (key, value) in entry.pairs where !["step", "epoch"].contains(key) {
        guard let number = value.number else { continue }
        switch key {
        case "loss":
          // Beside a gradient that is not finite the filter has taken the losses out that were not
          // either: what is left is no loss of that step.
          if number.isFinite, let norm, !norm.isFinite { continue }
          run.log("loss", number, at: step, as: .step(.loss))
        case "eval_loss": run.log(key, number, at: step, as: .evaluation(.validationLoss))
        case "eval_accuracy": run.log(key, number, at: step, as: .evaluation(.validationAccuracy))
        // The mean over the whole run, written at its end.
        case "train_loss", "total_flos": continue
        default:
          let meaning = MetricMeaning(of: key)
          if meaning != .bookkeeping, !key.hasPrefix("train_") { run.log(key, number, at: step) }
        }
      }
    }
  }

  /// Without gradient norms, which older trainers do not log, a loss of exactly 0 to the end is what the filter
  /// makes of NaN: it writes the mean of no losses.
  private mutating func markFilteredLosses(_ notes: inout [String]) {
    guard let index = run.series.firstIndex(where: { $0.name == "loss" }) else { return }
    let points = run.series[index].points
    let kept = points.count - points.reversed().prefix { $0.value == 0 }.count
    guard kept > 0, kept < points.count else { return }
    let step = points[kept].step
    let others = run.series.filter { ["grad_norm", "eval_loss"].contains($0.name) }
      .flatMap { series in series.points.filter { $0.step >= step } }
    guard others.allSatisfy({ !$0.value.isFinite }) else { return }
    for place in kept..<points.count { run.series[index].points[place].value = .nan }
    notes.append(
      "\(run.name): the training loss is exactly 0 from step \(step) to the end and nothing else says that it was finite: read as NaN, which the trainer's filter writes so"
    )
  }
}
