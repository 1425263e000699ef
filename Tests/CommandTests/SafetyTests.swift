import Foundation
import Storage
import TestSupport
import Testing

/// What a careless or hostile surrounding does to the program: nothing is destroyed, nothing waits for
/// ever, and no verdict is lost.
@Suite struct SafetyTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  static let tiny = """
    optbench: 1
    name: tiny
    problems: [{name: ros, function: {name: rosenbrock, dimension: 2}}]
    optimizers: [sgd, adam]
    learning_rate: [0.001, 0.1]
    seeds: 2
    budget: {steps: 20}
    """

  /// Runs a line of the shell, in which `$OB` is the program.
  @discardableResult
  func shell(_ line: String) throws -> CommandResult {
    var environment = ProcessInfo.processInfo.environment
    environment["OB"] = Optbench.path
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["GIT_DIR"] = nil
    return try runCommand(
      ["timeout", "60", "bash", "-c", line], in: URL(fileURLWithPath: folder.path),
      environment: environment)
  }

  func makeResult() throws {
    try folder.write(Self.tiny, to: "tiny.yml")
    let run = try shell("\"$OB\" run tiny.yml --output t.h5 --quiet")
    try #require(run.status == 0, "\(run.errors)")
  }

  @Test func answersThatDoNotArriveAreFailures() throws {
    try makeResult()
    for arguments in [
      "--help", "--version", "list losses", "inspect t.h5", "inspect t.h5 --spec",
      "gate --baseline t.h5 --current t.h5 --mode exact", "gate --init p$RANDOM.yml",
      "run tiny.yml --dry-run", "report t.h5 --output r", "run tiny.yml --output t.h5",
    ] {
      for place in [">/dev/full", ">&-"] {
        let result = try shell("\"$OB\" \(arguments) \(place)")
        #expect(result.status == 2, "\(arguments) \(place): \(result.errors)")
        #expect(result.errors.contains("standard output could not be written"))
      }
    }
    // Closed streams are not taken by files: what is written stays what it is.
    let closed = try shell("\"$OB\" run tiny.yml --output c.h5 <&- >&- 2>&-; \"$OB\" inspect c.h5")
    #expect(closed.status == 0, "\(closed.errors)")
  }

  @Test func verdictsAreWrittenIntoDevicesAndNeverInTheirPlace() throws {
    try makeResult()
    let result = try shell(
      """
      mkfifo pipe; cat pipe > read.json &
      "$OB" gate --baseline t.h5 --current t.h5 --mode exact --json pipe --markdown /dev/stdout \
        --junit /dev/null > out.txt && wait
      [ -p pipe ] && [ -c /dev/null ] && grep -q '##' out.txt && grep -q passed read.json
      """)
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test(arguments: ["HUP", "QUIT", "INT", "TERM"])
  func aSignalEndsTheRunsWithAMessage(signal: String) throws {
    try folder.write(
      Self.tiny.replacing("steps: 20", with: "steps: 100000000"), to: "long.yml")
    let result = try shell(
      """
      "$OB" run long.yml --output l.h5 --quiet & job=$!
      for i in $(seq 100); do [ -e l.runs.lock ] && break; sleep 0.1; done
      sleep 0.2; kill -\(signal) $job; wait $job; echo "status $?"; ls -A
      """)
    #expect(result.output.contains("status 130\n"), "\(result.output)\(result.errors)")
    #expect(result.errors.contains("interrupted: the finished runs are kept"), "\(result.errors)")
    #expect(!result.output.contains(".lock"), "\(result.output)")
  }

  @Test func aProgramThatIsStuckIsEndedAllTheSame() throws {
    // Diagnostics into a pipe that is full and that nobody reads: the program waits in a write.
    try folder.write(Self.tiny.replacing("seeds: 2", with: "seeds: 40"), to: "many.yml")
    let result = try shell(
      """
      mkfifo pipe; exec 7<>pipe; head -c 65536 /dev/zero >&7
      TERM=dumb "$OB" run many.yml --output m.h5 2>&7 & job=$!
      for i in $(seq 100); do [ -e m.runs.lock ] && break; sleep 0.1; done
      sleep 0.3; kill -TERM $job; wait $job; echo "status $?"; ls -A
      """)
    #expect(result.output.contains("status 130\n"), "\(result.output)\(result.errors)")
    #expect(!result.output.contains(".lock"), "\(result.output)")
  }

  @Test func aReaderOfTheProgressThatGoesAwayEndsNoTraining() throws {
    try folder.write(Self.tiny, to: "tiny.yml")
    let result = try shell(
      "(\"$OB\" run tiny.yml --output p.h5; echo $? > status) 2>&1 >/dev/null | true; cat status")
    #expect(result.output == "0\n" || FileManager.default.fileExists(atPath: folder.path + "/p.h5"))
  }

  @Test func lowLimitsGiveAResultOrALine() throws {
    try makeResult()
    for limit in ["-n 8", "-n 12", "-v 150000", "-v 300000", "-v 600000", "-f 1"] {
      for command in ["run tiny.yml --output l$RANDOM.h5 --quiet", "inspect t.h5"] {
        let result = try shell("trap '' XFSZ; ulimit \(limit); exec \"$OB\" \(command)")
        // 127: the system's loader has no room for the libraries.
        #expect([0, 2, 127].contains(result.status), "ulimit \(limit): \(command): \(result)")
        #expect(result.status == 0 || !result.errors.isEmpty)
      }
    }
  }

  @Test func theRevisionIsThatOfTheProgramsOwnCheckout() throws {
    try folder.write(Self.tiny, to: "tiny.yml")
    try shell(
      "git init -q other && git -C other -c user.name=a -c user.email=b commit -q --allow-empty -m x"
    )
    let result = try shell(
      """
      "$OB" run tiny.yml --output a.h5 --quiet
      export GIT_DIR=$PWD/other/.git GIT_WORK_TREE=$PWD/other
      "$OB" run tiny.yml --output b.h5 --quiet
      for f in a b; do "$OB" inspect $f.h5 --format json | grep -o '"git_revision":"[^"]*"'; done
      """)
    let found = result.output.split(separator: "\n").filter { $0.hasPrefix("\"git_revision") }
    #expect(found.count == 2 && found.first == found.last, "\(result.output)")
  }

  @Test func namesInFilesAndArgumentsCannotSteerTheTerminalOrChooseFolders() throws {
    let result = try shell(
      "touch $'a\\e[2Jb.h5'; \"$OB\" inspect $'a\\e[2Jb.h5'; \"$OB\" report $'no\\e]0;x.h5'")
    #expect(
      !result.errors.contains("\u{1B}") && result.errors.contains("u{1b}"), "\(result.errors)")
    try folder.write(
      Self.tiny.replacing("[sgd, adam]", with: #"[{name: sgd, label: "a\0b"}]"#), to: "nul.yml")
    let nul = try shell("\"$OB\" run nul.yml --dry-run")
    #expect(nul.status == 2 && nul.errors.contains("control character U+0"), "\(nul.errors)")
  }

  @Test func labelsThatWouldNameTheSameRunsAreRefusedWhenRead() throws {
    try folder.write(
      Self.tiny.replacing(
        "[sgd, adam]", with: "[{name: sgd, label: a}, {name: adam, label: a b}]")
        + "\nclipping: [{name: value, label: b c}, {name: value, max_value: 2, label: c}]",
      to: "same.yml")
    let result = try shell("\"$OB\" run same.yml --dry-run")
    #expect(result.status == 2 && result.errors.contains("'a b' × 'c'"), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func aResultWithoutItsSealIsRepairedByOneCommand() throws {
    try makeResult()
    let whole = try shell(
      """
      head -c -73 t.h5 > cut.h5; "$OB" inspect cut.h5; echo "status $?"
      "$OB" repair cut.h5 && "$OB" inspect cut.h5 > a && "$OB" inspect t.h5 > b && [ "$(grep -v created a)" = "$(grep -v created b)" ] && ls
      """)
    #expect(whole.status == 0 && whole.output.contains("status 2\n"), "\(whole)")
    #expect(
      whole.errors.contains("'optbench repair cut.h5'") && whole.output.contains("all 8 runs"))
    #expect(whole.output.contains("cut.h5.unsealed"))
  }

  /// Bytes changed anywhere in a file, with its seal or without: a line and exit code 2 or a usable file whose
  /// runs are as they were written, always.
  @Test(arguments: [false, true])
  func aDamagedResultIsSalvagedOrRefused(isSealed: Bool) throws {
    try makeResult()
    let file = folder.path + "/t.h5"
    let written = try RunArchive.read(file)
    let whole = try #require(FileManager.default.contents(atPath: file)).dropLast(isSealed ? 0 : 73)
    var salvaged = 0
    for part in 0..<8 {
      var damaged = Data(whole)
      let place = whole.count * (2 * part + 1) / 17
      for offset in 0..<40 {
        damaged[place + offset] = UInt8(truncatingIfNeeded: 37 * offset + part)
      }
      try damaged.write(to: URL(fileURLWithPath: folder.path + "/d\(part).h5"))
      let result = try shell("\"$OB\" repair d\(part).h5")
      #expect([0, 2].contains(result.status), "\(part): \(result)")
      if result.status == 0 {
        salvaged += 1
        let inspect = try shell("\"$OB\" inspect d\(part).h5")
        #expect(inspect.status == 0, "\(part): \(result) \(inspect)")
        let kept = try RunArchive.read(folder.path + "/d\(part).h5")
        #expect(kept.runs.allSatisfy { written.runs.contains($0) })
        if isSealed { #expect(kept.header.specDigest == written.header.specDigest) }
      } else {
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(FileManager.default.contents(atPath: folder.path + "/d\(part).h5") == damaged)
      }
    }
    #expect(salvaged > 0)
  }
}
