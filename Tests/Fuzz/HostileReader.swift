import Analysis
import Digests
import Experiments
import Foundation
import Problems
import Records
import Settings
import Storage

/// A reader of the program with the inputs that are mutated for it.
struct HostileReader {
  let name: String
  let seeds: [[UInt8]]
  var words: [String] = []
  /// Makes checksums right again, so that what lies behind them is reached; half of the inputs keep wrong ones.
  var mended: ([UInt8]) -> [UInt8] = { $0 }
  /// Reads the input, from its file or its bytes; whether it was accepted.
  let read: (_ path: String, _ bytes: [UInt8]) -> Bool

  static func all(repository: String) throws -> [HostileReader] {
    func files(_ folder: String, _ endings: String..., most: Int = 1 << 17) -> [[UInt8]] {
      let names =
        (try? FileManager.default.contentsOfDirectory(atPath: "\(repository)/\(folder)")) ?? []
      return names.sorted().filter { name in endings.contains { name.hasSuffix($0) } }.compactMap {
        FileManager.default.contents(atPath: "\(repository)/\(folder)/\($0)").map { Array($0) }
      }.filter { $0.count <= most }
    }
    func accepted(_ body: () throws -> Void) -> Bool { (try? body()) != nil }
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    let experiments = files("experiments", ".yml").filter { $0.count < 4000 }
    let keys = [
      "problems:", "optimizers:", "clipping:", "learning_rate:", "seeds:", "budget:", "steps:",
      "function:", "model:",
      "layers:", "hidden:", "dataset:", "tuning:", "protocol: robust", "grid:", "schedule:",
      "record:", "stop:", "external:", "name:",
      "evaluate:", "batch_size:", "published:", "claim:", "split:",
    ]

    /// A plan over a data set in the input's file.
    func planned(
      _ dataset: String, _ path: String, model: String = "{name: mlp, hidden: [2]}"
    ) -> Bool {
      let spec =
        "{optbench: 1, name: f, problems: [{name: p, dataset: \(dataset.replacingOccurrences(of: "PATH", with: path)), "
        + "model: \(model), loss: cross-entropy, batch_size: 4}], optimizers: [sgd], learning_rate: 0.1, seeds: 1, budget: {steps: 1}}"
      return accepted {
        _ = try ExperimentPlan(ExperimentSpec(spec, file: "f"), baseDirectory: "/")
      }
    }

    return [
      HostileReader(name: "experiment", seeds: experiments, words: keys) { _, bytes in
        accepted {
          let spec = try ExperimentSpec(text(bytes), file: "f.yml")
          _ = try ExperimentPlan(spec, baseDirectory: "\(repository)/experiments", mostRuns: 2000)
        }
      },
      HostileReader(
        name: "policy", seeds: files("experiments", "policy.yml"),
        words: ["metric:", "minimum_effect:", "pairing:"]
      ) { _, bytes in accepted { _ = try GatePolicy(text(bytes), file: "p.yml") } },
      HostileReader(
        name: "method",
        seeds: [
          "optimizer: {name: adam, betas: [0.9, 0.99]}\nclipping: [{name: global-norm, max_norm: 1}]\nlearning_rate: 0.1\nschedule: {name: cosine, warmup_steps: 2}\n",
          "optimizer: {name: lookahead, base: {name: sgd, momentum: 0.9}}\nlearning_rate: 0.1\n",
        ].map { Array($0.utf8) }, words: ["optimizer:", "clipping:", "base:", "name:"]
      ) { _, bytes in accepted { _ = try MethodFile(text(bytes), file: "m.yml") } },
      HostileReader(
        name: "trace",
        seeds: [
          #"{"parameters": [{"name": "w", "shape": [2, 2], "role": "weight", "values": [1, 2, "nan", 4]}, {"name": "b", "shape": [2], "values": [0.5, -1]}], "gradients": [[1, 2, 3, 4, 5, 6], [0, "inf", 0, 1, 2, 3]], "losses": [1, 2], "second_gradients": [null, [1, 2, 3, 4, 5, 6]]}"#
        ].map { Array($0.utf8) }, words: ["\"shape\":", "\"values\":", "[[[[", "1e400"]
      ) { _, bytes in accepted { _ = try GivenGradients(Data(bytes), file: "g.json") } },
      HostileReader(name: "idx", seeds: [idx]) { path, _ in
        accepted { _ = try IDXFile.labels(at: path, count: 24, classes: 10) }
      },
      HostileReader(name: "idx-gzip", seeds: [gzipped]) { path, _ in
        // The ending says that it is compressed.
        let compressed = path + ".gz"
        unlink(compressed)
        link(path, compressed)
        return accepted { _ = try IDXFile.labels(at: compressed, count: 24, classes: 10) }
      },
      HostileReader(
        name: "cifar",
        seeds: [(0..<2 * 3073).map { UInt8(truncatingIfNeeded: $0 % 3073 == 0 ? 3 : $0 &* 31) }]
      ) { path, _ in
        accepted {
          _ = try CIFARRecords(
            path: path, labelBytes: 1, labelPosition: 0, count: 2, classes: 10, md5: nil)
        }
      },
      HostileReader(
        name: "csv",
        seeds: [
          "a,b,label\n"
            + (0..<40).map { "\($0),\(Double($0) / 7),\($0 % 3 == 0 ? "x" : "y")\n" }.joined(),
          "a,\"b\"\"c\",label\r\n" + (0..<30).map { "\"\($0)\",1e-3,\($0 % 2)\r\n" }.joined(),
        ].map { Array($0.utf8) }, words: ["\"", ",,", "\r", "nan", "1e999"]
      ) { path, _ in planned("{name: csv, path: PATH}", path) },
      HostileReader(name: "npz", seeds: files("Tests/ProblemsTests/Oracles/Files", ".npz")) {
        path, _ in
        planned("{name: npz, path: PATH}", path)
      },
      HostileReader(name: "npy", seeds: [npy("<f4", 4), npy("<i8", 8), npy("|u1", 1)]) { _, bytes in
        accepted { _ = try NumericArray(npy: bytes, of: "x") }
      },
      HostileReader(name: "hdf5-data", seeds: files("Tests/ProblemsTests/Oracles/Files", ".h5")) {
        path, _ in
        planned("{name: hdf5, path: PATH}", path)
      },
      HostileReader(
        name: "text",
        seeds: [
          Array(String(repeating: "It is a truth universally acknowledged. ", count: 60).utf8)
        ],
        words: ["\u{FEFF}", "\r\n", "é"]
      ) { path, _ in
        planned(
          "{name: text, path: PATH, length: 5}", path,
          model: "{name: char-lstm, features: 2, units: 2, layers: 1}")
      },
      HostileReader(name: "journal", seeds: [try journal()], mended: mendedJournal) { path, _ in
        accepted { _ = try RunArchive.readJournal(path) }
      },
      HostileReader(name: "result", seeds: files("Tests/CommandTests/Golden", ".h5", most: 1 << 22))
      { path, _ in
        accepted { _ = try RunArchive.read(path) }
      },
    ]
  }

  /// 24 labels.
  private static var idx: [UInt8] { [0, 0, 8, 1, 0, 0, 0, 24] + (0..<24).map { UInt8($0 % 10) } }

  /// The same, stored within gzip without compression.
  private static var gzipped: [UInt8] {
    let content = idx
    let length = UInt16(content.count)
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + bytes(length) + bytes(~length) + content
      + bytes(content.withUnsafeBytes { crc32(of: $0) }) + bytes(UInt32(content.count))
  }

  private static func npy(_ type: String, _ size: Int) -> [UInt8] {
    var head = "{'descr': '\(type)', 'fortran_order': False, 'shape': (4, 3), }"
    head += String(repeating: " ", count: 63 - (10 + head.count) % 64) + "\n"
    let length = UInt16(head.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
      + Array(head.utf8)
      + [UInt8](repeating: 1, count: 12 * size)
  }

  /// A journal with some runs of a small experiment.
  private static func journal() throws -> [UInt8] {
    let folder = NSTemporaryDirectory() + "/optbench-fuzz-journal-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let spec = try ExperimentSpec(
      "{optbench: 1, name: j, problems: [rosenbrock-2d], optimizers: [sgd, adam], learning_rate: [0.001, 10], seeds: 1, budget: {steps: 6}, record: {per_tensor: true}}",
      file: "j")
    let plan = try ExperimentPlan(spec, baseDirectory: "/")
    let archive = try RunArchive(
      path: "\(folder)/j.h5", header: plan.header(provenance: Provenance()), keepsRuns: true)
    _ = try ExperimentRunner(plan: plan, jobs: 1).run(
      into: archive, report: { _ in }, isCancelled: { false })
    return Array(FileManager.default.contents(atPath: "\(folder)/j.runs/1.journal") ?? Data())
  }

  /// Journals whose checksums are right in every second case, as far as their blocks can be followed.
  private static func mendedJournal(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 16, bytes.count % 2 == 0 else { return bytes }
    var bytes = bytes
    func put(_ range: Range<Int>, at place: Int) {
      let sum = bytes.withUnsafeBytes { crc32(of: UnsafeRawBufferPointer(rebasing: $0[range])) }
      withUnsafeBytes(of: sum.littleEndian) { bytes.replaceSubrange(place..<place + 4, with: $0) }
    }
    put(0..<12, at: 12)
    var place = 16
    while place + 24 <= bytes.count {
      let length = bytes.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
      }
      guard length <= UInt64(bytes.count - place - 24) else { break }
      let end = place + 24 + Int(length)
      put(place + 24..<end, at: place + 16)
      put(place..<place + 20, at: place + 20)
      place = end
    }
    return bytes
  }
}
