import Foundation
import Processes
import Testing

/// Threads and other programs, also where the system refuses them.
@Suite struct ProcessTests {
  @Test func aProgramIsRunToItsEnd() throws {
    let echo = try #require(
      ChildProcess.run(["sh", "-c", "echo $A; exit 3"], environment: ["A=b"]))
    #expect(echo.ending == .exited(3) && echo.output == "b\n")
    let killed = try #require(ChildProcess.run(["sh", "-c", "kill -9 $$"], environment: []))
    #expect(killed.ending == .killed(signal: 9))
    let late = try #require(
      ChildProcess.run(["sh", "-c", "exec sleep 60"], environment: [], seconds: 0.1))
    #expect(late.ending == .timedOut)
    #expect(ChildProcess.run(["/no/such/program"], environment: []) == nil)
  }

  @Test func aThreadThatTheSystemRefusesIsNone() async {
    #expect(WorkerThread.start(stackSize: 1 << 60) {} == nil)
    await confirmation { done in
      WorkerThread.start { done() }?.join()
    }
  }
}
