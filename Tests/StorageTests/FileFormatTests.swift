import Digests
import Foundation
import Records
import Storage
import Testing

/// The tree as the HDF5 tools see it: what is checked here is what users have built on.
@Suite struct FileFormatTests {
  @Test func theTreeIsThatOfTheSchema() throws {
    let listing = try inspect(["h5ls", "-r"], SampleExperiment(recordsTensors: true))
    let objects = listing.split(separator: "\n").map { line in
      line.split(separator: " ", maxSplits: 1).map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
    let perRun = """
      base_learning_rate clipping config data_order_digest failure_step failure_tensor \
      first_alarm_step gradient_difference gradient_evaluations initial_parameters_digest is_default_learning_rate \
      nonfinite_gradients objective_messages optimizer outcome peak_memory_bytes recordings run run_digest run_identity seed spikes \
      spikes_recovered steps_recorded target_step training_seconds trial wall_seconds worst_step
      """.split(separator: " ").map { ($0, "{5}") }
    let perStep = """
      clip_coefficient clip_fired clip_skipped clipped_gradient_norm gradient_cosine gradient_norm \
      learning_rate loss parameter_norm update_norm
      """.split(separator: " ").map { ($0, "{5, 40}") }
    let measured = """
      elapsed_seconds evaluation_gradient_evaluations test_accuracy test_loss train_accuracy \
      train_loss validation_accuracy validation_loss
      """.split(separator: " ")
    let norms = ["gradient_norm", "parameter_norm", "update_norm"]
    let labels = """
      base_learning_rate clipping optimizer outcome run seed steps_recorded trial
      """.split(separator: " ")
    let hyperparameters = ["hyperparameter_seed", "momentum"]

    var expected = ["/ Group"]
    for (problem, tensors) in [("/bowl-2d", 1), ("/digits", 2)] {
      let isDigits = problem == "/digits"
      expected += ["\(problem) Group", "\(problem)/evaluation Group", "\(problem)/flight Group"]
      for (name, shape) in perRun + perStep + [("step", "{40}")] {
        expected.append("\(problem)/\(name) Dataset \(shape)")
      }
      for name in isDigits ? measured : ["elapsed_seconds", measured[1], "train_loss"] {
        expected.append("\(problem)/evaluation/\(name) Dataset {5, 5}")
      }
      expected.append("\(problem)/evaluation/evaluation_step Dataset {5}")
      expected.append("\(problem)/flight/flight_step Dataset {5, 20}")
      expected.append("\(problem)/flight/flight_step_index Dataset {20}")
      expected.append("\(problem)/flight/tensor Dataset {\(tensors)}")
      for name in norms { expected.append("\(problem)/flight/\(name) Dataset {5, 20, \(tensors)}") }
      let groups = ["evaluation", "flight"] + (isDigits ? ["tensors"] : [])
      for group in groups {
        for label in labels.map(String.init) + (isDigits ? hyperparameters : []) {
          expected.append("\(problem)/\(group)/\(label) Soft Link {\(problem)/\(label)}")
        }
      }
    }
    expected.append("/digits/momentum Dataset {5}")
    expected.append("/digits/hyperparameter_seed Dataset {5}")
    expected += [
      "/digits/tensors Group", "/digits/tensors/recorded Dataset {5}",
      "/digits/tensors/tensor Dataset {2}",
    ]
    for name in norms { expected.append("/digits/tensors/\(name) Dataset {5, 40, 2}") }
    #expect(objects.sorted() == expected.sorted())
  }

  @Test func theAttributesOfTheRootAreThoseOfTheSchema() throws {
    let sample = SampleExperiment()
    let attributes = try attributes(of: sample).filter { $0.key.hasPrefix("/@") }
    let digest = sample.record.contentDigest
    var nameDigest = Digest()
    for text in ["optbench name 1", "sample", digest] { nameDigest.add(text) }
    let name = nameDigest.finish()
    #expect(
      attributes == [
        "/@Conventions": "CF-1.11", "/@NX_class": "NXroot", "/@format": "optbench-experiment",
        "/@format_version": "1", "/@name": "sample", "/@title": "Ein Prüfstück",
        "/@source": "optbench 1.2.3",
        "/@history": "2026-01-02T03:04:05Z written by optbench 1.2.3", "/@default": "digits",
        "/@spec": "optbench: 1name: sample  # µ",
        "/@spec_digest": String(repeating: "c0", count: 32), "/@planned_runs": "10",
        "/@optbench_version": "1.2.3", "/@git_revision": "0123abc", "/@swift_version": "6.3.1",
        "/@onednn_version": "2.6.3", "/@hdf5_version": RunArchive.hdf5Version,
        "/@libc_version": "glibc 2.36", "/@cpu": "Test CPU ×2", "/@isa": "x86-64-v3",
        "/@kernel": "Linux 6.1", "/@created": "2026-01-02T03:04:05Z", "/@cores": "2",
        "/@flush_denormals": "1", "/@content_digest": digest,
        "/@name_digest": name,
      ])
  }

  @Test func theAttributesOfAProblemAreThoseOfTheSchema() throws {
    let all = try attributes(of: SampleExperiment())
    #expect(
      all.filter { $0.key.hasPrefix("/digits@") } == [
        "/digits@NX_class": "NXdata", "/digits@signal": "loss", "/digits@axes": ".,step",
        "/digits@summary": "8×8 digits, MLP 64-10, cross-entropy, batch 32",
        "/digits@problem_digest": String(repeating: "1a", count: 32),
        "/digits@data": "digits.csv", "/digits@data_digest": String(repeating: "3c", count: 32),
        "/digits@parameter_count": "650",
        "/digits@layout": #"[{"name":"dense1.weight","shape":[10,64],"role":"weight"}]"#,
        "/digits@lower_bound": "0", "/digits@loss_unit": "2.30259",
        "/digits@target_metric": "validation_accuracy", "/digits@target_value": "0.9",
        "/digits@target_rule": "median of SGD's best", "/digits@steps": "40",
        "/digits@steps_per_epoch": "8", "/digits@hyperparameters": "momentum hyperparameter_seed",
        "/digits@recordings": "clip_skipped",
      ])
    #expect(all["/bowl-2d@target_value"] == nil)
    #expect(all["/bowl-2d@data"] == nil && all["/bowl-2d@data_digest"] == nil)
    #expect(all["/bowl-2d@target_metric"] == "")
    #expect(all["/bowl-2d@lower_bound"] == "-0.5")
    #expect(all["/digits/evaluation@NX_class"] == "NXdata")
    #expect(all["/digits/evaluation@signal"] == "validation_loss")
    #expect(all["/bowl-2d/evaluation@signal"] == "train_loss")
    #expect(all["/digits/evaluation@axes"] == ".,evaluation_step")
    #expect(all["/digits/flight@axes"] == ".,flight_step_index,tensor")
  }

  @Test func everyDatasetSaysWhatItHolds() throws {
    let all = try attributes(of: SampleExperiment(recordsTensors: true))
    let listing = try inspect(["h5ls", "-r"], SampleExperiment(recordsTensors: true))
    let datasets = listing.split(separator: "\n").filter { $0.contains(" Dataset ") }
      .compactMap { $0.split(separator: " ").first }
    // NaN needs no attribute, and h5web cannot show a dataset that has one that is NaN.
    let withNone = [
      "clip_fired", "failure_step", "first_alarm_step", "target_step", "worst_step",
      "evaluation/evaluation_gradient_evaluations", "flight/flight_step",
    ].flatMap { ["/digits/\($0)", "/bowl-2d/\($0)"] }
    for dataset in datasets.map(String.init) {
      #expect(all["\(dataset)@long_name"]?.isEmpty == false, "\(dataset)")
      #expect(
        all["\(dataset)@_FillValue"] == (withNone.contains(dataset) ? "-1" : nil), "\(dataset)")
    }
    for name in StepSeries.allCases.map(\.rawValue) + ["clip_fired"] {
      #expect(all["/digits/\(name)@units"] == "1")
    }
    for name in [
      "loss", "clip_fired", "evaluation/test_loss", "evaluation/elapsed_seconds",
      "flight/flight_step", "flight/update_norm", "tensors/gradient_norm",
    ] {
      #expect(
        all["/digits/\(name)@coordinates"]
          == "optimizer clipping seed outcome base_learning_rate steps_recorded trial momentum "
          + "hyperparameter_seed", "\(name)")
    }
    #expect(all["/digits/loss@long_name"] == StepSeries.loss.longName)
    #expect(all["/digits/wall_seconds@units"] == "s")
    #expect(all["/digits/peak_memory_bytes@units"] == "bytes")
    #expect(all["/digits/run@CLASS"] == "DIMENSION_SCALE")
    #expect(all["/digits/run@NAME"] == "run")
    #expect(all["/digits/step@NAME"] == "step")
    #expect(all["/digits/evaluation/evaluation_step@NAME"] == "evaluation_step")
  }

  @Test func trajectoriesLieInCheckedAndDeflatedChunks() throws {
    let properties = try inspect(
      ["h5dump", "-p", "-H", "-d", "/digits/loss"],
      SampleExperiment(runsPerProblem: 70, steps: 1100))
    for part in [
      "H5T_IEEE_F32LE", "SIMPLE { ( 70, 1100 ) / ( 70, 1100 ) }", "CHUNKED ( 64, 1024 )",
      "SHUFFLE", "DEFLATE { LEVEL 4 }", "FLETCHER32", "VALUE  nan",
    ] { #expect(properties.contains(part), "\(part)") }
    let fired = try inspect(["h5dump", "-p", "-H", "-d", "/digits/clip_fired"], SampleExperiment())
    #expect(fired.contains("H5T_STD_I8LE") && fired.contains("VALUE  -1"))
    for (metric, type) in [("test_accuracy", "H5T_IEEE_F64LE"), ("test_loss", "H5T_IEEE_F32LE")] {
      let header = try inspect(["h5dump", "-H", "-d", "/digits/evaluation/\(metric)"], .init())
      #expect(header.contains(type))
    }
  }

  @Test func dimensionsAreNamedInBothDirections() throws {
    let dump = try inspect(["h5dump", "-A", "-d", "/digits/evaluation/test_loss"], .init())
    let scales = dump.matches(of: /DATASET \d+ "([^"]+)"/).map { String($0.output.1) }
    #expect(scales == ["/digits/run", "/digits/evaluation/evaluation_step"])
    let run = try inspect(["h5dump", "-A", "-d", "/digits/run"], .init())
    #expect(run.contains(#""/digits/evaluation/test_loss","#))
    #expect(run.contains(#""/digits/flight/update_norm","#))
  }

  #if os(Linux)
    @Test func theLastLineIsTheDigestOfTheRest() throws {
      let folder = try TemporaryFolder()
      let sample = SampleExperiment()
      let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
      try archive.publish(order: [])
      let path = folder.file("sample.h5")
      let seal = try output(of: ["tail", "-n", "1", path])
      let sum = try output(of: ["sh", "-c", "head -c -73 '\(path)' | sha256sum"])
      #expect(seal == "sha256 \(sum.prefix(64))\n")
    }
  #endif

  /// The attributes' values as h5dump shows them, by `path@name`; lists joined by commas.
  private func attributes(of sample: SampleExperiment) throws -> [String: String] {
    var path: [String] = []
    var openings: [Substring] = []
    var attributes: [String: String] = [:]
    for line in try inspect(["h5dump", "-A", "-w", "0"], sample).split(separator: "\n") {
      let text = line.drop { $0 == " " }
      if let match = text.wholeMatch(of: /(GROUP|DATASET|ATTRIBUTE) "(.*)" \{/) {
        path.append(String(match.output.2))
        openings.append(match.output.1)
      } else if text == "}, {" {
        continue
      } else if text.hasSuffix("{") {
        openings.append(text)
      } else if text == "}" || text == "}," {
        if ["GROUP", "DATASET", "ATTRIBUTE"].contains(openings.popLast()) { path.removeLast() }
      } else if openings.last == "DATA {", openings.dropLast().last == "ATTRIBUTE" {
        let object = "/" + path.dropLast().drop { $0 == "/" }.joined(separator: "/")
        let key = "\(object)@\(path[path.count - 1])"
        var value = String(text.replacing(#/^\(\d+\): /#, with: ""))
        value = value.replacingOccurrences(of: #"\000"#, with: "")
        value = unescaped(value).replacingOccurrences(of: #"", ""#, with: ",")
        if value.hasPrefix("\"") { value.removeFirst() }
        if value.hasSuffix("\"") { value.removeLast() }
        attributes[key, default: ""] += value
      }
    }
    return attributes
  }

  /// A text of h5dump, which writes each byte beyond ASCII as a sign-extended octal number and
  /// quotes with a backslash.
  private func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(text)
    while let first = rest.first {
      if let match = rest.prefixMatch(of: /\\([0-7]{11})/),
        let number = UInt32(match.output.1, radix: 8)
      {
        bytes.append(UInt8(truncatingIfNeeded: number))
        rest = rest[match.range.upperBound...]
      } else {
        rest.removeFirst()
        if first != "\\" { bytes += String(first).utf8 }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What a tool prints about a published file of `sample`.
  private func inspect(_ tool: [String], _ sample: SampleExperiment) throws -> String {
    let folder = try TemporaryFolder()
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: sample.order)
    return try output(of: tool + [folder.file("sample.h5")])
  }
}
