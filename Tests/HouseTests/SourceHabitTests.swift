import Foundation
import TestSupport
import Testing

/// Habits that keep the house in order, checked in every file.
struct SourceHabitTests {
  static let sources = House.files(under: "Sources", endingIn: ["swift", "h", "c"])
  static let tests = House.files(under: "Tests", endingIn: ["swift"])

  @Test func theSourcesAreFound() {
    #expect(Self.sources.count > 40 && Self.tests.count > 20)
  }

  @Test func aFileHolds400LinesAtMost() throws {
    for file in Self.sources + Self.tests {
      let lines = try House.text(of: file).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline
      ).count
      let isListed = House.longFiles[file] != nil
      #expect(
        lines <= 400 || isListed,
        "\(file) has \(lines) lines; divide it or give a reason in House.longFiles")
      #expect(lines > 400 || !isListed, "\(file) has \(lines) lines and needs no reason any more")
    }
    for file in House.longFiles.keys.sorted() {
      #expect(FileManager.default.fileExists(atPath: House.root.appendingPathComponent(file).path))
    }
  }

  @Test(arguments: [
    "Util", "Utils", "Utilities", "Common", "Core", "Helper", "Helpers", "Manager", "Managers",
    "Misc", "Base", "Shared",
  ])
  func noNameSaysNothing(name: String) {
    for file in Self.sources + Self.tests {
      let parts = file.split(separator: "/").map { $0.prefix { $0 != "." && $0 != "+" } }
      let found = parts.contains { $0 == name || ($0.hasSuffix(name) && name.count > 4) }
      #expect(!found, "\(file): name it after what it does, not '\(name)'")
    }
  }

  /// What a source must not contain, with what to do instead.
  @Test(arguments: [
    ("SystemRandomNumberGenerator", "take a seed and use RandomStream"),
    (".random(in:", "take a seed and use RandomStream"),
    (".hashValue", "use Digest; hash values differ from process to process"),
    (".addingProduct(", "write a * b + c; it calls libm in every lane"),
    ("try!", "throw the module's error"),
    ("as! ", "use a conditional cast"),
    ("@testable", "make it package"),
    ("TODO", "do it or file an issue"),
    ("FIXME", "do it or file an issue"),
    ("XXX", "do it or file an issue"),
  ])
  func noSourceContains(text: String, instead: String) throws {
    for file in Self.sources {
      #expect(try !House.text(of: file).contains(text), "\(file) contains \(text): \(instead)")
    }
  }

  @Test func noPathOfOneMachineIsMentioned() throws {
    // In pieces, so that this file does not mention them either.
    let forbidden = [
      "/" + "work/", "../" + "shared", "shared/" + "reference", "shared/" + "oracles",
    ]
    let folders = [
      "Sources", "Tests", "scripts", "docs", "experiments", ".ci", "Makefile", "Package.swift",
      "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    ]
    let binary: Set<String> = ["h5", "gz", "png", "bin", "npz"]
    for file in folders.flatMap({ House.files(under: $0) })
    where !binary.contains(URL(fileURLWithPath: file).pathExtension) {
      let text = try House.text(of: file)
      for path in forbidden {
        #expect(!text.contains(path), "\(file) mentions \(path), which exists on one machine only")
      }
    }
  }

  @Test func everyCHeaderForbidsFusedMultiplication() throws {
    for file in House.files(under: "Sources/CVector", endingIn: ["h"]) {
      #expect(try House.text(of: file).contains("#pragma clang fp contract(off)"), "\(file)")
    }
  }
}
