import Foundation
import TestSupport
import Testing

/// Pictures as PNG and PDF, by a program that may not be installed.
@Suite struct FigureConversionTests {
  private let result = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/golden.h5").path

  private var isInstalled: Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/rsvg-convert")
    }
  }

  @Test(arguments: [("png", [0x89, 0x50, 0x4E, 0x47] as [UInt8]), ("pdf", Array("%PDF".utf8))])
  func everyPictureIsThereInTheOtherForm(form: String, signature: [UInt8]) throws {
    var contents: [[String: Data]] = []
    for _ in 0..<2 {
      let output = try TemporaryFolder()
      let report = try Optbench.run(
        ["report", result, "--format", "markdown", "--figures", form, "--output", output.path],
        in: output.path)
      // What is said then, another test holds.
      guard isInstalled else {
        #expect(report.status == 2)
        return
      }
      #expect(report.status == 0, "\(report.errors)")
      let folder = output.path + "/figures"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      let pictures = names.filter { $0.hasSuffix(".svg") }
      #expect(!pictures.isEmpty && names.count == 2 * pictures.count)
      var files: [String: Data] = [:]
      for picture in pictures {
        let name = picture.dropLast(3) + form
        files[String(name)] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      #expect(files.values.allSatisfy { $0.starts(with: signature) })
      contents.append(files)
    }
    #expect(contents[0] == contents[1])
  }

  @Test func withoutTheProgramNothingIsWrittenAndOneLineSaysWhatToInstall() throws {
    let output = try TemporaryFolder()
    let report = try Optbench.run(
      ["report", result, "--figures", "pdf", "--output", output.path + "/report"],
      in: output.path, environment: ["PATH": "/nowhere"])
    #expect(report.status == 2)
    #expect(report.errors.contains("rsvg-convert is not installed; install it"))
    #expect(report.errors.split(separator: "\n").count == 1)
    #expect(!FileManager.default.fileExists(atPath: output.path + "/report"))
  }

  @Test func withoutPicturesThereIsNothingToConvert() throws {
    let output = try TemporaryFolder()
    let report = try Optbench.run(
      ["report", result, "--format", "csv", "--figures", "png", "--output", output.path],
      in: output.path)
    #expect(report.status == 2)
    #expect(report.errors.contains("--figures png: the pictures belong to report.md"))
  }
}
