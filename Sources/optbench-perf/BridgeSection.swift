import Foundation
import Problems
import Processes
import Reports
import Settings
import Tensors

/// What a gradient of another program costs beside its computation: a program that computes nothing is asked.
func bridgeSection() throws -> Section {
  let sizes = [10_000, 1_000_000, 10_000_000]
  let target = 60e-6
  var section = Section(
    title: "Gradients of another program, which computes nothing",
    columns: ["parameters", "a gradient", "two passes", "the rest"],
    remarks: [
      "The rest, a request and its answer through pipes, is to take at most 60 µs. The passes copy the "
        + "parameters into a mapped file and the gradient out of it."
    ])
  let program = CommandLine.arguments[0]
  let path =
    program.hasPrefix("/") ? program : FileManager.default.currentDirectoryPath + "/" + program
  for size in sizes {
    let command = "[\(jsonText(path)), \"--serve-nothing\", \"\(size)\"]"
    let spec = try ProblemSpec.read(
      Setting.parse("{name: nothing, external: {command: \(command)}}", file: "optbench-perf"))
    var datasets = LoadedDatasets()
    let problem = try spec.make(using: &datasets, baseDirectory: "")
    let objective = try problem.makeObjective(seed: 0)
    if let failure = objective.failure { throw failure }
    let parameters = FloatBuffer(count: size, repeating: 1)
    let gradient = FloatBuffer(count: size)
    guard let file = SharedFile(byteCount: 8 * size) else { continue }
    file.removeName()
    let mapped = file.bytes.assumingMemoryBound(to: Float.self)
    var order = problem.makeBatchOrder(seed: 0)
    var buffers = problem.makeBuffers()
    let timings = time(
      [
        Workload {
          _ = objective.loss(
            at: parameters.pointer, batch: order.next(), buffers: &buffers, updateStatistics: true,
            gradient: gradient.pointer)
        },
        Workload {
          mapped.update(from: parameters.pointer, count: size)
          gradient.pointer.update(from: mapped + size, count: size)
        },
      ], rounds: 21)
    if let failure = objective.failure { throw failure }
    let rest = timings[0].median - timings[1].median
    section.rows.append([
      "\(size)", Cell.time(timings[0]), Cell.time(timings[1]),
      Cell.target(Cell.time(rest), isMet: rest <= target),
    ])
  }
  return section
}

/// The program that is asked: it answers by the protocol of docs/bridges.md and leaves the gradient as it is.
func serveNothing(count: Int) {
  func number(_ key: String, in line: String) -> Int {
    guard let place = line.range(of: "\"\(key)\":") else { return 0 }
    return Int(line[place.upperBound...].prefix { $0.isNumber }) ?? 0
  }
  var memory: UnsafeMutableRawPointer?
  var last = 0
  while let line = readLine(), !line.contains("\"end\"") {
    let id = number("id", in: line)
    var answer = "{\"id\":\(id)}\n"
    if line.contains("\"hello\"") {
      answer = "{\"id\":\(id),\"protocol\":1,\"tensors\":[{\"name\":\"x\",\"shape\":[\(count)]}]}\n"
    } else if line.contains("\"map\""),
      let path = line.split(separator: "\"").first(where: { $0.hasPrefix("/") })
    {
      last = number("gradient", in: line) + 4 * (count - 1)
      let descriptor = open(String(path), O_RDWR)
      memory = mmap(nil, last + 4, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    } else {
      memory?.storeBytes(of: 1.0, as: Double.self)
      // The last numbers are looked at, to see that there is an answer.
      memory?.storeBytes(of: 1, toByteOffset: last, as: Float.self)
      memory?.storeBytes(of: 1, toByteOffset: 64 + 4 * (count - 1), as: Float.self)
    }
    _ = answer.withUTF8 { write(1, $0.baseAddress, $0.count) }
  }
}
