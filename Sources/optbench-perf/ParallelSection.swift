import Experiments
import Foundation
import LinearAlgebra
import Problems
import Reports
import Statistics
import Synchronization
import Tensors

/// How many steps two runs at a time make, against one.
func parallelSection() throws -> Section {
  var section = Section(
    title: "Two runs at a time",
    columns: ["row", "steps/s of one run", "steps/s of two", "ratio (quartiles)", "target"])
  var datasets = LoadedDatasets()
  let method = try TrainingRow.makeMethod()
  // The article's network would measure how fast memory is cleared.
  for row in TrainingRow.all where row.name != "5" {
    let problem = try row.makeProblem(&datasets)
    let steps = max(5, Int(0.3 / row.target))
    // Pairs of neighbouring measurements: the machine's slow phases hit both of a pair.
    let pairs = (0..<(row.target < 0.05 ? 15 : 7)).map { _ in
      (
        stepsPerSecond(problem, method, runs: 1, steps: steps),
        stepsPerSecond(problem, method, runs: 2, steps: steps)
      )
    }
    let ratio = Timing(pairs.map { $1 / $0 })
    section.rows.append([
      "\(row.name): \(row.summary)", NumberText.significant(median(pairs.map { $0.0 })),
      NumberText.significant(median(pairs.map { $0.1 })),
      "\(Cell.ratio(ratio.median)) (\(Cell.ratio(ratio.lowerQuartile))–\(Cell.ratio(ratio.upperQuartile)))",
      Cell.target("≥ 1.90×", isMet: ratio.median >= 1.9),
    ])
  }
  return section
}

/// The steps that `runs` threads make together in a second, each `steps` of a run of its own.
private func stepsPerSecond(
  _ problem: any TestProblem, _ method: Method, runs: Int, steps: Int
) -> Double {
  let seconds = Mutex([Double]())
  let ready = DispatchSemaphore(value: 0)
  let go = DispatchSemaphore(value: 0)
  let done = DispatchGroup()
  for seed in 0..<runs {
    done.enter()
    let thread = Thread {
      Threads.useOneThread()
      let elapsed = FloatingPointMode.flushingDenormals {
        let warmUp = min(steps, 10)
        var trial = TrialRun(
          problem: problem, method: method, seed: UInt64(seed), steps: steps + warmUp)
        trial.advance(by: warmUp)
        ready.signal()
        go.wait()
        return ContinuousClock().measure { trial.advance(by: steps) } / .seconds(1)
      }
      seconds.withLock { $0.append(elapsed) }
      done.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  for _ in 0..<runs { ready.wait() }
  for _ in 0..<runs { go.signal() }
  done.wait()
  return seconds.withLock { $0.reduce(0) { $0 + Double(steps) / $1 } }
}
