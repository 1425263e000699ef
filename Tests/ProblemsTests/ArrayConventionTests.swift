import Foundation
import Networks
import Problems
import TestSupport
import Testing

/// The files that scripts/oracles/data_files.py wrote.
private let files = arrayFiles + "/Files"

private func read(_ name: String, _ array: String) throws -> NumericArray {
  let path = "\(files)/\(name)"
  guard name.hasSuffix(".npz") else {
    return try #require(try HDF5Arrays.read([array], from: path)[array])
  }
  let bytes = try #require(try ZipArchive(path: path).content(of: "\(array).npy"))
  return try NumericArray(npy: bytes, of: array)
}

/// Arrays as the libraries read them whose conventions the files follow.
@Suite("Conventions of arrays in files")
struct ArrayConventionTests {
  typealias Expected = [String: ArrayDatasetTests.Expected]

  @Test(
    "NumPy's types, byte orders and Fortran order are read exactly, from both formats",
    arguments: ["types.npz", "types.h5"])
  func types(file: String) throws {
    let expected: Expected = try oracle("Files/arrays")
    let names = expected.keys.filter { !$0.contains(".") }
    #expect(names.count == 28)
    for name in names.sorted() {
      let wanted = try #require(expected[name])
      let found = try read(file, name)
      #expect(found.shape == wanted.shape, "\(name)")
      let bits = wanted.values.map { Float($0).bitPattern }
      #expect(try found.floats(of: name).map(\.bitPattern) == bits, "\(name)")
    }
  }

  @Test(
    "netCDF's packing is undone; MATLAB's and Octave's axes are turned round",
    arguments: [
      ("packed.nc", "x", "packed.x"), ("packed.nc", "unsigned", "packed.unsigned"),
      ("matlab.mat", "x", "matlab.x"), ("octave.h5", "x/value", "octave.x"),
    ])
  func conventions(file: String, array: String, name: String) throws {
    let expected: Expected = try oracle("Files/arrays")
    let wanted = try #require(expected[name])
    let found = try read(file, array)
    #expect(found.shape == wanted.shape)
    #expect(try found.floats(of: name) == wanted.values.map { Float($0) })
  }

  @Test(
    "classes from 1 and one-hot labels are the classes from 0",
    arguments: ["one", "column", "row", "hot", "hot_bool"], ["npz", "h5"])
  func labels(name: String, kind: String) throws {
    let file = "name: \(kind == "h5" ? "hdf5" : "npz"), path: '\(files)/labels.\(kind)'"
    let plain = try dataset("{\(file), labels: zero}")
    let source = try datasetSource("{\(file), labels: \(name)}")
    #expect(source.targets == .classes(3) && source.targetsPerExample == 1)
    let found = try dataset("{\(file), labels: \(name)}")
    for index in 0..<plain.trainingCount {
      #expect(found.example(index, of: .train) == plain.example(index, of: .train))
    }
    #expect(found.digest == plain.digest)
  }

  @Test("rows with a one are classes of time steps where the features have as many, or as asked")
  func timeSteps() throws {
    let file = "name: npz, path: '\(files)/labels.npz', labels: hot"
    #expect(try datasetSource("{\(file), features: image}").targetsPerExample == 3)
    #expect(
      try datasetSource("{\(file), features: image, one_hot: true}").targets == .classes(3))
    #expect(try datasetSource("{\(file), one_hot: false}").targetsPerExample == 3)
  }

  @Test("a MATLAB file gives examples as rows, and its classes from 1 as classes from 0")
  func matlab() throws {
    let source = try datasetSource("{name: hdf5, path: '\(files)/matlab.mat'}")
    #expect(source.exampleShape == [3, 2] && source.targets == .classes(3))
    let flags = try datasetSource("{name: hdf5, path: '\(files)/matlab.mat', labels: flag}")
    #expect(flags.targets == .classes(2))
  }

  struct Refusal: CustomTestStringConvertible {
    let file: String
    let options: String
    let words: [String]
    var testDescription: String { "\(file) \(options)" }
  }

  @Test(
    "what is not what it seems is refused in one line that names it",
    arguments: [
      Refusal(file: "labels.npz", options: "labels: soft", words: ["element [0, 0] is 0.93"]),
      Refusal(
        file: "labels.npz", options: "labels: several, one_hot: true",
        words: ["row 1 is [1, 1, 0], not one-hot"]),
      Refusal(file: "labels.npz", options: "labels: same", words: ["one class only, 3"]),
      Refusal(
        file: "labels.npz", options: "labels: mask", words: ["2 different classes up to 255"]),
      Refusal(file: "labels.npz", options: "labels: gap", words: ["none of 0, 3", "from 0"]),
      Refusal(
        file: "labels.npz", options: "labels: constant, task: values",
        words: ["is 1.5, 2.5 in every example"]),
      Refusal(file: "labels.npz", options: "features: hot, labels: image", words: ["[24, 3, 3]"]),
      Refusal(
        file: "types.npz", options: "features: texts, labels: half", words: ["texts", "unique"]),
      Refusal(file: "types.npz", options: "features: dates, labels: half", words: ["'<M8[D]'"]),
      Refusal(
        file: "packed.nc", options: "features: gap",
        words: ["element [3, 1] is -999.0, the fill value"]),
      Refusal(
        file: "packed.nc", options: "features: unset", words: ["element [3, 1]", "fill value"]),
      Refusal(
        file: "packed.nc", options: "features: valid", words: ["[20, 1] is 41.0", "valid range"]),
      Refusal(file: "matlab.mat", options: "features: text", words: ["is a MATLAB char"]),
      Refusal(file: "matlab.mat", options: "features: empty", words: ["is an empty MATLAB array"]),
      Refusal(file: "matlab.mat", options: "features: sparse", words: ["sparse", "full(sparse)"]),
      Refusal(file: "octave.h5", options: "features: x", words: ["is a group", "x/value"]),
      Refusal(file: "odd.h5", options: "features: lzf", words: ["filter 'lzf', number 32000"]),
      Refusal(file: "zstd.h5", options: "features: x", words: ["filter 'zstd', number 32015"]),
      Refusal(file: "odd.h5", options: "features: texts", words: ["holds texts"]),
      Refusal(
        file: "odd.h5", options: "features: compound",
        words: ["holds compound values", "each field as a dataset"]),
      Refusal(file: "odd.h5", options: "features: complex", words: ["holds compound values"]),
      Refusal(file: "odd.h5", options: "features: unwritten", words: ["[24, 2]", "never written"]),
      Refusal(file: "odd.h5", options: "features: virtual", words: ["is a virtual dataset"]),
      Refusal(
        file: "odd.h5", options: "features: dangling",
        words: ["no dataset 'dangling'", "group/inner/z"]),
      Refusal(file: "odd.h5", options: "features: group/none", words: ["no dataset 'group/none'"]),
      Refusal(file: "columns.json", options: "features: x", words: ["is no HDF5 file"]),
    ])
  func refused(_ refusal: Refusal) {
    let format = refusal.file.hasSuffix("npz") ? "npz" : "hdf5"
    let text = message {
      _ = try datasetSource(
        "{name: \(format), path: '\(files)/\(refusal.file)', \(refusal.options)}")
    }
    for word in refusal.words { #expect(text.contains(word), "\(text)") }
    #expect(!text.contains("\n") && text.contains(refusal.file))
  }

  @Test("examples that lie along the last axis are told so")
  func transposed() {
    let text = message {
      _ = try datasetSource(
        "{name: npz, path: '\(files)/labels.npz', features: row, labels: zero}")
    }
    #expect(text.contains("is the array of features transposed"), "\(text)")
  }

  @Test("a file of another kind is named, with what to do")
  func signatures() throws {
    let folder = try TemporaryFolder()
    for (bytes, words) in [
      ([0x1F, 0x8B, 8, 0], "compressed by gzip; unpack it with gunzip"),
      (Array("PK\u{3}\u{4}".utf8), "ZIP archive"),
      ([0x89] + Array("HDF\r\n".utf8), "data set hdf5"),
      ([0x93] + Array("NUMPY".utf8), "numpy.savez"), (Array("CDF\u{1}".utf8), "nccopy"),
      (Array("MATLAB 5.0 MAT-file, Platform".utf8), "'-v7.3'"), (Array("PAR1".utf8), "Parquet"),
      (Array("<!DOCTYPE html>".utf8), "web page"), ([], "has no rows"),
    ] as [([UInt8], String)] {
      let path = folder.path + "/data"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let text = message { _ = try datasetSource("{name: csv, path: '\(path)'}") }
      #expect(text.contains(words) && !text.contains("\n"), "\(text)")
    }
  }
}
