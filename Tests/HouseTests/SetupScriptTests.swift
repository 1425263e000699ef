import Foundation
import TestSupport
import Testing

/// `scripts/setup.sh` on machines that do not exist: every command it could call is a stand-in.
struct SetupScriptTests {
  @Test func withoutAptItNamesTheOtherPackagesAndEndsWith2() throws {
    let machine = try FakeMachine(swift: "Swift version 6.3.1 (swift-6.3.1-RELEASE)")
    defer { machine.remove() }
    let result = try machine.setup()
    #expect(result.status == 2)
    #expect(result.errors.contains("brew install hdf5 onednn openblas"))
    #expect(result.errors.contains("dnf install hdf5-devel"))
    #expect(result.errors.contains("SKIP_SETUP=1"))
    #expect(try machine.setup(environment: ["SKIP_SETUP": "1"]).status == 0)
  }

  @Test(arguments: [
    ("Swift version 6.1.2 (swift-6.1.2-RELEASE)", "Swift 6.1.2 is too old"),
    ("Apple Swift version 5.10 (swiftlang-5.10.0.13)", "Swift 5.10 is too old"),
    ("something else", "Swift of an unknown version is too old"),
  ])
  func anOldCompilerIsNamedInOneLine(version: String, message: String) throws {
    let machine = try FakeMachine(swift: version)
    defer { machine.remove() }
    let result = try machine.setup()
    #expect(result.status == 2)
    #expect(result.errors == "setup: \(message); optbench needs Swift 6.2 or later\n")
  }

  @Test func withoutACompilerItSaysWhereToGetOne() throws {
    let machine = try FakeMachine(swift: nil)
    defer { machine.remove() }
    let result = try machine.setup()
    #expect(result.status == 2 && result.errors.contains("https://www.swift.org/install"))
  }

  @Test func whereAllIsInstalledItDoesNothing() throws {
    let machine = try FakeMachine(swift: "Swift version 6.2", installed: FakeMachine.packages)
    defer { machine.remove() }
    let result = try machine.setup()
    #expect(result.status == 0 && result.output.isEmpty && result.errors.isEmpty)
    #expect(machine.aptCalls.isEmpty)
  }

  @Test func onlyWhatIsMissingIsInstalled() throws {
    let installed = FakeMachine.packages.filter { $0 != "libdnnl-dev" && $0 != "hdf5-tools" }
    let machine = try FakeMachine(swift: "Swift version 7.0", installed: installed)
    defer { machine.remove() }
    let result = try machine.setup()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("setup: installing hdf5-tools libdnnl-dev with apt-get"))
    #expect(
      machine.aptCalls == [
        "update -q", "install -y -q --no-install-recommends hdf5-tools libdnnl-dev",
      ])
  }

  @Test func continuousIntegrationAlsoGetsTheReaders() throws {
    let machine = try FakeMachine(swift: "Swift version 6.2", installed: FakeMachine.packages)
    defer { machine.remove() }
    let result = try machine.setup(["ci"])
    #expect(result.status == 0)
    #expect(
      machine.aptCalls.last?.hasSuffix(
        "python3-venv r-cran-ncdf4 r-cran-hdf5r octave octave-netcdf chromium librsvg2-bin slurm-wlm munge"
      ) == true
    )
  }

  @Test func anInstallationThatFailsEndsWith2() throws {
    let machine = try FakeMachine(swift: "Swift version 6.2", installed: [], aptStatus: 100)
    defer { machine.remove() }
    let result = try machine.setup()
    #expect(result.status == 2)
    #expect(result.errors.contains("apt-get could not install libhdf5-dev"))
  }

  @Test func everyLibraryOfTheManifestIsInstalled() throws {
    let manifest = try House.text(of: "Package.swift")
    let named = manifest.matches(of: /\.apt\(\[([^\]]*)\]\)/).flatMap { match in
      match.1.split(separator: ",").map { $0.filter { $0 != "\"" && $0 != " " } }
    }
    #expect(named.count >= 6)
    let script = try House.text(of: "scripts/setup.sh")
    for package in named {
      #expect(FakeMachine.packages.contains(package) && script.contains(package), "\(package)")
    }
  }
}

/// A folder of commands that is all of a script's PATH.
private struct FakeMachine {
  static let packages = [
    "libhdf5-dev", "hdf5-tools", "libdnnl-dev", "liblapacke-dev", "libopenblas-dev", "zlib1g-dev",
    "libssl-dev", "libsqlite3-dev", "pkg-config", "dataset-fashion-mnist",
  ]

  private let folder: URL

  /// A machine with the given answer of `swift --version`, and with apt if `installed` is given.
  init(swift: String?, installed: [String]? = nil, aptStatus: Int = 0) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for tool in ["bash", "env", "grep"] {
      let places = ["/usr/bin", "/bin", "/usr/local/bin"].map { "\($0)/\(tool)" }
      let place = try #require(places.first { FileManager.default.fileExists(atPath: $0) })
      try FileManager.default.createSymbolicLink(
        atPath: folder.appendingPathComponent(tool).path, withDestinationPath: place)
    }
    if let swift { try add("swift", "echo '\(swift)'") }
    if let installed {
      let lines = installed.map { "echo '\($0) installed'" }.joined(separator: "\n")
      try add("dpkg-query", "\(lines)\ntrue")
      let log = folder.appendingPathComponent("apt.log").path
      try add("apt-get", "echo \"$*\" >> '\(log)'; [[ $1 == update ]] || exit \(aptStatus)")
      try add("sudo", "exec \"$@\"")
    }
  }

  func setup(
    _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> CommandResult {
    let path = ["PATH": folder.path]
    return try runCommand(
      ["bash", "scripts/setup.sh"] + arguments, in: House.root,
      environment: path.merging(environment) { $1 })
  }

  /// What apt-get was called with.
  var aptCalls: [String] {
    let log = try? String(contentsOf: folder.appendingPathComponent("apt.log"), encoding: .utf8)
    return (log ?? "").split(separator: "\n").map(String.init)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  private func add(_ name: String, _ body: String) throws {
    let file = folder.appendingPathComponent(name)
    let bash = folder.appendingPathComponent("bash").path
    try "#!\(bash)\n\(body)\n".write(to: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }
}
