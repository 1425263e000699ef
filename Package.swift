// swift-tools-version: 6.2
import PackageDescription

/// Targets whose inner loops would make a debug build unusable are optimised in debug as well:
/// kernels are 50–200 times slower without.
let optimizedInDebug: [SwiftSetting] = [
  .unsafeFlags(["-O"], .when(configuration: .debug))
]

let package = Package(
  name: "optbench",
  products: [.executable(name: "optbench", targets: ["optbench"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // L0: C headers and system libraries.
    .target(name: "CVector"),
    .target(name: "CProcess"),
    .systemLibrary(
      name: "COneDNN",
      providers: [.apt(["libdnnl-dev"]), .brew(["onednn"]), .yum(["onednn-devel"])]),
    .systemLibrary(
      name: "CLAPACK", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev", "libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"]), .yum(["zlib-devel"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5",
      providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"]), .yum(["hdf5-devel"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"]), .yum(["openssl-devel"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"]), .yum(["sqlite-devel"])]),

    // L1
    .target(name: "Tensors", dependencies: ["CVector"], swiftSettings: optimizedInDebug),
    .target(
      name: "LinearAlgebra", dependencies: ["COneDNN", "CLAPACK"],
      swiftSettings: optimizedInDebug),
    .target(name: "Settings", dependencies: ["Yams"]),
    .target(name: "HDF5", dependencies: ["CHDF5"]),
    .target(name: "Records"),
    .target(name: "Files", dependencies: ["CProcess"]),
    .target(name: "Processes", dependencies: ["CProcess"]),
    .target(name: "Digests", dependencies: ["CCrypto", "CZlib"]),

    // L2
    .target(
      name: "Networks", dependencies: ["Tensors", "LinearAlgebra", "Settings", "COneDNN"],
      swiftSettings: optimizedInDebug),
    .target(
      name: "Optimizers", dependencies: ["Tensors", "LinearAlgebra", "Settings", "CVector"],
      swiftSettings: optimizedInDebug),
    .target(name: "Statistics", dependencies: ["Tensors"], swiftSettings: optimizedInDebug),
    .target(name: "Storage", dependencies: ["Records", "HDF5", "Digests", "Files"]),

    // L3
    .target(
      name: "Problems",
      dependencies: [
        "Networks", "Tensors", "LinearAlgebra", "Settings", "HDF5", "CZlib", "Digests", "Files",
        "Processes",
      ],
      resources: [.copy("Resources")], swiftSettings: optimizedInDebug),
    .target(name: "Analysis", dependencies: ["Records", "Statistics", "Settings", "Tensors"]),

    // L4
    .target(
      name: "Experiments",
      dependencies: [
        "Optimizers", "Problems", "Networks", "Analysis", "Statistics", "Records", "Settings",
        "Tensors", "LinearAlgebra", "Digests", "Processes",
      ], swiftSettings: optimizedInDebug),
    .target(
      name: "Importers",
      dependencies: [
        "Analysis", "Optimizers", "Storage", "Records", "Settings", "Digests", "Files", "CSQLite",
      ]),
    .target(
      name: "Reports", dependencies: ["Analysis", "Records", "Digests", "Files"],
      // In the program, which then writes pages wherever it lies.
      resources: [
        .embedInCode("Page/page.css"), .embedInCode("Page/page.js"), .embedInCode("Page/runs.js"),
      ]),

    // L5
    .executableTarget(
      name: "optbench",
      dependencies: [
        "Experiments", "Importers", "Reports", "Analysis", "Storage", "Records", "Settings",
        "Problems", "Networks", "Optimizers", "LinearAlgebra", "Files", "Processes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "optbench-perf",
      dependencies: [
        "Experiments", "Reports", "Storage", "Records", "Settings", "Problems", "Optimizers",
        "Statistics", "LinearAlgebra", "Processes", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests
    .target(name: "TestSupport", dependencies: ["Settings"], path: "Tests/TestSupport"),
    .target(name: "CallCount", path: "Tests/CallCount"),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors", "LinearAlgebra", "Digests", "TestSupport"],
      exclude: ["Oracles"]),
    .testTarget(name: "SettingsTests", dependencies: ["Settings", "TestSupport"]),
    .testTarget(
      name: "NetworksTests",
      dependencies: ["Networks", "Tensors", "LinearAlgebra", "Settings", "TestSupport"],
      exclude: ["Oracles"], swiftSettings: optimizedInDebug),
    .testTarget(
      name: "ProblemsTests",
      dependencies: ["Problems", "Networks", "Tensors", "Settings", "CZlib", "TestSupport"],
      exclude: ["Oracles"]),
    .testTarget(
      name: "OptimizersTests",
      dependencies: ["Optimizers", "Tensors", "Settings", "TestSupport"], exclude: ["Oracles"]),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics", "Tensors", "TestSupport"],
      exclude: ["Oracles"]),
    .testTarget(
      name: "StorageTests",
      dependencies: ["Storage", "Records", "HDF5", "Digests", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "AnalysisTests",
      dependencies: [
        "Analysis", "Reports", "Records", "Settings", "Statistics", "Tensors", "TestSupport",
      ], exclude: ["Golden"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Analysis", "Optimizers", "Problems", "Networks", "Records", "Storage",
        "Reports", "Settings", "Tensors", "LinearAlgebra", "CallCount", "TestSupport",
      ], exclude: ["External", "Oracles"]),
    .testTarget(
      name: "ImportersTests",
      dependencies: [
        "Importers", "Analysis", "Experiments", "Reports", "Storage", "Records", "Settings",
        "TestSupport",
      ], exclude: ["Samples"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "Processes", "TestSupport"]),
    .testTarget(
      name: "CommandTests",
      dependencies: ["optbench", "Reports", "Storage", "Records", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(name: "HouseTests", dependencies: ["TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)

// What proves the gate (`make soak`): mutants of everything that a run is made of, in no other build.
if Context.environment["OPTBENCH_SOAK"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "optbench-soak",
      dependencies: [
        "Experiments", "Reports", "Analysis", "Storage", "Statistics", "Records", "Settings",
        "Problems", "Optimizers", "LinearAlgebra", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Tests/Soak"))
  package.targets.append(
    .executableTarget(
      name: "optbench-fuzz",
      dependencies: [
        "Experiments", "Analysis", "Storage", "Records", "Settings", "Problems", "Digests",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Tests/Fuzz"))
}

let houseSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
for target in package.targets where target.type == .regular || target.type == .executable {
  if ["CVector", "CProcess", "TestSupport", "CallCount"].contains(target.name) { continue }
  target.swiftSettings =
    (target.swiftSettings ?? []) + houseSettings + [.treatAllWarnings(as: .error)]
}
