import Foundation
import TestSupport
import Testing

/// Imports only point down: the plan, the manifest and every import line agree.
struct LayeringTests {
  struct Manifest: Decodable {
    struct Target: Decodable {
      let name, type, path: String
      let targetDependencies, productDependencies: [String]?

      var dependencies: Set<String> {
        Set((targetDependencies ?? []) + (productDependencies ?? []))
      }
    }
    let targets: [Target]

    static func read() throws -> Manifest {
      // Without the flag it waits for the lock that `swift test` holds.
      let result = try runCommand(
        ["swift", "package", "--ignore-lock", "describe", "--type", "json"], in: House.root)
      try #require(result.status == 0, "\(result.errors)")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Manifest.self, from: Data(result.output.utf8))
    }
  }

  @Test func thePlanOnlyPointsDown() {
    for module in House.modules {
      for name in module.mayImport where !House.packages.contains(name) {
        let level = House.levels[name]
        #expect(level != nil, "\(module.name) may import \(name), which is not in the plan")
        #expect(
          level ?? .max < module.level, "\(module.name) may not import \(name) sideways or up")
      }
    }
  }

  @Test func theManifestFollowsThePlan() throws {
    let targets = try Manifest.read().targets
    let built = targets.filter { $0.type != "test" && !$0.path.hasPrefix("Tests/") }
    #expect(
      built.map(\.name).sorted() == House.modules.map(\.name).sorted(),
      "the manifest's targets and the plan of Tests/HouseTests/House.swift differ")
    for module in House.modules {
      let target = try #require(built.first { $0.name == module.name })
      let more = target.dependencies.subtracting(module.mayImport).sorted()
      #expect(more.isEmpty, "\(module.name) depends on \(more), which the plan does not allow")
    }
  }

  @Test func everyImportLineFollowsThePlanAndTheManifest() throws {
    let targets = try Manifest.read().targets
    for module in House.modules {
      let declared = try #require(targets.first { $0.name == module.name }).dependencies
      let files = House.files(under: "Sources/\(module.name)", endingIn: ["swift"])
      #expect(module.level == 0 || !files.isEmpty, "\(module.name) has no sources")
      let system = module.system.union(["Synchronization"])
      for file in files {
        for name in try importedModules(file) where !system.contains(name) {
          #expect(module.mayImport.contains(name), "\(file) may not import \(name)")
          #expect(declared.contains(name), "\(file) imports \(name), which is not declared")
        }
      }
    }
  }

  @Test func testsImportWhatTheirTargetDeclares() throws {
    let allowed: Set<String> = [
      "Testing", "Foundation", "FoundationEssentials", "FoundationXML", "Synchronization",
      "Dispatch",
    ]
    for target in try Manifest.read().targets where target.type == "test" {
      for file in House.files(under: target.path, endingIn: ["swift"]) {
        let names = try importedModules(file).subtracting(allowed).subtracting(House.platform)
        #expect(
          names.isSubset(of: target.dependencies),
          "\(file) imports \(names.subtracting(target.dependencies)), which is not declared")
      }
    }
  }

  @Test func importLinesAreUnderstood() {
    let lines = [
      ("import Tensors", "Tensors"), ("  internal import CHDF5", "CHDF5"),
      ("@preconcurrency public import Yams", "Yams"),
      ("import struct Foundation.URL", "Foundation"),
      ("package import  Records // why", "Records"), ("import Foundation.NSURL", "Foundation"),
    ]
    for (line, module) in lines { #expect(importedModule(in: Substring(line)) == module) }
    for line in ["// import Tensors", "let x = important", "important", "", "import"] {
      #expect(importedModule(in: Substring(line)) == nil)
    }
  }

  private func importedModules(_ file: String) throws -> Set<String> {
    let lines = try House.text(of: file).split(whereSeparator: \.isNewline)
    return Set(lines.compactMap(importedModule))
  }
}
