import Storage

/// The job scripts by which Slurm trains an experiment in shards (`docs/cluster.md`).
struct SlurmScripts {
  /// The script that submits an array and the job that gathers it.
  static let turn = "turn.sh"
  private static let shard = "shard.sh"
  private static let merge = "merge.sh"

  let program: String
  let experiment: String
  let result: String
  let name: String
  let shards: Int
  /// What both `optbench run` and `optbench merge` are given.
  let options: [String]
  let sbatchArguments: [String]

  /// Where they lie: beside the result.
  var folder: String {
    (result.hasSuffix(".h5") ? String(result.dropLast(3)) : result) + ".slurm"
  }

  var files: [(name: String, text: String)] {
    [(Self.turn, turnText), (Self.shard, shardText), (Self.merge, mergeText)]
  }

  private var common: String {
    ([experiment] + options).map(Self.quoted).joined(separator: " ")
  }

  /// Submits one turn: tasks, and after all of them have ended in whichever way, the gathering.
  private var turnText: String {
    let arguments = sbatchArguments.map { " " + Self.quoted($0) }.joined()
    let logs = Self.quoted("\(folder)/logs")
    return """
      #!/bin/bash
      # Submits one turn of \(name.slurmComment): an array of \(shards) shards, then the job that gathers them.
      set -euo pipefail
      array=$(sbatch --parsable --job-name=\(Self.quoted("optbench-\(name)")) --array=0-\(shards - 1) --requeue \\
        --open-mode=append --output=\(logs)/%A_%a.log --signal=B:TERM@60\(arguments) \(Self.quoted("\(folder)/\(Self.shard)")))
      merge=$(sbatch --parsable --job-name=\(Self.quoted("optbench-\(name)-merge")) --dependency="afterany:${array%%;*}" \\
        --open-mode=append --output=\(logs)/%j.log --export=ALL,IDLE_TURNS="${IDLE_TURNS:-0}"\(arguments) \(Self.quoted("\(folder)/\(Self.merge)")))
      echo "array ${array%%;*}, merge ${merge%%;*}"

      """
  }

  private var shardText: String {
    """
    #!/bin/bash
    # One shard. Slurm's signal reaches the program itself, which keeps a checkpoint and ends; a task that is started
    # again goes on there.
    exec \(Self.quoted(program)) run \(common) --output \(Self.quoted(result)) \\
      --shard "$SLURM_ARRAY_TASK_ID/\(shards)" --jobs "${SLURM_CPUS_PER_TASK:-1}"

    """
  }

  private var mergeText: String {
    let result = Self.quoted(result)
    let program = Self.quoted(program)
    return """
      #!/bin/bash
      # Gathers the shards. Exit code 75: runs are missing, of tasks that died or of the next round of the plan; then
      # everything is submitted again, unless two turns brought nothing.
      set -u
      digest() { [ -e \(result) ] && \(program) digest \(result) | cut -d ' ' -f 1; }
      before=$(digest)
      \(program) merge --experiment \(common) --output \(result)
      code=$?
      [ "$code" -eq 75 ] || exit "$code"
      if [ "$(digest)" = "$before" ]; then IDLE_TURNS=$((${IDLE_TURNS:-0} + 1)); else IDLE_TURNS=0; fi
      if [ "$IDLE_TURNS" -ge 2 ]; then
        echo "no run was added in two turns: see the logs of the tasks in \(folder.slurmComment)/logs" >&2
        exit 1
      fi
      export IDLE_TURNS
      exec /bin/bash \(Self.quoted("\(folder)/\(Self.turn)"))

      """
  }

  /// A word as a POSIX shell reads it.
  static func quoted(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "/._-=:,+%@".unicodeScalars.contains($0))
    }
    return isPlain && !text.isEmpty
      ? text
      : "'"
        + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
  }
}

extension SlurmScripts: CustomStringConvertible {
  /// All of them, each under its name.
  var description: String {
    files.map { "# \(folder)/\($0.name)\n\($0.text)" }.joined(separator: "\n")
  }
}

extension String {
  /// The text on one line of a comment, where the shell reads none of it.
  fileprivate var slurmComment: String {
    String(
      unicodeScalars.map {
        $0.value < 0x20 || "\"$`\\".unicodeScalars.contains($0) ? "_" : Character($0)
      })
  }
}
