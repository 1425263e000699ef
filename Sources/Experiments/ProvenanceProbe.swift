internal import Foundation
internal import LinearAlgebra
internal import Processes
public import Records

extension Provenance {
  /// The version of optbench.
  public static let version = "0.1.0"

  /// What can be found out about this machine and this build.
  ///
  /// - Parameter hdf5Version: The version of the storage library, which only the storage knows.
  public static func probe(hdf5Version: String, flushDenormals: Bool) -> Provenance {
    var result = Provenance()
    result.optbenchVersion = version
    result.gitRevision = gitRevision()
    result.swiftVersion = compilerVersion
    result.oneDNNVersion = Libraries.oneDNNVersion
    result.hdf5Version = hdf5Version
    result.libcVersion = libcVersion()
    result.cpu = cpuName()
    result.isa = Libraries.instructionSet
    result.kernel = kernelName()
    result.cores = ProcessInfo.processInfo.activeProcessorCount
    result.flushDenormals = flushDenormals
    result.created = ISO8601DateFormatter().string(from: Date())
    return result
  }

  private static var compilerVersion: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  private static func cpuName() -> String {
    #if os(Linux)
      let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      for key in ["model name", "Model", "CPU part"] {
        for line in information.split(separator: "\n") where line.hasPrefix(key) {
          let value = line.drop { $0 != ":" }.dropFirst()
          return value.trimmingCharacters(in: .whitespaces)
        }
      }
      return "unknown"
    #else
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var name = [UInt8](repeating: 0, count: size)
      sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0)
      return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    #endif
  }

  private static func libcVersion() -> String {
    #if canImport(Glibc)
      var name = [CChar](repeating: 0, count: 128)
      guard confstr(Int32(_CS_GNU_LIBC_VERSION), &name, name.count) > 0 else { return "glibc" }
      return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #else
      return "system"
    #endif
  }

  private static func kernelName() -> String {
    var name = utsname()
    uname(&name)
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
  }

  /// The revision at which the checkout stood when the program was built, with `-dirty` if sources
  /// differ from the checkout's present revision; `unknown` for a program installed elsewhere.
  private static func gitRevision() -> String {
    let program = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
      .resolvingSymlinksInPath()
    let folder = program.deletingLastPathComponent().path
    // A program that was copied into another project's checkout has not that project's revision.
    let ownSource = ":/Sources/optbench/OptBench.swift"
    guard git(["ls-files", "--error-unmatch", "--", ownSource], in: folder) != nil else {
      return "unknown"
    }
    let built = (try? FileManager.default.attributesOfItem(atPath: program.path))?[
      .modificationDate]
    let whenBuilt = (built as? Date).map { "HEAD@{\(ISO8601DateFormatter().string(from: $0))}" }
    let revision =
      whenBuilt.flatMap { git(["rev-parse", $0], in: folder) }
      ?? git(["rev-parse", "HEAD"], in: folder)
    guard let revision, !revision.isEmpty else { return "unknown" }
    let sources = [":/Sources", ":/Package.swift"]
    let changes =
      git(["status", "--porcelain", "--untracked-files=no", "--"] + sources, in: folder) ?? ""
    return changes.isEmpty ? revision : revision + "-dirty"
  }

  /// What git answers within `folder`, whatever repository the caller's environment names.
  private static func git(_ arguments: [String], in folder: String) -> String? {
    let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
      .map { "\($0.key)=\($0.value)" }
    let child = ChildProcess.run(
      ["git", "-c", "core.fsmonitor=false", "-C", folder] + arguments, environment: environment,
      seconds: 20)
    guard let child, child.ending == .exited(0) else { return nil }
    return child.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
