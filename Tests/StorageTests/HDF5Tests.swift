import HDF5
import Testing

/// The wrapper by itself.
@Suite struct HDF5Tests {
  @Test func theLibraryTellsItsVersion() {
    #expect(HDF5Library.version.wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
  }

  @Test func numbersOfEachKindAreReadByRows() throws {
    let folder = try TemporaryFolder()
    try HDF5Library.exclusively { () throws(HDF5Error) in
      let file = try HDF5File.create(folder.file("x.h5"))
      let root = try file.root()
      try write([Int8.min, 0, 1, Int8.max], "int8", root)
      try write([Int32.min, 0, 1, Int32.max], "int32", root)
      try write([Int64.min, 0, 1, Int64.max], "int64", root)
      try write([-Float.infinity, -0.0, .leastNonzeroMagnitude, .nan], "float", root)
      try write([-Double.infinity, -0.0, .leastNonzeroMagnitude, .pi], "double", root)
      try root.close()
      try file.close()
    }
    try HDF5Library.exclusively { () throws(HDF5Error) in
      let file = try HDF5File.open(folder.file("x.h5"))
      let root = try file.root()
      #expect(try root.datasetNames() == ["int8", "int32", "int64", "float", "double"])
      #expect(try root.dataset("int8").read(as: Int8.self, rows: 1..<2) == [1, .max])
      #expect(try root.dataset("int32").read(as: Int32.self, rows: 0..<1) == [.min, 0])
      #expect(try root.dataset("int64").read(as: Int64.self) == [.min, 0, 1, .max])
      let floats = try root.dataset("float").read(as: Float.self)
      #expect(floats[1].sign == .minus && floats[2] == .leastNonzeroMagnitude && floats[3].isNaN)
      #expect(try root.dataset("double").read(as: Double.self)[3] == .pi)
      #expect(try root.dataset("double").shape == [2, 2])
      try root.close()
      try file.close()
    }
  }

  @Test func failuresCarryTheLibrarysReason() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.h5")
    try HDF5Library.exclusively { () throws(HDF5Error) in
      let file = try HDF5File.create(path)
      let root = try file.root()
      let group = try root.createGroup("a")
      let twice = #expect(throws: HDF5Error.self) { try root.createGroup("a").close() }
      #expect(twice?.detail.contains("name already exists") == true)
      #expect(twice?.description.hasPrefix("cannot create /a in \(path): ") == true)
      let missing = #expect(throws: HDF5Error.self) { try group.dataset("b").close() }
      #expect(missing?.object == "/a/b")
      let attribute = #expect(throws: HDF5Error.self) { try group.textAttribute("c") }
      #expect(attribute?.detail == "the attribute c is missing")
      let dataset = try root.createDataset("d", of: Float.self, shape: [3])
      let beyond = #expect(throws: HDF5Error.self) { try dataset.read(as: Float.self, rows: 2..<5) }
      #expect(beyond?.detail == "it has 3 rows")
    }
    let none = #expect(throws: HDF5Error.self) {
      try HDF5Library.exclusively { () throws(HDF5Error) in
        try HDF5File.open(folder.file("none.h5")).close()
      }
    }
    #expect(none?.detail.contains("No such file or directory") == true)
  }

  @Test func whatWasNotWrittenReadsAsTheFillValue() throws {
    let folder = try TemporaryFolder()
    try HDF5Library.exclusively { () throws(HDF5Error) in
      let file = try HDF5File.create(folder.file("x.h5"))
      let dataset = try file.root().createDataset(
        "x", of: Int32.self, shape: [4, 2], layout: .chunked([2, 2], deflate: 1), fill: -1)
      try dataset.write([7, 8], rows: 1..<2)
      #expect(try dataset.read(as: Int32.self) == [-1, -1, 7, 8, -1, -1, -1, -1])
    }
  }

  @Test func attributesAreReplaced() throws {
    let folder = try TemporaryFolder()
    try HDF5Library.exclusively { () throws(HDF5Error) in
      let file = try HDF5File.create(folder.file("x.h5"))
      let root = try file.root()
      for text in ["long enough", "", "größer ∇"] {
        try root.setAttribute("text", text)
        #expect(try root.textAttribute("text") == text)
      }
      try root.setAttribute("number", Int64(1))
      try root.setAttribute("number", Double.nan)
      #expect(try root.attribute("number", as: Double.self).isNaN)
      let wrong = #expect(throws: HDF5Error.self) { try root.textAttribute("number") }
      #expect(wrong?.detail == "the attribute number is not one text")
    }
  }

  private func write<Element: HDF5Element>(
    _ values: [Element], _ name: String, _ group: borrowing HDF5Group
  ) throws(HDF5Error) {
    let dataset = try group.createDataset(name, of: Element.self, shape: [2, 2])
    try dataset.write(values)
    try dataset.close()
  }
}
