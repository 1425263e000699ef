import Foundation
import TestSupport

/// The plan of the house: which module lies on which level and may import what.
enum House {
  struct Module {
    let name: String
    let level: Int
    /// The modules and packages that it may import.
    let mayImport: Set<String>
    /// The parts of the system that it may import beside Synchronization.
    var system: Set<String> = []
  }

  static let platform: Set<String> = ["Glibc", "Musl", "Darwin"]

  static let modules: [Module] = [
    Module(
      name: "optbench", level: 5,
      mayImport: [
        "Experiments", "Importers", "Reports", "Analysis", "Storage", "Records", "Settings",
        "Problems", "Networks", "Optimizers", "LinearAlgebra", "Tensors", "Digests", "Files",
        "Processes", "ArgumentParser",
      ], system: platform.union(["Foundation", "Dispatch"])),
    Module(
      name: "optbench-perf", level: 5,
      mayImport: [
        "Experiments", "Reports", "Storage", "Records", "Settings", "Problems", "Optimizers",
        "Statistics", "LinearAlgebra", "Processes", "Tensors", "ArgumentParser",
      ], system: platform.union(["Foundation", "Dispatch"])),
    Module(
      name: "Experiments", level: 4,
      mayImport: [
        "Optimizers", "Problems", "Networks", "Analysis", "Statistics", "Records", "Settings",
        "Tensors", "LinearAlgebra", "Digests", "Processes",
      ], system: platform.union(["Foundation"])),
    Module(
      name: "Importers", level: 4,
      mayImport: [
        "Analysis", "Optimizers", "Storage", "Records", "Settings", "Digests", "Files", "CSQLite",
      ]),
    Module(
      name: "Reports", level: 4, mayImport: ["Analysis", "Records", "Digests", "Files"],
      system: ["Foundation"]),
    Module(
      name: "Problems", level: 3,
      mayImport: [
        "Networks", "Tensors", "LinearAlgebra", "Settings", "HDF5", "CZlib", "Digests", "Files",
        "Processes",
      ], system: platform.union(["Foundation"])),
    Module(
      name: "Analysis", level: 3, mayImport: ["Records", "Statistics", "Settings", "Tensors"]),
    Module(
      name: "Networks", level: 2, mayImport: ["Tensors", "LinearAlgebra", "Settings", "COneDNN"]),
    Module(
      name: "Optimizers", level: 2, mayImport: ["Tensors", "LinearAlgebra", "Settings", "CVector"]),
    Module(name: "Statistics", level: 2, mayImport: ["Tensors"]),
    Module(
      name: "Storage", level: 2, mayImport: ["Records", "HDF5", "Digests", "Files"],
      system: platform),
    Module(name: "Tensors", level: 1, mayImport: ["CVector"], system: platform),
    Module(name: "LinearAlgebra", level: 1, mayImport: ["COneDNN", "CLAPACK"]),
    Module(name: "Settings", level: 1, mayImport: ["Yams"]),
    Module(name: "HDF5", level: 1, mayImport: ["CHDF5"], system: platform),
    Module(name: "Records", level: 1, mayImport: []),
    Module(name: "Files", level: 1, mayImport: ["CProcess"], system: platform),
    Module(name: "Processes", level: 1, mayImport: ["CProcess"], system: platform),
    Module(name: "Digests", level: 1, mayImport: ["CCrypto", "CZlib"]),
    Module(name: "CVector", level: 0, mayImport: []),
    Module(name: "CProcess", level: 0, mayImport: []),
    Module(name: "COneDNN", level: 0, mayImport: []),
    Module(name: "CLAPACK", level: 0, mayImport: []),
    Module(name: "CZlib", level: 0, mayImport: []),
    Module(name: "CHDF5", level: 0, mayImport: []),
    Module(name: "CCrypto", level: 0, mayImport: []),
    Module(name: "CSQLite", level: 0, mayImport: []),
  ]

  static let levels = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0.level) })

  static let packages: Set<String> = ["ArgumentParser", "Yams"]

  /// Files longer than 400 lines, each with the reason why it is one file.
  static let longFiles: [String: String] = [:]

  /// The package's folder.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The text files under a folder (or one file), as paths within the package, in order.
  static func files(under folder: String, endingIn extensions: Set<String>? = nil) -> [String] {
    let start = root.appendingPathComponent(folder).path
    guard FileManager.default.fileExists(atPath: start) else { return [] }
    guard isFolder(start) else { return [folder] }
    let names = FileManager.default.enumerator(atPath: start)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      let ending = URL(fileURLWithPath: name).pathExtension
      return !isFolder("\(start)/\(name)") && extensions?.contains(ending) != false
    }
    .map { "\(folder)/\($0)" }.sorted()
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  static func text(of file: String) throws -> String {
    String(decoding: try Data(contentsOf: root.appendingPathComponent(file)), as: UTF8.self)
  }
}
